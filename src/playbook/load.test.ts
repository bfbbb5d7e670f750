import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MlopsError } from '../errors.ts'
import { flatten, listTasks } from './list.ts'
import { complaints, type Files, loadTree } from './tree.ts'
import type { Include, Task } from './types.ts'

function load(files: Files | string) {
  return loadTree(typeof files === 'string' ? { 'site.yml': files } : files)
}

/** All tasks of the first play. */
function tasks(files: Files | string): readonly Task[] {
  const [play] = load(files).playbook.plays
  return flatten(play?.steps ?? []).filter(step => step.kind === 'task')
}

function task(text: string): Task {
  const [first] = tasks(`- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}\n`)
  if (first === undefined) throw new Error('no task was loaded')
  return first
}

test.each<[string, string, Record<string, unknown>]>([
  ['- copy: {src: a, dest: b}', 'copy', { src: 'a', dest: 'b' }],
  ['- ansible.builtin.copy: src=a dest=b', 'copy', { src: 'a', dest: 'b' }],
  ['- apt: pkg={{item}} state=latest', 'apt', { pkg: '{{item}}', state: 'latest' }],
  ['- apt: update_cache=yes\n       upgrade=dist', 'apt', { update_cache: 'yes', upgrade: 'dist' }],
  ['- shell: docker build .\n  args:\n    chdir: /srv', 'shell', { cmd: 'docker build .', chdir: '/srv' }],
  ['- command: ls -l creates=/x', 'command', { cmd: 'ls -l', creates: '/x' }],
  ['- command: {cmd: ls, chdir: /x}', 'command', { cmd: 'ls', chdir: '/x' }],
  ['- command: ls\n  args: chdir=/x', 'command', { chdir: '/x', cmd: 'ls' }],
  ['- action: copy src=a dest=b', 'copy', { src: 'a', dest: 'b' }],
  ['- action: {module: copy, src: a, dest: b}', 'copy', { src: 'a', dest: 'b' }],
  ['- action: shell echo a=b', 'shell', { cmd: 'echo a=b' }],
  [
    '- copy: {dest: /etc/docker/daemon.json, content: {mtu: 1450}}',
    'copy',
    { dest: '/etc/docker/daemon.json', content: { mtu: 1450 } },
  ],
  ['- debug:', 'debug', {}],
  ['- set_fact: a=1 b={{ x }}', 'set_fact', { a: '1', b: '{{ x }}' }],
])('%j has the arguments it was given', (text, module, args) => {
  const is = task(text)
  expect(is.module).toBe(module)
  const { cmd, ...rest } = is.args
  expect(cmd === undefined ? rest : { ...rest, cmd: String(cmd).trim() }).toEqual(args)
})

test('an argument knows where it stands', () => {
  const is = task('- copy: src=a\n    dest=/b\n')
  expect(is.argAt('dest')).toMatchObject({ line: 4, column: 14, length: 2 })
  expect(is.argAt()).toMatchObject({ line: 3, column: 7, length: 4 })
})

test('local_action is done on the controller', () => {
  const is = task('- local_action: command ls')
  expect(is.keywords.delegateTo?.value).toBe('localhost')
  expect(is.args).toEqual({ cmd: 'ls' })
})

test('keywords reach from the play over blocks to the task', () => {
  const text = `- hosts: all
  become: yes
  tags: [a]
  environment: {X: 1}
  vars: {p: 1}
  tasks:
    - block:
        - block:
            - debug: msg=x
              tags: c, d
              when: [inner, true]
              become_user: me
              vars: {t: 1}
          tags: b
          when: middle
          vars: {b: 1}
          environment: {Y: 2}
      when: outer
      become: "no"
`
  const [first] = tasks(text)
  const { keywords } = first ?? { keywords: undefined }
  expect(keywords?.when.map(c => c.value)).toEqual(['outer', 'middle', 'inner', true])
  expect(keywords?.tags).toEqual(['a', 'b', 'c', 'd'])
  expect(keywords?.vars.map(v => v.value)).toEqual([{ b: 1 }, { t: 1 }])
  expect(keywords?.environment.map(e => e.value)).toEqual([{ X: 1 }, { Y: 2 }])
  expect([keywords?.become?.value, keywords?.becomeUser?.value]).toEqual([false, 'me'])
})

test('a block with rescue stays a block', () => {
  const text = `- hosts: all
  tasks:
    - name: try
      block: [{debug: msg=a}]
      rescue: [{debug: msg=b}]
      always: [{debug: msg=c}]
`
  const step = load(text).playbook.plays[0]?.steps[0]
  expect(step?.kind === 'block' && [step.name, step.block.length, step.rescue.length, step.always.length]).toEqual([
    'try',
    1,
    1,
    1,
  ])
})

test('a play keeps its order: pre_tasks, roles, tasks, post_tasks, with handlers flushed between', () => {
  const files = {
    'site.yml': `- hosts: [web, db]
  pre_tasks: [{debug: msg=1}]
  roles: [r]
  tasks: [{debug: msg=3}]
  post_tasks: [{debug: msg=4}]
  handlers: [{name: own, debug: msg=h, listen: [x, y]}]
`,
    'roles/r/tasks/main.yml': '- debug: msg=2\n',
    'roles/r/handlers/main.yml': '- name: theirs\n  debug: msg=h\n',
  }
  const play = load(files).playbook.plays[0]
  expect(play?.steps.map(s => (s.kind === 'task' ? s.args.msg : s.kind === 'meta' && s.verb))).toEqual([
    '1',
    'flush_handlers',
    '2',
    '3',
    'flush_handlers',
    '4',
    'flush_handlers',
  ])
  expect(play?.handlers.map(h => [h.name, h.listen.map(t => t.value), h.role?.name])).toEqual([
    ['theirs', [], 'r'],
    ['own', ['x', 'y'], undefined],
  ])
  expect([play?.name, play?.hosts.value]).toEqual(['web,db', 'web:db'])
})

test('a role brings its variables and those it depends on, and its uses that are one have one key', () => {
  const files = {
    'site.yml': `- hosts: all
  roles:
    - base
    - role: app
      level: 80
      tags: web
      when: x
      vars: {v: 1}
    - app
`,
    'roles/base/tasks/main.yml': '- debug: msg=base\n',
    'roles/base/defaults/main.yml': 'd: 1\n',
    'roles/app/tasks/main.yml': '- debug: msg=app\n',
    'roles/app/vars/main/b.yml': 'second: 2\n',
    'roles/app/vars/main/a.yml': 'first: 1\n',
    'roles/app/meta/main.yml': 'galaxy_info: {author: me}\ndependencies: [{role: base}, base]\n',
  }
  const play = load(files).playbook.plays[0]
  const done = flatten(play?.steps ?? []).filter(s => s.kind === 'task')
  expect(done.map(t => t.args.msg)).toEqual(['base', 'base', 'base', 'app', 'base', 'base', 'app'])
  expect(new Set(done.map(t => t.role?.useKey)).size).toBe(3)
  expect(play?.roles.map(r => r.name)).toEqual(['base', 'app', 'app'])
  expect(done[3]?.keywords).toMatchObject({ tags: ['web'], when: [{ value: 'x' }] })
  expect(done[3]?.role?.useVars.map(v => v.value)).toEqual([{ v: 1 }])
  expect(done[3]?.role?.params.map(p => p.value)).toEqual([{ level: 80 }])
  expect(done[3]?.role?.vars.map(v => v.value)).toEqual([{ first: 1 }, { second: 2 }])
  expect(done[3]?.role?.dependencies.map(r => r.name)).toEqual(['base', 'base'])
  expect(done[0]?.role?.defaults.map(v => v.value)).toEqual([{ d: 1 }])
})

test('imports take what stands around them, and names may hold known variables', () => {
  const files = {
    'site.yml': `- hosts: all
  vars: {which: a}
  vars_files: [more.yml]
  tasks:
    - import_tasks: "{{ folder }}/{{ which }}.yml"
      when: x
      tags: t
      vars: {v: 1}
    - import_role: {name: r, tasks_from: other}
`,
    'vars/more.yml': 'folder: sub\n',
    'sub/a.yml': '- debug: msg=1\n- import_tasks: b.yml\n',
    'sub/b.yml': '- debug: msg=2\n  when: y\n',
    'roles/r/tasks/other.yaml': '- debug: msg=3\n',
    'roles/r/handlers/main.yml': '- name: h\n  debug: msg=4\n',
  }
  const { playbook, folder } = load(files)
  const play = playbook.plays[0]
  const done = flatten(play?.steps ?? []).filter(s => s.kind === 'task')
  expect(done.map(t => t.args.msg)).toEqual(['1', '2', '3'])
  expect(done[1]?.keywords).toMatchObject({
    tags: ['t'],
    when: [{ value: 'x' }, { value: 'y' }],
    vars: [{ value: { v: 1 } }],
  })
  expect(done[1]?.directory).toBe(join(folder, 'sub'))
  expect(play?.roles.map(r => r.name)).toEqual(['r'])
  expect(play?.handlers.map(h => h.name)).toEqual(['h'])
  expect(play?.varsFiles.map(v => v.value)).toEqual([join(folder, 'vars/more.yml')])
})

test('import_playbook gives its conditions, tags and variables to the plays', () => {
  const files = {
    'site.yml': '- import_playbook: sub/one.yml\n  when: x\n  tags: t\n  vars: {a: 1}\n- hosts: b\n',
    'sub/one.yml': '- hosts: a\n  vars: {a: 2, b: 2}\n  tasks: [{import_tasks: near.yml}]\n',
    'sub/near.yml': '- debug: msg=x\n',
  }
  const [one, two] = load(files).playbook.plays
  expect(one?.vars.value).toEqual({ a: 1, b: 2 })
  expect(flatten(one?.steps ?? [])[0]?.keywords).toMatchObject({ when: [{ value: 'x' }], tags: ['t'] })
  expect([one?.hosts.value, two?.hosts.value]).toEqual(['a', 'b'])
})

test('included files inherit from around the include, from apply and its variables, not from its own keywords', () => {
  const files = {
    'site.yml': `- hosts: all
  tasks:
    - block:
        - include_tasks: {file: more.yml, apply: {become: yes, tags: applied}}
          when: own
          tags: own
          vars: {v: 1}
          loop: [1, 2]
      when: around
`,
    'more.yml': '- debug: msg=x\n  tags: inner\n',
  }
  const { playbook, loader, folder } = load(files)
  const [include] = flatten(playbook.plays[0]?.steps ?? []).filter((s): s is Include => s.kind === 'include')
  if (include === undefined) throw new Error('no include was loaded')
  expect([include.what, include.target.value, include.loop?.kind]).toEqual(['tasks', 'more.yml', 'loop'])
  expect(include.keywords.when.map(c => c.value)).toEqual(['around', 'own'])
  expect(include.vars?.value).toEqual({ v: 1 })
  const { steps } = loader.tasks(join(folder, 'more.yml'), { ...include })
  expect(steps).toMatchObject([
    {
      keywords: {
        when: [{ value: 'around' }],
        tags: ['applied', 'inner'],
        become: { value: true },
        vars: [],
      },
    },
  ])
  expect(loader.tasks(join(folder, 'more.yml'), include).steps[0]?.id).not.toBe(steps[0]?.id)
})

test('an included role comes with its handlers; its mistakes are errors then', () => {
  const files = {
    'site.yml': '- hosts: all\n  tasks:\n    - include_role: {name: r}\n    - include_role: {name: broken}\n',
    'roles/r/tasks/main.yml': '- debug: msg=x\n',
    'roles/r/handlers/main.yml': '- name: h\n  debug: msg=x\n',
    'roles/broken/tasks/main.yml': '- debgu: msg=x\n- copi: a\n',
  }
  const { playbook, loader } = load(files)
  const [good, bad] = flatten(playbook.plays[0]?.steps ?? []).filter((s): s is Include => s.kind === 'include')
  if (good === undefined || bad === undefined) throw new Error('no include was loaded')
  const { role, steps, handlers } = loader.role('r', good, {})
  expect([role.name, steps.length, handlers[0]?.name]).toEqual(['r', 1, 'h'])
  expect(() => loader.role('broken', bad, {})).toThrow('unknown module `debgu`\nunknown module `copi`')
  expect(() => loader.role('nope', bad, {})).toThrow(MlopsError)
})

test('files of variables are read when they are asked for', () => {
  const { loader, folder } = load({ 'site.yml': '- hosts: all\n', 'v.yml': 'a: [1]\n', 'e.yml': '', 'l.yml': '- 1\n' })
  expect(loader.vars(join(folder, 'v.yml')).value).toEqual({ a: [1] })
  expect(loader.vars(join(folder, 'e.yml')).value).toEqual({})
  expect(() => loader.vars(join(folder, 'l.yml'))).toThrow('must hold a mapping')
  expect(() => loader.vars(join(folder, 'no.yml'))).toThrow('there is no such file')
})

test('loops keep what was written', () => {
  const is = task(`- debug: msg={{ item }}
  with_items: groups
  loop_control: {loop_var: it, index_var: i, label: "{{ it }}", pause: 0.5, extended: yes}
`)
  expect(is.loop).toMatchObject({
    kind: 'items',
    items: { value: 'groups' },
    control: { loopVar: 'it', indexVar: 'i', label: { value: '{{ it }}' }, pause: { value: 0.5 }, extended: true },
  })
})

test('conditions in braces are freed of them, with a warning', () => {
  const { playbook, warnings } = load(`- hosts: all
  tasks:
    - debug: msg=1
      when: "{{ x }}"
    - debug: msg=2
      when: "'a{{ x }}' == y and {{ z }}"
`)
  const conditions = flatten(playbook.plays[0]?.steps ?? []).map(s => s.keywords.when[0]?.value)
  expect(conditions).toEqual(['x', "('a' ~ (x) ~ '') == y and (z)"])
  expect(warnings.map(w => [w.message, w.at.line])).toEqual([
    ['`when` is an expression already; it needs no braces', 4],
    ['`when` is an expression already; it needs no braces', 6],
  ])
})

test('a notify that nobody answers to, and a key given twice, are warnings', () => {
  const { warnings } = load(`- hosts: all
  tasks:
    - debug: msg=1
      debug: msg=2
      notify: [restart app, reload]
  handlers:
    - name: restart the app
      debug: msg=x
      listen: reload
`)
  expect(warnings.map(w => w.message)).toEqual([
    'the key `debug` is given twice; the last one counts',
    'no handler answers to `restart app`; did you mean `restart the app`?',
  ])
})

test('everything else of a play is kept as written', () => {
  const [play] = load(`- hosts: all
  name: The play
  gather_facts: no
  gather_subset: ["!all", min]
  gather_timeout: 5
  strategy: ansible.builtin.free
  serial: [1, "30%"]
  max_fail_percentage: "25%"
  order: sorted
  force_handlers: yes
  user: me
  port: 2222
  any_errors_fatal: yes
  collections: [community.docker]
  module_defaults: {copy: {owner: root}}
  vars_files: [["{{ os }}.yml", default.yml]]
  vars_prompt:
    - name: version
      prompt: Which?
      private: no
      default: 1.10
    - name: secret
  tasks: []
`).playbook.plays
  expect(play).toMatchObject({
    name: 'The play',
    gatherFacts: { value: false },
    gatherSubset: { value: ['!all', 'min'] },
    gatherTimeout: { value: 5 },
    strategy: { value: 'free' },
    serial: [{ value: 1 }, { value: '30%' }],
    maxFailPercentage: { value: 25 },
    order: { value: 'sorted' },
    forceHandlers: { value: true },
    keywords: { remoteUser: { value: 'me' }, port: { value: 2222 }, anyErrorsFatal: { value: true } },
    varsFiles: [{ value: ['{{ os }}.yml', 'default.yml'] }],
    varsPrompt: [
      { name: 'version', prompt: { value: 'Which?' }, private: false, default: { value: '1.10' }, confirm: false },
      { name: 'secret', prompt: { value: 'secret' }, private: true, confirm: false },
    ],
  })
})

test('a task says how long its job may take, and how often it is asked for', () => {
  const is = task('- shell: make\n  async: 600\n  poll: 5\n  until: done\n  retries: 3\n  delay: 0.5\n')
  expect([is.async?.value, is.poll?.value, is.retries?.value, is.delay?.value]).toEqual([600, 5, 3, 0.5])
  expect(is.keywords.timeout).toBeUndefined()
  expect(complaints('- hosts: all\n  tasks: [{shell: make, async: 60, poll: 0}]\n')).toBe('no error')
})

test('tasks and tags are listed as they will be played', () => {
  const files = {
    'site.yml': `- hosts: all
  tags: p
  roles: [{role: r, tags: [z, a]}]
  tasks:
    - block: [{debug: msg=x}]
      rescue: [{name: Save, debug: msg=x, tags: never}]
    - include_tasks: x.yml
    - meta: noop
`,
    'roles/r/tasks/main.yml': '- name: Install\n  apt: name=x\n',
  }
  const { playbook } = load(files)
  const [listed] = listTasks(playbook)
  expect(listed?.tasks.map(t => [t.name, t.tags])).toEqual([
    ['r : Install', ['a', 'p', 'z']],
    ['debug', ['p']],
    ['Save', ['never', 'p']],
    ['include_tasks', ['p']],
    ['meta', ['p']],
  ])
  expect([listed?.tags, listed?.taskTags]).toEqual([['p'], ['a', 'never', 'p', 'z']])
  expect(listTasks(playbook, tags => tags.includes('a'))[0]?.tasks).toHaveLength(1)
})

test('the null device is a last resort among files of variables', () => {
  const files = { 'site.yml': '- hosts: all\n  vars_files: [[nowhere.yml, /dev/null]]\n' }
  expect(load(files).playbook.plays[0]?.varsFiles).toMatchObject([{ value: '/dev/null' }])
})

test('a handler may be an include or a meta, with its name and topics', () => {
  const { playbook } = loadTree({
    'site.yml': `- hosts: all
  handlers:
    - name: told
      include_tasks: told.yml
      listen: [a, b]
    - name: stop
      meta: end_host
`,
  })
  const is = playbook.plays[0]?.handlers.map(({ kind, name, listen }) => [kind, name, listen.map(({ value }) => value)])
  expect(is).toEqual([
    ['include', 'told', ['a', 'b']],
    ['meta', 'stop', []],
  ])
  const said = complaints('- hosts: all\n  handlers:\n    - meta: flush_handlers\n    - include_role: name=r\n')
  expect(said).toContain('`flush_handlers` cannot be a handler')
  expect(said).toContain('include_role cannot be a handler')
})

test('a role of a collection is found, and knows the roles beside it', () => {
  const role = 'collections/ansible_collections/acme/web/roles'
  const files = {
    'site.yml': '- hosts: all\n  roles: [acme.web.front, acme.web.parts.back]\n',
    [`${role}/front/tasks/main.yml`]: '- debug: msg=front\n',
    [`${role}/front/meta/main.yml`]: 'dependencies: [base]\n',
    [`${role}/base/tasks/main.yml`]: '- debug: msg=base\n',
    [`${role}/parts/back/tasks/main.yml`]: '- debug: msg=back\n',
  }
  const roles = tasks(files).map(({ role, args }) => [role?.name, args])
  expect(roles).toEqual([
    ['base', { msg: 'base' }],
    ['acme.web.front', { msg: 'front' }],
    ['acme.web.parts.back', { msg: 'back' }],
  ])
})
