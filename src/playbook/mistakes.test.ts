import { expect, test } from 'vitest'
import { complaints } from './tree.ts'

test('all mistakes of all files are told at once, each with its place', () => {
  const files = {
    'site.yml': `- hosts: all
  becom: yes
  tasks:
    - name: Greet
      copy:
        dst: /etc/motd
        content: hello
    - copi: src=a dest=b
    - apt: name=curl state=newest
      become: maybe
    - import_tasks: more.yml
    - command: ls
      debug: msg=x
    - debug: msg={{ x | nosuch }}
`,
    'more.yml': `- shell: ls
  retries: many
- meta: flush_handler
`,
  }
  expect(complaints(files)).toBe(`error: unknown key \`becom\` of a play
  --> site.yml:2:3
2 |   becom: yes
  |   ^^^^^
hint: did you mean \`become\`?

error: copy needs the argument \`dest\`
  --> site.yml:5:7
5 |       copy:
  |       ^^^^
hint: Where to.

error: copy has no argument \`dst\`
  --> site.yml:6:9
6 |         dst: /etc/motd
  |         ^^^
hint: did you mean \`dest\`?

error: unknown module \`copi\`
  --> site.yml:8:7
8 |     - copi: src=a dest=b
  |       ^^^^
hint: did you mean \`copy\`?

error: apt: \`state\` must be one of present, absent, latest, not "newest"
  --> site.yml:9:28
9 |     - apt: name=curl state=newest
  |                            ^^^^^^

error: \`become\` must be yes or no, not \`maybe\`
  --> site.yml:10:15
10 |       become: maybe
   |               ^^^^^

error: conflicting action statements: command, debug
  --> site.yml:13:7
13 |       debug: msg=x
   |       ^^^^^
hint: one task runs one module; begin another task with \`- \`

error: there is no filter \`nosuch\`
  --> site.yml:14:25
14 |     - debug: msg={{ x | nosuch }}
   |                         ^^^^^^

error: \`retries\` must be a whole number, not \`many\`
  --> more.yml:2:12
2 |   retries: many
  |            ^^^^

error: unknown meta action \`flush_handler\`
  --> more.yml:3:9
3 | - meta: flush_handler
  |         ^^^^^^^^^^^^^
hint: did you mean \`flush_handlers\`?`)
})

function first(tasks: string): string {
  const text = `- hosts: all\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`
  return complaints(text)
    .split('\n')
    .filter((line, i) => i < 2 || line.startsWith('hint'))
    .join(' | ')
}

test.each([
  [
    '- copy: {content: a, dest: /b}\n  whne: x',
    'error: unknown key `whne` of a task |   --> site.yml:4:7 | hint: did you mean `when`?',
  ],
  ['- name: nothing', 'error: this task has no module |   --> site.yml:3:7 | hint: a task is `- module: arguments`'],
  ['- whne: x\n  name: y', 'error: unknown key `whne` of a task |   --> site.yml:3:7 | hint: did you mean `when`?'],
  [
    '- sudo: yes\n  debug: msg=x',
    'error: `sudo` is a keyword of old versions |   --> site.yml:3:7 | hint: `sudo` was removed: write `become: yes`',
  ],
  ['- include: x.yml', 'error: there is no task file `x.yml` |   --> site.yml:3:16 | hint: looked in .'],
  [
    '- community.general.ufw: {}',
    'error: `community.general.ufw` is a module of community.general that is not here |   --> site.yml:3:7',
  ],
  ['- copy: {src: a, content: b, dest: c}', 'error: copy: src and content exclude each other |   --> site.yml:3:7'],
  [
    '- copy: {src: a, dest: c, attributes: i}',
    'error: argument `attributes` of copy is not supported |   --> site.yml:3:31 | hint: chattr is not run',
  ],
  [
    '- copy: {src: a, dest: c, backup: often}',
    'error: copy: `backup` must be a boolean (yes or no), not "often" |   --> site.yml:3:39',
  ],
  ['- copy: [a, b]', 'error: copy takes a mapping of arguments or `key=value` text, not a list |   --> site.yml:3:13'],
  [
    '- copy: here it is',
    'error: copy takes no free text: `here it is` |   --> site.yml:3:13 | hint: write `copy: key=value`, or a mapping of arguments',
  ],
  [
    '- shell: echo "a',
    'error: a quote or a template in these arguments is not closed |   --> site.yml:3:14 | hint: write the arguments as a mapping, one a line',
  ],
  [
    '- debug: msg=x\n  loop: things',
    'error: `loop` must be a list, or a template that gives one |   --> site.yml:4:13 | hint: a variable\'s name needs braces: "{{ things }}"',
  ],
  [
    '- debug: msg=x\n  with_itmes: [a]',
    'error: unknown loop `with_itmes` |   --> site.yml:4:7 | hint: did you mean `with_items` or `with_lines`?',
  ],
  [
    '- debug: msg=x\n  with_items: [a]\n  loop: [b]',
    'error: a task has one loop, not several: with_items, loop |   --> site.yml:5:7',
  ],
  [
    '- debug: msg=x\n  loop: [a]\n  loop_control: {loopvar: x}',
    'error: unknown key `loopvar` of loop_control |   --> site.yml:5:22 | hint: did you mean `loop_var`?',
  ],
  [
    '- debug: msg=x\n  when: {a: b}',
    'error: `when` must be an expression, not a mapping |   --> site.yml:4:13 | hint: quote the whole expression if it holds `: ` or begins with `{`',
  ],
  [
    '- debug: msg=x\n  register: a-b',
    "error: `a-b` cannot be a variable's name |   --> site.yml:4:17 | hint: names have letters, digits and `_`, and do not begin with a digit",
  ],
  [
    '- debug: msg=x\n  async: 60',
    'error: this module cannot run asynchronously |   --> site.yml:4:7 | hint: it runs on the controller: leave `async` out',
  ],
  [
    '- debug: msg=x\n  debugger: on_fail',
    'error: `debugger` must be one of always, never, on_failed, on_unreachable, on_skipped |   --> site.yml:4:17 | hint: did you mean `on_failed`?',
  ],
  ['- action: copi src=a', 'error: unknown module `copi` |   --> site.yml:3:15 | hint: did you mean `copy`?'],
  [
    '- action: {src: a}',
    'error: `action` names no module |   --> site.yml:3:15 | hint: write `action: module key=value …`, or a mapping with the key `module`',
  ],
  [
    '- include_tasks: x.yml\n  become: yes',
    'error: `become` has no meaning on include_tasks |   --> site.yml:4:7 | hint: to give it to the included tasks, write it under `apply:` of include_tasks',
  ],
  ['- import_tasks: x.yml', 'error: there is no task file `x.yml` |   --> site.yml:3:21 | hint: looked in ., tasks'],
  [
    '- import_tasks: "{{ host }}.yml"',
    "error: this name must be known before the play begins: 'host' is undefined |   --> site.yml:3:22 | hint: include_tasks and include_role are opened while playing; imports only know variables of the play, its roles and `-e`",
  ],
  ['- import_role: {name: webb}', 'error: there is no role `webb` |   --> site.yml:3:27 | hint: looked in'],
  [
    '- import_tasks: x.yml\n  loop: [a]',
    'error: there is no task file `x.yml` |   --> site.yml:3:21 | hint: looked in ., tasks | hint: write include_tasks',
  ],
  ['- block:\n  - debug: msg=x\n  until: a', 'error: unknown key `until` of a block |   --> site.yml:5:7'],
  ['- rescue: []', 'error: `rescue` and `always` belong to a `block` |   --> site.yml:3:7'],
  ['- just text', 'error: a task must be a mapping, not a text |   --> site.yml:3:7'],
  [
    '- debug: msg=x\n  vars: {a-b: 1}',
    "error: `a-b` cannot be a variable's name |   --> site.yml:4:14 | hint: names have letters, digits and `_`, and do not begin with a digit",
  ],
])('%j says %s', (tasks, message) => {
  const said = first(tasks)
  expect(said.startsWith(message) ? message : said).toBe(message)
})

test.each([
  ['', 'site.yml is empty'],
  ['a: 1\n', 'a playbook is a list of plays'],
  ['- tasks: []\n', 'this play does not say which hosts it is for'],
  ['- hosts:\n', '`hosts` is empty'],
  ['- hosts: all\n  strategy: linaer\n', 'there is no strategy `linaer`'],
  ['- hosts: all\n  order: up\n', 'there is no order `up`'],
  ['- hosts: all\n  serial: [1, few]\n', '`serial` must be a number of hosts or a percentage, not `few`'],
  ['- hosts: all\n  vars_files: nope.yml\n', 'there is no file of variables `nope.yml`'],
  ['- hosts: all\n  vars_prompt: [{name: x, encrypt: md5crypt}]\n', '`encrypt` has no method `md5crypt`'],
  ['- hosts: all\n  handlers: [{name: x, include_role: {name: y}}]\n', 'include_role cannot be a handler'],
  ['- import_playbook: site.yml\n', 'site.yml imports itself'],
  ['- import_playbook: other.yml\n', 'there is no playbook `other.yml`'],
  ['- hosts: all\n  tasks: {a: b}\n', 'a list of tasks is expected here'],
  ['- hosts: all\n  gather_facts: perhaps\n', '`gather_facts` must be yes or no, not `perhaps`'],
])('the playbook %j says: %s', (text, message) => {
  expect(complaints(text).split('\n')[0]).toBe(`error: ${message}`)
})

test('a mistake in a file that is imported twice is told once', () => {
  const files = {
    'site.yml': '- hosts: all\n  tasks: [{import_tasks: a.yml}, {import_tasks: a.yml}]\n',
    'a.yml': '- debgu: msg=x\n',
  }
  expect(complaints(files).match(/error:/g)).toHaveLength(1)
})

test('imports that go in a circle are told', () => {
  const files = {
    'site.yml': '- hosts: all\n  tasks: [{import_tasks: a.yml}]\n',
    'a.yml': '- import_tasks: b.yml\n',
    'b.yml': '- import_tasks: a.yml\n',
  }
  expect(complaints(files)).toContain('error: a.yml imports itself\n  --> b.yml:1:17')
})

test('roles that depend on themselves are told', () => {
  const files = {
    'site.yml': '- hosts: all\n  roles: [a]\n',
    'roles/a/meta/main.yml': 'dependencies: [b]\n',
    'roles/b/meta/main.yml': 'dependencies: [{role: a}]\n',
  }
  expect(complaints(files).split('\n')[0]).toBe('error: this role depends on itself: a → b → a')
})

test('syntax errors of several files are told together with all else', () => {
  const files = {
    'site.yml': '- hosts: all\n  tasks: [{import_tasks: a.yml}, {debgu: msg=x}]\n',
    'a.yml': '- debug: msg: x\n',
  }
  expect(complaints(files).match(/error: .*/g)).toEqual([
    'error: a second `: ` in one value',
    'error: unknown module `debgu`',
  ])
})

test('mistakes inside of templates and expressions are found where they stand', () => {
  const text = `- hosts: all
  vars: {bad: "{{ y | defalt('x') }}"}
  tasks:
    - shell: |
        echo hi
        echo {{ foo bar }}
    - debug: {var: a b}
      when: [x is defned, "y =="]
      changed_when: "{{ a }} == 'b"
    - debug: msg={{ x
`
  const said = complaints(text).split('\n\n')
  expect(said.map(error => error.split('\n').slice(1, 4).join('\n'))).toEqual([
    `  --> site.yml:2:23
2 |   vars: {bad: "{{ y | defalt('x') }}"}
  |                       ^^^^^^`,
    `  --> site.yml:6:21
6 |         echo {{ foo bar }}
  |                     ^^^`,
    `  --> site.yml:7:22
7 |     - debug: {var: a b}
  |                      ^`,
    `  --> site.yml:8:19
8 |       when: [x is defned, "y =="]
  |                   ^^^^^^`,
    `  --> site.yml:8:31
8 |       when: [x is defned, "y =="]
  |                               ^`,
    `  --> site.yml:9:21
9 |       changed_when: "{{ a }} == 'b"
  |                     ^^^^^^^^^^^^^^^`,
    `  --> site.yml:10:14
10 |     - debug: msg={{ x
   |              ^^^^^^^^`,
  ])
})

test('a templated value is not judged before it is opened', () => {
  const text = `- hosts: all
  gather_facts: "{{ facts }}"
  serial: "{{ n }}"
  tasks:
    - apt: {name: "{{ p }}", state: "{{ s }}", update_cache: "{{ u }}"}
      become: "{{ b }}"
      retries: "{{ r }}"
    - copy: "{{ all }}"
`
  expect(complaints(text)).toBe('no error')
  expect(complaints(text.replace('{{ all }}', 'x{{ all }}')).split('\n')[0]).toBe(
    'error: copy takes no free text: `x{{ all }}`',
  )
})

test('arguments that a template or module_defaults may give are not missed', () => {
  const text = `- hosts: all
  module_defaults: {copy: {dest: /a}}
  tasks:
    - copy: {content: x}
    - lineinfile: {line: x}
      args: "{{ more }}"
`
  expect(complaints(text)).toBe('no error')
})

test('a group of modules that there is not, and an argument that a default gives and its module has not, are told', () => {
  const files = {
    'site.yml': `- hosts: all
  module_defaults:
    group/dokcer: { timeout: 1 }
    copy: { dst: /x }
  tasks:
    - copy: { content: a, dest: /x }
`,
  }
  expect(complaints(files)).toBe(`error: there is no group of modules \`dokcer\`
  --> site.yml:3:5
3 |     group/dokcer: { timeout: 1 }
  |     ^^^^^^^^^^^^
hint: did you mean \`docker\`?

error: copy (by module_defaults) has no argument \`dst\`
  --> site.yml:4:5
4 |     copy: { dst: /x }
  |     ^^^^
hint: did you mean \`dest\`?`)
})
