import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { playLocally } from '../rig/mlops.ts'

const hosts = ['one', 'two', 'three', 'four', 'five']
const head = '- hosts: all\n  gather_facts: false\n  vars: { here: "{{ playbook_dir }}" }\n  tasks:\n'

test.each([
  ['each on a line of its own', ''],
  ['all through localhost', '      delegate_to: localhost\n'],
  ['all through another one', '      delegate_to: one\n'],
  ['without look-ahead', '', '--no-look-ahead'],
])('hosts that write the same files on one machine take turns: %s', async (_, where, ...args) => {
  const tasks = [
    'file: { path: "{{ here }}/a/b/c", state: directory }',
    'lineinfile: { path: "{{ here }}/a/hosts", line: "{{ inventory_hostname }}", create: true }',
    'copy: { content: same, dest: "{{ here }}/a/same" }',
    'copy: { src: tree/, dest: "{{ here }}/a/d/tree" }',
    'lineinfile: { path: "{{ here }}/a/hosts", line: "again {{ inventory_hostname }}" }',
  ]
  const { stdout, status, directory } = await playLocally(
    head + tasks.map(task => `    - ${task}\n${where}`).join(''),
    { hosts, args, files: { 'tree/x/y': 'y\n' } },
  )
  expect(status, stdout).toBe(0)
  const lines = readFileSync(join(directory, 'a/hosts'), 'utf8').trim().split('\n')
  expect(lines.sort()).toEqual([...hosts, ...hosts.map(host => `again ${host}`)].sort())
})

test('what hosts run on one machine goes on at the same time', async () => {
  const { stdout, status } = await playLocally(
    `${head}    - command: sh -c 'touch {{ inventory_hostname }}; until [ -e one ] && [ -e two ] && [ -e three ]; do sleep 0.02; done'
      args: { chdir: "{{ here }}" }
      delegate_to: localhost
      timeout: 60
`,
    { hosts: ['one', 'two', 'three'] },
  )
  expect(status, stdout).toBe(0)
})
