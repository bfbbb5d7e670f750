import { expect, test } from 'vitest'
import { flatten } from './list.ts'
import { loadTree } from './tree.ts'

const more = '- debug: msg=more\n'

function load(tasks: string) {
  const files = { 'site.yml': `- hosts: all\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`, 'more.yml': more }
  const { playbook, warnings } = loadTree(files)
  return { steps: flatten(playbook.plays[0]?.steps ?? []), warnings: warnings.map(warning => warning.message) }
}

test('an include of the old kind is an import, and a warning says so', () => {
  const { steps, warnings } = load('- include: more.yml\n  when: x\n  become: yes')
  expect(steps).toMatchObject([{ kind: 'task', module: 'debug', keywords: { become: { value: true } } }])
  expect(warnings).toEqual(['`include` is a word of old versions, read as `import_tasks`'])
})

test.each([
  '- include: more.yml\n  with_items: [1, 2]',
  '- include: "{{ which }}.yml"',
  '- include: more.yml\n  static: no',
  '- ansible.builtin.include: more.yml\n  loop: [1]',
])('%j is opened while playing', tasks => {
  const { steps, warnings } = load(tasks)
  expect(steps).toMatchObject([{ kind: 'include', what: 'tasks' }])
  expect(warnings).toEqual(['`include` is a word of old versions, read as `include_tasks`'])
})

test('keywords of an include of the old kind reach what it includes', () => {
  const files = {
    'site.yml':
      '- hosts: all\n  tasks:\n    - include: more.yml\n      become: yes\n      tags: x\n      with_items: [1]\n',
    'more.yml': more,
  }
  const { playbook, loader, folder } = loadTree(files)
  const [include] = flatten(playbook.plays[0]?.steps ?? [])
  if (include?.kind !== 'include') throw new Error('this is no include')
  const [step] = loader.tasks(`${folder}/more.yml`, include).steps
  expect(step?.keywords).toMatchObject({ become: { value: true }, tags: ['x'] })
})

test.each([
  '- include: more.yml tags=a,b user=me',
  '- include: more.yml tags=a,b user=me\n  with_items: [1]',
])('what stands behind the file of %j are tags and variables', tasks => {
  const { steps } = load(tasks)
  expect(steps).toMatchObject([{ keywords: { tags: ['a', 'b'], vars: [{ value: { user: 'me' } }] } }])
})

test('variables behind the file and under vars go together', () => {
  const { steps } = load('- include: more.yml user=me\n  vars: {other: 1}\n  with_items: [1]')
  expect(steps).toMatchObject([{ vars: { value: { user: 'me', other: 1 } } }])
})

test('a playbook includes another by the old word', () => {
  const files = { 'site.yml': '- include: other.yml\n', 'other.yml': '- hosts: web\n' }
  const { playbook, warnings } = loadTree(files)
  expect(playbook.plays.map(play => play.hosts.value)).toEqual(['web'])
  expect(warnings.map(warning => warning.message)).toEqual([
    '`include` is a word of old versions, read as `import_playbook`',
  ])
})
