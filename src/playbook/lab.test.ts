import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { registry } from '../modules/registry.ts'
import { listTasks } from './list.ts'
import { loadPlaybook } from './load.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../test/fixtures/lab')

// With the gathering of facts these are the 6 + 10 and 6 + 3 tasks of the lab's own recap in 2021.
test.each([
  ['configuration-2021.yml', [5, 9, 2]],
  ['configuration-2023.yml', [4, 9, 2]],
])("the lab's playbook %s loads", (file, counts) => {
  const { playbook, warnings } = loadPlaybook(join(folder, file), { modules: registry })
  expect(warnings).toEqual([])
  expect(playbook.plays.map(play => play.name)).toEqual(['all', 'prodserver', 'devserver'])
  expect(listTasks(playbook).map(({ tasks }) => tasks.length)).toEqual(counts)
})

test('folded key=value arguments of the lab are read whole', () => {
  const { playbook } = loadPlaybook(join(folder, 'configuration-2021.yml'), { modules: registry })
  const step = listTasks(playbook)[0]?.tasks[0]?.step
  expect(step?.kind === 'task' && step.args).toEqual({
    dest: '/etc/hosts',
    regexp: '.*{{ item }}$',
    line: '{{ hostvars[item].ansible_default_ipv4.address }} {{item}}',
    state: 'present',
  })
})
