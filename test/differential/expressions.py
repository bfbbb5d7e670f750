"""Makes expressions and templates out of a grammar and a list, asks the real Ansible and Jinja2 for their answers, and prints these as JSON. See generate.mjs."""
import json
import os
import random
import sys
import types

os.environ["TZ"] = "UTC"
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.display import Display
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.runtime import Undefined

Display.warning = Display.deprecated = lambda *args, **kwargs: None
random.seed(20)
pick = random.choice

CONTEXT = {
    "n": 7, "zero": 0, "neg": -3, "f": 2.5, "big": 123456789, "t": True, "no": False, "nil": None,
    "s": "hello world", "w": "Ansible", "e": "", "num": "42", "path": "/etc/app/conf.d/a.conf", "csv": "a,b,,c", "u": "Größe",
    "l": [3, 1, 2], "ls": ["pear", "apple", "fig"], "le": [], "mix": [1, "a", None, True, 2.0], "ll": [[1, 2], [3], []],
    "d": {"b": 1, "a": 2}, "de": {}, "dd": {"x": {"y": {"z": 5}}, "l": [1, {"k": "v"}]},
    "people": [
        {"name": "ada", "age": 36, "tags": ["x", "y"], "on": True},
        {"name": "bob", "age": 41, "tags": [], "on": False},
        {"name": "cy", "age": 29, "tags": ["y"]},
    ],
    "version": "1.10.2",
}


def num(k):
    if k <= 0:
        return pick(["n", "zero", "neg", "f", "3", "10", "0.5", "2", "1e3", "num|int"])
    a, b = num(k - 1), num(k - 1)
    return pick([
        f"({a} + {b})", f"({a} - {b})", f"({a} * {b})", f"({a} / {b})", f"({a} // {b})", f"({a} % {b})", f"({a} ** 2)", f"-{a}",
        f"({a})|abs", f"({a})|round(1)", f"({a})|round|int", f"({a})|float", f"({a})|int", f"({string(k - 1)})|length", f"({lst(k - 1)})|length",
        f"({lst(k - 1)})|sum", f"[{a}, {b}]|max", f"[{a}, {b}]|min", f"({string(k - 1)})|int(default={pick([-1, 0, 5])})", f"({a} if {boolean(k - 1)} else {b})",
        f"({lst(k - 1)})|first", f"({lst(k - 1)})[{pick([0, -1, 1])}]", f"({string(k - 1)}).find('o')", f"({string(k - 1)}).count('l')",
        f"({a})|round(0, '{pick(['floor', 'ceil', 'common'])}')", f"({a})|log(10)", f"({a})|pow(2)", f"({a})|root",
    ])


def string(k):
    if k <= 0:
        return pick(["s", "w", "e", "num", "path", "csv", "u", "'x'", "\"a'b\"", "'%s-%03d'", "'A\\nb'", "version"])
    a, b = string(k - 1), string(k - 1)
    return pick([
        f"({a} ~ {anything(k - 1)})", f"({a} + {b})", f"({a})|upper", f"({a})|lower", f"({a})|title", f"({a})|capitalize", f"({a})|trim", f"({a})|reverse",
        f"({a})|replace('l', 'L')", f"({a})[1:4]", f"({a})[::-1]", f"({a}) * 2", f"({a})|truncate(5, true, '.')", f"({a})|center(15)", f"({a})|wordwrap(4)",
        f"({a})|indent(2)", f"({a})|regex_replace('[aeiou]', '<\\\\g<0>>')", f"({a})|regex_search('[a-z]+')", f"({a})|b64encode", f"({a})|hash('md5')",
        f"({a})|sha1", f"({a})|quote", f"({a})|basename", f"({a})|dirname", f"({a})|splitext|last", f"({lst(k - 1)})|join('-')", f"({anything(k - 1)})|string",
        f"({anything(k - 1)})|to_json", f"({a})|default('d', true)", f"({a})|regex_escape", f"({a})|comment", f"({a})|urlencode", f"({a})|e", f"({anything(k - 1)})|to_nice_json(indent=2)",
        f"({a}).split('o')[0]", f"({a}).strip('h')", f"({a})|checksum", f"({a}).upper()", f"({a}).startswith('h')|string", f"({a})|ternary('yes', 'no')",
        f"'%s and %s'|format({anything(k - 1)}, {a})", f"'{{}}:{{}}'.format({num(k - 1)}, {a})", f"({num(k - 1)})|human_readable", f"({a}).zfill(9)", f"({a}).join(['1', '2'])",
        f"({a})|to_uuid", f"({anything(k - 1)})|type_debug", f"({dct(k - 1)})|to_yaml", f"({a})|striptags", f"({a})|wordcount|string", f"({a})|win_basename",
    ])


def lst(k):
    if k <= 0:
        return pick(["l", "ls", "le", "mix", "ll", "[1, 2, 3]", "range(4)|list", "(1, 'b')", "people", "d|list"])
    a, b = lst(k - 1), lst(k - 1)
    return pick([
        f"({a} + {b})", f"({a})|sort", f"({a})|reverse|list", f"({a})|unique", f"({a})|unique|list", f"({a}|union({b}))|sort", f"({a}|intersect({b}))|sort", f"({a}|difference({b}))|sort",
        f"({a}|symmetric_difference({b}))|sort", f"({a})|map('string')|list", f"({a})|select('number')|list", f"({a})|reject('none')|list", f"({a})|flatten", f"({a})|flatten(levels=1)",
        f"({a})|zip({b})|list", f"({a})|batch(2)|list", f"({a})|slice(2)|list", f"({string(k - 1)}).split(',')", f"({string(k - 1)})|list", f"({dct(k - 1)})|dict2items",
        f"({dct(k - 1)}).keys()|list", f"({dct(k - 1)}).values()|list", f"({dct(k - 1)}).items()|list", f"people|map(attribute='{pick(['name', 'age', 'tags', 'on'])}', default=none)|list",
        f"people|selectattr('{pick(['on', 'tags'])}', '{pick(['defined', 'truthy', 'falsy'])}')|list", f"people|sort(attribute='age', reverse={pick(['true', 'false'])})|map(attribute='name')|list",
        f"people|groupby('on', default=false)|list", f"people|rejectattr('age', 'gt', {num(k - 1)})|map(attribute='name')|list", f"({a})|product({b})|list", f"({a})[:{pick([1, 2, -1])}]",
        f"({a})|combinations(2)|list", f"({a})|permutations(2)|list", f"({a})|zip_longest({b}, fillvalue='-')|list", f"({a}) * 2", f"({a})|json_query('x')" if False else f"({a})|list",
        f"({string(k - 1)})|regex_findall('[a-z]')", f"({string(k - 1)})|split('/')", f"[{anything(k - 1)}, {anything(k - 1)}]", f"({a})|map('upper')|list", f"dict(({a})|zip({b}))|list",
        f"({a})|map('int', default=0)|list", f"({a})|select('in', {b})|list", f"(people|subelements('tags'))|map('last')|list", f"({a})|sort(reverse=true)", f"({a})|shuffle(seed='x')",
    ])


def dct(k):
    if k <= 0:
        return pick(["d", "de", "dd", "{'k': 1}", "people[0]", "{'b': 3, 'c': 4}"])
    a, b = dct(k - 1), dct(k - 1)
    return pick([
        f"({a})|combine({b})", f"({a})|combine({b}, recursive=true)", f"({a})|dictsort", f"({a})|dict2items|items2dict", f"dict({a})", f"{{'q': {anything(k - 1)}}}",
        f"({a})|dictsort(by='value')", f"dict({lst(k - 1)}|zip({lst(k - 1)}))", f"({a})|combine({b}, list_merge='append')", f"({a})|to_json|from_json",
        f"people|items2dict(key_name='name', value_name='age')", f"({a})|to_yaml|from_yaml", f"dict(x={anything(k - 1)})",
    ])


def boolean(k):
    if k <= 0:
        return pick(["t", "no", "true", "false", "nil", "n", "e", "le"])
    a, b = anything(k - 1), anything(k - 1)
    return pick([
        f"({a} == {b})", f"({a} != {b})", f"({num(k - 1)} < {num(k - 1)})", f"({num(k - 1)} >= {num(k - 1)})", f"({a} in {lst(k - 1)})", f"({string(k - 1)} in {string(k - 1)})",
        f"(not {a})", f"({a} and {b})", f"({a} or {b})", f"({a} is defined)", f"(nobody is {pick(['defined', 'undefined', 'not defined'])})", f"({a} is {pick(['none', 'string', 'number', 'mapping', 'iterable', 'sequence', 'boolean', 'integer', 'float', 'callable'])})",
        f"({num(k - 1)} is {pick(['odd', 'even'])})", f"({num(k - 1)} is divisibleby 3)", f"({string(k - 1)} is match('h.*'))", f"({string(k - 1)} is search('o'))", f"({string(k - 1)} is regex('^A'))",
        f"({pick(['l', 'ls', 'le'])} is subset({pick(['l', 'ls', 'mix'])}))", f"({lst(k - 1)} is contains({a}))", f"({lst(k - 1)} is any)", f"({lst(k - 1)} is all)", f"(version is version('{pick(['1.9', '1.10.2', '1.11', '2'])}', '{pick(['<', '>=', 'eq', 'ne'])}'))",
        f"({a})|bool", f"({a} is truthy)", f"({a} is falsy)", f"({a} is sameas {b})", f"({string(k - 1)} is lower)", f"({num(k - 1)} < {string(k - 1)})", f"({a} is {pick(['eq', 'ne'])}({b}))",
        f"({dct(k - 1)}.x is defined)", f"('b' in {dct(k - 1)})", f"({pick(['l', 'ls', 'mix'])} is superset({pick(['l', 'le'])}))", f"(1 < {num(k - 1)} < 9)",
    ])


def anything(k):
    return pick([num, string, lst, dct, boolean])(k)


def template(k):
    a, b = anything(k), string(k)
    return pick([
        f"{{{{ {a} }}}} and {{{{ {b} }}}}",
        f"{{% if {boolean(k)} %}}yes{{% elif {boolean(k)} %}}maybe{{% else %}}no{{% endif %}}",
        f"{{% for x in {lst(k)} %}}{{{{ loop.index }}}}:{{{{ x }}}}{{{{ '' if loop.last else ', ' }}}}{{% else %}}none{{% endfor %}}",
        f"{{% for x in {lst(k)} if x %}}[{{{{ x }}}}|{{{{ loop.revindex0 }}}}|{{{{ loop.first }}}}]{{% endfor %}}",
        f"{{% for k, v in ({dct(k)}).items() %}}{{{{ k }}}}={{{{ v }}}};{{% endfor %}}",
        f"{{% set x = {a} %}}<{{{{ x }}}}>{{% set y %}}in{{{{ x }}}}{{% endset %}}{{{{ y|upper }}}}",
        f"a {{#- gone -#}} b {{%- if {boolean(k)} -%}}  c  {{%- endif %}} d",
        f"{{% macro m(x, y='d') %}}({{{{ x }}}},{{{{ y }}}}){{% endmacro %}}{{{{ m({a}) }}}}{{{{ m(1, y={b}) }}}}",
        f"{{% filter upper %}}text {{{{ {b} }}}}{{% endfilter %}}",
        f"{{% raw %}}{{{{ x }}}}{{% endraw %}}{{{{ {a} }}}}",
        f"{{% set ns = namespace(c=0) %}}{{% for x in {lst(k)} %}}{{% set ns.c = ns.c + 1 %}}{{% endfor %}}{{{{ ns.c }}}}",
        f"{{% with q = {a} %}}{{{{ q }}}}{{% endwith %}}\n",
        f"{{% for row in {lst(k)}|batch(2, '-') %}}{{{{ row|join(' ') }}}}/{{% endfor %}}",
        f"line\n{{% if {boolean(k)} %}}\n  in\n{{% endif %}}\nend\n",
        f"{{% for x in {lst(k)} %}}{{{{ loop.cycle('odd', 'even') }}}} {{{{ loop.changed(x) }}}} {{% endfor %}}",
    ])


HAND = """n // 2|n % -3|-7 // 2|-7 % 3|7.0 // 2|2 ** -1|2 ** 0.5|10 ** 20|1 / 3|1e16|1e15|1.0|100000.0 * 100000000000|0.1 + 0.2|3 | float|'3.0' | float|'x' | int|'0x1f' | int(base=16)|true + 1|true == 1|1 == 1.0|'1' == 1|none == false|[] == ()|{} == []|'a' < 'b'|[1, 2] < [1, 3]|'ß' | upper|'İ' | lower|'ǆ' | title|"it's" | title|'%5.2f|%-5s|%x|%o|%e|%g|%%' | format(3.14159, 'ab', 255, 8, 12345.678, 0.0001)|'%r' | format('a')|'{:>5}|{:<5}|{:^5}' .format('a', 'b', 'c')|'{:,}'.format(1234567)|'{:.2%}'.format(0.1234)|'{0[a]} {1.real}'.format({'a': 1}, 2)|'a-b_c d'|replace('-', '')|'abc'[10:]|'abc'[-2:]|[1, 2, 3][::2]|(1, 2)|(1,)|()|{'a': (1, 2)}|none|[none, true]|'a' 'b'|"\\t|\\\\"|'\\x41\\u00e9'|1_000|0o17|0b101|0xff|nobody | default(1)|nobody.x.y | default('deep')|d.nobody | default('attr')|d['nobody'] | default('item')|(nobody | default(none)) is none|dd.x.y.z|dd['x']['y'].z|dd.l[1].k|dd.l.1.k|people[0].name|people.0.tags.1|people[-1]['age']|people|length|people | map(attribute='tags') | flatten | unique | sort|people | map(attribute='age') | sum|people | sum(attribute='age')|people | sum(attribute='age', start=10)|people | max(attribute='age')|people | min(attribute='name')|people | map(attribute='tags.0', default='-') | list|ls | sort | first|ls | random(seed='a')|l | shuffle(seed='b')|range(5) | random(seed=3)|ls | map('length') | list|ls | map('regex_replace', '^(.)', '\\\\1\\\\1') | list|ls | select('match', 'a|f') | list|'a b' | urlencode|{'a': 'b c', 'd': 1} | urlencode|'<a href="x">' | e|'<p>x</p> y' | striptags|'abc' | md5|'abc' | sha1|'abc' | hash('sha256')|'abc' | password_hash('sha512', 'saltsalt')|'abc' | b64encode | b64decode|'YQ==' | b64decode|'a\\nb' | indent(4, true)|'one two three four' | wordwrap(9)|'hello' | center(11)|'x' | comment('c')|'x\\ny' | comment|1234567 | filesizeformat|1234567 | filesizeformat(true)|1048576 | human_readable|8388608 | human_readable(unit='M')|'1.5G' | human_to_bytes|'10 KB' | human_to_bytes|'/a/b.tar.gz' | splitext|'/a/../b' | realpath|'/a/b/c' | relpath('/a')|['/a', 'b'] | path_join|'~/x' | expanduser | basename|'c:\\\\x\\\\y' | win_basename|'c:\\\\x\\\\y' | win_splitdrive|'a=1' | regex_search('(\\\\w)=(\\\\d)', '\\\\1', '\\\\2')|'a1b22' | regex_findall('\\\\d+')|'x.y' | regex_escape|'Foo' | regex_replace('foo', 'bar', ignorecase=true)|'a\\nb' | regex_replace('^', '- ', multiline=true)|'2024-03-01' | to_datetime('%Y-%m-%d')|('2024-03-01' | to_datetime('%Y-%m-%d')).year|(('2024-03-02' | to_datetime('%Y-%m-%d')) - ('2024-02-28' | to_datetime('%Y-%m-%d'))).days|'%Y-%m-%d' | strftime(0)|'%H:%M:%S' | strftime(3661)|'%j %a %b' | strftime(86400)|'a,b' | split(',')|'a b  c' | split|{'a': 1} | dict2items(key_name='k', value_name='v')|[{'k': 1, 'v': 2}] | items2dict(key_name='k', value_name='v')|[{'a': 1, 'b': 2}, {'a': 3, 'b': 4}] | items2dict('a', 'b')|{'a': {'x': 1}} | combine({'a': {'y': 2}}, recursive=true)|{'a': [1]} | combine({'a': [2]}, list_merge='append')|{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='append_rp')|{'a': [1]} | combine({'a': [2]}, list_merge='prepend')|[{'a': 1}, {'b': 2}] | combine|{'a': 1} | to_yaml|{'a': [1, {'b': none}]} | to_nice_yaml|[1, 'a', true, none] | to_json|{'ü': 1.0} | to_json|{'b': 1, 'a': 2} | to_nice_json|'{"a": [1, 2.5, null]}' | from_json|'a: [1, yes, ~]' | from_yaml|'a: 1\\n---\\nb: 2' | from_yaml_all | list|'x' is string|1 is number|1.0 is float|true is integer|none is none|[] is sequence|'' is sequence|{} is mapping|'/etc' is directory|'/etc/passwd' is file|'/nope' is exists|'/' is abs|'a' is in ['a']|1 is lt 2|1 is ge(1)|'1.2' is version('1.10', '<')|'1.2-rc1' is version('1.2', '<', version_type='semver')|'1.2.3' is version('1.2', '>')|{'failed': true} is failed|{'changed': true} is changed|{'skipped': true} is skipped|{'rc': 0} is succeeded|'https://a.b/c?d=e#f' | urlsplit|'https://u:p@h:80/x' | urlsplit('port')|'https://h/x' | urlsplit('hostname')|'a b' | quote|"a'b" | quote|'' | quote|ls | zip(l) | list|ls | zip(l) | map('join', '=') | list|dict(ls | zip(l))|[1, [2, [3, [4]]]] | flatten(1)|[1, none, [none]] | flatten|[1, none] | flatten(skip_nulls=false)|[3, 'a'] | sort|['b', 'A', 'c'] | sort|['b', 'A', 'c'] | sort(case_sensitive=true)|{'b': 1, 'A': 2} | dictsort|[1, 1, 2] | unique|['a', 'A'] | unique|['a', 'A'] | unique(case_sensitive=true)|[[1], [1]] | unique|'abc' | list|'abc' | first|'' | first|[] | last|[] | max|[] | sum|'abc' | reverse|[1, 2, 3] | batch(2) | list|[1, 2, 3] | batch(2, 0) | list|range(7) | slice(3) | map('list') | list|range(10, 0, -3) | list|range(3) | length|'a' in d|d.keys() | list|d.items() | list|d | list|d | length|d.values() | list | sort|(d | dict2items | sort(attribute='key') | first).value|'yes' | bool|'off' | bool|'1' | bool|2 | bool|'x' | bool|none | bool|'a' | ternary('t', 'f')|none | ternary('t', 'f', 'n')|'' | default('d')|'' | default('d', true)|none | default('d')|false | default('d', true)|1 if t|1 if no|(1 if no) is defined|[1, 2] | join|[1, [2]] | join(',')|people | join(', ', attribute='name')|people | groupby('on', default='?') | map('first') | list|people | selectattr('age', 'gt', 30) | map(attribute='name') | list|people | selectattr('name', 'in', ['ada']) | list | length|people | rejectattr('tags') | map(attribute='name') | list|people | selectattr('tags', 'contains', 'x') | map(attribute='name') | list|people | json_query('[0]')|[1, 2, 3] | permutations | list | length|[1, 2, 3] | combinations(2) | list|[[1, 2], ['a']] | product | list|ls | product | list|3 | pow(2)|8 | log(2)|8 | root(3)|[1, 2, 2] | symmetric_difference([2, 3]) | sort|lookup('list', [1, 2])|lookup('items', [1, [2]])|query('items', [1, [2]])|lookup('dict', {'a': 1})|query('dict', {'a': 1})|lookup('sequence', 'start=1 end=3')|query('sequence', 'start=1 end=3 format=x%02d')|query('nested', [1], [2, 3])|query('together', [1, 2], [3])|query('indexed_items', ['a'])|query('subelements', people, 'tags') | map('last') | list|lookup('env', 'NOBODY_SET_THIS') | default('-', true)|lookup('pipe', 'printf x')|lookup('nobody')|x | nofilter|1 is notest|1 +|'a' + 1|[] + 1|{} | first|n.x|s.upper|s.nobody|w[0]|w[99]|l[99]|l['a']|none.x|-none|'a' * 'b'|1 in 2|zero / zero|1 % 0|'a' | abs|'abc' | round|[1] | int|none | int|none | length|5 | length|nobody|nobody + 1|nobody ~ 'x'|not nobody|nobody == 1|nobody | length|[nobody]|{'a': nobody}|nobody | upper|nobody is string|loop|undef(hint='x')|'a' | mandatory|nobody | mandatory|'x' | extract({'x': 1})|['a', 'b'] | map('extract', {'a': 1, 'b': 2}) | list|0 | extract([5])|'a' | extract({'a': {'b': 3}}, 'b')|{'a': 1} | random|'x' | type_debug|1 | type_debug|people | type_debug|(1, 2) | type_debug|none | type_debug|1.5 | type_debug|d.items() | type_debug|[1,2] | zip_longest([3], fillvalue=0) | list|'a' | to_uuid|'ab' | to_uuid(namespace='6ba7b810-9dad-11d1-80b4-00c04fd430c8')|'file' | win_dirname|'a;b' | split(';') | map('upper') | join('+')|'%d' % 3|'%s %s' % (1, 'a')|'a' is match 'a'|'A' is match('a', ignorecase=true)|'ba' is search('^a')|'b\\na' is search('^a', multiline=true)|1 is same_as 1|t is true|t is boolean|no is false|l is iterable|s is iterable|n is callable|[1, 2] is contains 1|[2, 1] is subset [1, 2, 3]|[true, 0] is any|[true, 0] is all|'x' is vault_encrypted|{'started': 1} is started|{'finished': 1} is finished|'AbC' | swapcase|'AbC'.swapcase()|'abc'.title()|'a,b'.split(',', 1)|'a b c'.rsplit(' ', 1)|'abc'.partition('b')|' a '.strip()|'abc'.index('c')|'abc'.index('z')|'abc'.isalpha()|'12'.isdigit()|'abc'.endswith(('c', 'd'))|d.get('zz')|d.get('zz', 5)|d.pop('zz', 1)|[1, 2].index(2)|[1, 2].count(1)|[1].append(2)|'a'.join('bc')|'x'.ljust(3) ~ '|'|'a\\nb'.splitlines()|'%(a)s' | format(a=1)|"{{ x }}"|'{% if %}'"""


def hand():
    found, depth = [], ""
    # the list is parted at bars that have no blank at their sides: those with blanks are filters
    for part in HAND.split("|"):
        if depth == "":
            depth = part
        elif depth.endswith(" ") or part.startswith(" ") or balance(depth):
            depth += "|" + part
        else:
            found.append(depth)
            depth = part
    return [*found, depth]


def balance(text):
    return text.count("'") % 2 == 1 or text.count('"') % 2 == 1 or text.count("(") != text.count(")")


templar = Templar(DataLoader(), variables=CONTEXT)
environment = templar.environment
GLOBALS = {**DEFAULT_NAMESPACE, "lookup": templar._lookup, "query": templar._query_lookup, "q": templar._query_lookup}
environment.keep_trailing_newline = False
environment.finalize = None  # so None is shown, as Jinja2 and ansible-core 2.19 show it


def ask(kind, source):
    context = {**GLOBALS, **json.loads(json.dumps(CONTEXT))}
    try:
        if kind == "expression":
            value = environment.compile_expression(source, undefined_to_none=False)(**context)
        else:
            made = environment.from_string(source)
            value = "".join(map(str, made.root_render_func(made.new_context(context))))
    except BaseException as error:
        return None
    if isinstance(value, Undefined):
        return None
    if isinstance(value, (types.GeneratorType, zip, map, filter)) or callable(value):
        return False
    try:
        text = str(value)
    except BaseException:
        return None
    if " at 0x" in text or "AnsibleUndefined" in text or "Undefined" in text or len(text) > 400 or contains_set(value):
        return False
    names = {"AnsibleUnicode": "str", "NativeJinjaText": "str", "Markup": "str", "AnsibleUnsafeText": "str", "AnsibleSequence": "list", "AnsibleMapping": "dict"}
    name = type(value).__name__
    return [names.get(name, name), text]


def contains_set(value):
    if isinstance(value, (set, frozenset)):
        return True
    if isinstance(value, dict):
        return any(contains_set(each) for each in value.values())
    return isinstance(value, (list, tuple)) and any(contains_set(each) for each in value)


def main(expressions, templates):
    cases, seen = [], set()

    def add(kind, source):
        if source in seen or len(source) > 160:
            return False
        seen.add(source)
        answer = ask(kind, source)
        if answer is False:
            return False
        cases.append([kind[0], source, *(answer or [])])
        return True

    for source in hand():
        add("expression", source)
    errors = 0
    for kind, count in (("expression", expressions), ("template", templates)):
        made = 0
        while made < count:
            source = anything(pick([1, 1, 2])) if kind == "expression" else template(pick([0, 1]))
            if not add(kind, source):
                continue
            # errors are plenty: one in four is kept
            if len(cases[-1]) == 2 and random.random() > 0.25:
                cases.pop()
                continue
            made += 1
    rows = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    print(f'{{"context": {json.dumps(CONTEXT, ensure_ascii=False)}, "cases": [\n{rows}\n]}}')


def listed():
    """Answers for the expressions of arguments.txt."""
    with open(os.path.join(os.path.dirname(__file__), "arguments.txt"), encoding="utf-8") as lines:
        sources = [line.strip() for line in lines if line.strip()]
    answers = [(source, ask("expression", source)) for source in sources]
    rows = [json.dumps(["e", source, *(answer or [])], ensure_ascii=False) for source, answer in answers if answer is not False]
    print("[\n" + ",\n".join(rows) + "\n]")


sys.stderr = open(os.devnull, "w")
if sys.argv[1:] == ["arguments"]:
    listed()
else:
    main(2400, 600)
