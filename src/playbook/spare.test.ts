import { expect, test } from 'vitest'
import { registry } from '../modules/registry.ts'
import { flatten } from './list.ts'
import { complaints, type Files, loadTree } from './tree.ts'

const modules = registry

function load(files: Files) {
  const { playbook, warnings } = loadTree(files, { modules })
  return {
    steps: playbook.plays.flatMap(play => flatten(play.steps)),
    handlers: playbook.plays.flatMap(play => play.handlers),
    warnings: warnings.map(({ message, at }) => `${at.line}:${at.column} ${message}`),
  }
}

function play(tasks: string): string {
  return `- hosts: all\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`
}

test.each([
  ['- pacman: name=x\n  when: os == "Arch"', '3:7 `pacman` is a module of community.general that is not here'],
  [
    '- community.general.zypper: {name: x}\n  when: no',
    '3:7 `community.general.zypper` is a module of community.general that is not here',
  ],
  ['- a.b.c: {name: x}\n  when: no', '3:7 `a.b.c` is a module of a.b that is not here'],
  [
    '- block:\n    - win_copy: {dest: x}\n  when: no',
    '4:11 `win_copy` is a module of ansible.windows that is not here',
  ],
  ['- copy: {src: a, dest: b, attributes: "+i"}\n  when: no', '3:31 argument `attributes` of copy is not supported'],
  ['- debug: msg="{{ x | ipaddr(y) }}"\n  when: no', '3:26 the filter `ipaddr` is not supported'],
  ['- debug: msg="{{ x | a.b.c }}"\n  when: no', '3:26 there is no filter `a.b.c`'],
])('%j may never be asked for: it is a warning, and a task that fails', (tasks, said) => {
  const { steps, warnings } = load({ 'site.yml': play(tasks) })
  expect(warnings).toEqual([`${said}; the task fails if its condition is met`])
  expect(steps).toMatchObject([{ module: 'fail', args: { msg: said.slice(said.indexOf(' ') + 1) } }])
  expect(steps[0]?.keywords.when).toHaveLength(1)
})

test('tasks of an import under a condition are spared one by one', () => {
  const files = {
    'site.yml': play('- import_tasks: arch.yml\n  when: no'),
    'arch.yml': '- pacman: name=x\n- debug: msg=y\n',
  }
  const { steps } = load(files)
  expect(steps).toMatchObject([{ module: 'fail' }, { module: 'debug' }])
})

test('a handler is spared, and keeps its name and topics', () => {
  const handlers = '  handlers:\n    - name: again\n      win_service: name=x\n      listen: t\n      when: no\n'
  const { handlers: found } = load({ 'site.yml': `- hosts: all\n${handlers}` })
  expect(found).toMatchObject([{ name: 'again', module: 'fail', listen: [{ value: 't' }] }])
})

test('a handler of a role is spared without a condition, and one of a play is not', () => {
  const launched = '- name: again\n  launchd: name=x\n'
  const files = { 'site.yml': '- hosts: all\n  roles: [r]\n', 'roles/r/handlers/main.yml': launched }
  const { handlers, warnings } = load(files)
  expect(handlers).toMatchObject([{ name: 'again', module: 'fail', moduleAsWritten: 'launchd' }])
  expect(warnings).toEqual([
    '2:3 `launchd` is a module of community.general that is not here; the handler fails if it is notified',
  ])
  const own = `- hosts: all\n  handlers:\n${launched.replace(/^/gm, '    ')}`
  expect(complaints(own, { modules })).toContain('error: `launchd` is a module of community.general')
})

test('tasks of a block among handlers are handlers, but not those of a block within', () => {
  const list = '[{block: [{debug: {msg: x}, name: a}, {debug: {msg: y}, name: b}], always: [{debug: {msg: z}}]}]'
  const { handlers, warnings } = load({ 'site.yml': `- hosts: all\n  handlers: ${list}\n` })
  expect(handlers).toMatchObject([{ name: 'a' }, { name: 'b' }])
  expect(warnings).toEqual([expect.stringContaining('`always` of a block among handlers never runs')])
  const nested = '- hosts: all\n  handlers: [{block: [{block: [{debug: {msg: x}}]}]}]\n'
  expect(complaints(nested, { modules })).toContain('error: a block within a block cannot be a handler')
})

test('handlers of an imported file keep their topics', () => {
  const files = {
    'site.yml': '- hosts: all\n  handlers: [{import_tasks: more.yml}]\n',
    'more.yml': '- debug: msg=x\n  listen: t\n',
  }
  expect(load(files).handlers).toMatchObject([{ module: 'debug', listen: [{ value: 't' }] }])
})

test.each([
  ['- pacman: name=x', '`pacman` is a module of community.general that is not here'],
  ['- a.b.c: {}', '`a.b.c` is a module of a.b that is not here'],
  ['- copi: src=x\n  when: no', 'unknown module `copi`'],
  ['- ansible.builtin.copi: {src: x}\n  when: no', 'unknown module `ansible.builtin.copi`'],
  ['- win_copy: {}\n  when: no\n  becom: yes', 'unknown key `becom` of a task'],
  ['- debug: msg="{{ x | nosuch }}"\n  when: no', 'there is no filter `nosuch`'],
])('%j stays an error', (tasks, message) => {
  expect(complaints(play(tasks), { modules })).toContain(`error: ${message}`)
})

test('a task that is spared is shown under the module that it names', () => {
  const own = '- pkgng: name=x\n  with_items: [a]\n  when: no'
  const actions = '- action: pkgng name=x\n  when: no\n- local_action: {module: a.b.c, name: x}\n  when: no'
  const { steps } = load({ 'site.yml': play(`${own}\n${actions}`) })
  expect(steps.map(step => step.kind === 'task' && step.moduleAsWritten)).toEqual(['pkgng', 'pkgng', 'a.b.c'])
})
