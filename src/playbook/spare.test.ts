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
  const { steps } = load({ 'site.yml': play('- pkgng: name=x\n  with_items: [a]\n  when: no') })
  expect(steps).toMatchObject([{ moduleAsWritten: 'pkgng' }])
})
