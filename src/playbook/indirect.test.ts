import { expect, test } from 'vitest'
import { flatten } from './list.ts'
import { complaints, loadTree } from './tree.ts'

function steps(tasks: string) {
  const { playbook } = loadTree({ 'site.yml': `- hosts: all\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n` })
  return flatten(playbook.plays[0]?.steps ?? [])
}

test.each([
  ['- action: "{{ ansible_pkg_mgr }} name=x state={{ s }}"', '{{ ansible_pkg_mgr }}', { name: 'x', state: '{{ s }}' }],
  ['- action: "{{ mod }}"\n  args: {repo: x}', '{{ mod }}', { repo: 'x' }],
  ['- action: {module: "{{ mod }}", repo: x}', '{{ mod }}', { repo: 'x' }],
  ['- local_action: "ansible.builtin.{{ mod }} echo hi"', 'ansible.builtin.{{ mod }}', { _raw_params: 'echo hi' }],
])('%j names its module by a template', (tasks, value, args) => {
  expect(steps(tasks)).toMatchObject([{ module: 'action', moduleTemplate: { value }, args }])
})

test('a condition with statements is kept as the template it is', () => {
  const when = '{% set x = 1 %}{{ x }}'
  expect(steps(`- debug: msg=x\n  when: "${when}"`)).toMatchObject([{ keywords: { when: [{ value: when }] } }])
  expect(complaints('- hosts: all\n  tasks: [{debug: msg=x, when: "{% set %}"}]')).toContain('error: ')
})
