import { expect, test } from 'vitest'
import { setup } from './setup.ts'
import { attempt } from './step.ts'

test('facts carry the prefix, in both shells', async () => {
  for (const shell of ['dash', 'busybox'] as const) {
    const { outcome, result } = await attempt(setup, {}, { shell })
    expect(outcome).toBe('ok')
    expect(result.ansible_facts).toMatchObject({ ansible_system: 'Linux', ansible_user_uid: process.getuid?.() })
  }
})

test('a filter keeps the facts whose names match, with and without the prefix', async () => {
  const { result } = await attempt(setup, { filter: ['ansible_kernel*', 'machine'] })
  expect(Object.keys(Object(result.ansible_facts)).sort()).toEqual([
    'ansible_kernel',
    'ansible_kernel_version',
    'ansible_machine',
    'gather_subset',
    'module_setup',
  ])
})

test('a subset leaves the others out', async () => {
  const { result } = await attempt(setup, { gather_subset: ['!all', '!min', 'network'] })
  expect(result.ansible_facts).toHaveProperty('ansible_interfaces')
  expect(result.ansible_facts).not.toHaveProperty('ansible_memtotal_mb')
})
