import { hostname as running } from 'node:os'
import { expect, test } from 'vitest'
import { hostname } from './hostname.ts'
import { attempt, step } from './step.ts'

test('another name would be a change, and a check changes nothing', async () => {
  const before = running()
  expect(await step(hostname, { name: 'mlops-test-name' }, { check: true })).toBe('changed')
  expect(running()).toBe(before)
})

test('the facts that follow from a name come back', async () => {
  const { result } = await attempt(hostname, { name: 'web.example.org' }, { check: true })
  expect(result).toMatchObject({
    name: 'web.example.org',
    ansible_facts: { ansible_hostname: 'web', ansible_domain: 'example.org', ansible_fqdn: 'web.example.org' },
  })
})

test('a name that no host can have is refused', async () => {
  await expect(attempt(hostname, { name: 'not a name' })).rejects.toThrow('a host name has')
})
