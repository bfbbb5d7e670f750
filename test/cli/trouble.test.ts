import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

const site = '- hosts: all\n  gather_facts: no\n  tasks:\n    - command: "true"\n'

test.each([
  ['abc', 'h1: the port `abc` is no number'],
  ['99999', '127.0.0.1: there is no port 99999'],
])('a host whose port is %s is unreachable, with the reason', async (port, reason) => {
  const cwd = folder({ 'site.yml': site, hosts: `h1 ansible_host=127.0.0.1 ansible_port=${port}\n` })
  const { stdout, stderr, status } = await mlops(['play', 'site.yml', '-i', 'hosts'], { cwd })
  expect([stderr, status]).toEqual(['', 4])
  expect(stdout).toContain(`h1 could not be reached at: command\n  --> site.yml:4:7\n  ${reason}\n`)
})
