import { expect, test } from 'vitest'
import { playLocally, recap } from '../rig/mlops.ts'

const hosts = Array.from({ length: 12 }, (_, i) => `web${String(i + 1).padStart(2, '0')}`)
const playbook = `
- name: All of them
  hosts: all
  gather_facts: false
  tasks:
    - name: Say it
      command: echo {{ inventory_hostname }}
      changed_when: false
    - name: Break one
      fail: { msg: it is "broken" }
      when: inventory_hostname == 'web07'
`

test('--fold says once what many hosts have in common', async () => {
  const { stdout, status } = await playLocally(playbook, { hosts, args: ['--fold'] })
  expect(stdout).toContain('\nok: [web01..web12] (12)\n')
  expect(stdout).toContain('\nfatal: [web07]: FAILED!')
  expect(stdout).toContain('\nskipping: [web01..web06, web08..web12] (11)\n')
  expect(Object.keys(recap(stdout))).toEqual(hosts)
  expect(status).toBe(2)
})

test('--output junit writes the run as XML and nothing else', async () => {
  const { stdout, status } = await playLocally(playbook, { hosts, args: ['--output', 'junit'] })
  expect(stdout).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="mlops" tests="24" failures="1" /)
  expect(stdout).toMatch(
    /<testcase name="Break one" classname="web07" file="site.yml" line="9" time="\d+\.\d{3}">\n\s+<failure type="failed" message="it is &quot;broken&quot;"><\/failure>/,
  )
  expect(stdout.match(/<skipped message="Conditional result was False"\/>/g)?.length).toBe(11)
  expect(status).toBe(2)
})

test('--output json is --json', async () => {
  const { stdout } = await playLocally(playbook, { args: ['--output', 'json'] })
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).type)
  expect(events.at(0)).toBe('run-started')
  expect(events.at(-1)).toBe('run-finished')
})

test('--profile says where the time went', async () => {
  const { stdout } = await playLocally(playbook, { hosts: ['one'], args: ['--profile'] })
  expect(stdout).toMatch(/\nSLOWEST TASKS\nLONGEST {2}ON HOST {2}HOSTS {2}TOGETHER {2}TASK\n/)
  expect(stdout).toMatch(/\d\.\d s {2}one {10}1 +\d\.\d s {2}Say it \(site\.yml:6\)\n/)
  expect(stdout).toMatch(/\nlines: 1 hosts, \d+ round trips, \d+\.\d kB out, \d+\.\d kB in\n/)
  expect(stdout).toMatch(/\none : \d+ round trips, .*, connected in /)
})

test('outputs that are not there are refused', async () => {
  const live = await playLocally(playbook, { args: ['--output', 'live'] })
  expect(live.stderr).toContain('--output live needs a terminal')
  expect(live.status).toBe(1)
  const none = await playLocally(playbook, { args: ['--output', 'yaml'] })
  expect(none.stderr).toContain('Allowed choices are plain, live, json, junit.')
  expect(none.status).toBe(1)
})
