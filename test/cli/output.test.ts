import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  expect(stdout).toMatch(/\nSLOWEST TASKS\nLONGEST {2}ON HOST .* TASK\n/)
  expect(stdout).toMatch(/\d m?s {2}one {10}1 .* Say it \(site\.yml:6\)\n/)
  expect(stdout).toMatch(/\nHOSTS\nHOST +CONNECT .*\none .* kB\n/)
  expect(stdout).toMatch(/\nlines: 1 hosts, \d+ round trips, \d+\.\d kB out, \d+\.\d kB in\n/)
})

test('--trace writes each task of each host with its trips, beside what is shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-trace-'))
  const file = join(folder, 'trace.json')
  const { stdout } = await playLocally(playbook, { hosts: ['one', 'two'], args: ['--trace', file] })
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(folder, { recursive: true })
  expect(stdout).toContain('PLAY RECAP')
  const rows = traceEvents.filter((entry: { name: string }) => entry.name === 'Say it')
  expect(new Set(rows.map((entry: { tid: number }) => entry.tid)).size).toBe(2)
  expect(traceEvents.filter((entry: { name: string }) => entry.name === 'connect')).toHaveLength(2)

  const nowhere = await playLocally(playbook, { args: ['--trace', join(folder, 'gone/trace.json')] })
  expect(nowhere.stderr).toMatch(/^error: the trace cannot be written to .*: there is no such file or folder\n$/)
  expect(nowhere.status).toBe(1)
})

test('outputs that are not there are refused', async () => {
  const live = await playLocally(playbook, { args: ['--output', 'live'] })
  expect(live.stderr).toContain('--output live needs a terminal')
  expect(live.status).toBe(1)
  const none = await playLocally(playbook, { args: ['--output', 'yaml'] })
  expect(none.stderr).toContain('Allowed choices are plain, live, json, junit.')
  expect(none.status).toBe(1)
})

test('each batch of a play has its headlines', async () => {
  const { stdout } = await playLocally('- hosts: all\n  gather_facts: false\n  serial: 1\n  tasks: [ping: ]\n', {
    hosts: ['one', 'two'],
  })
  const lines = stdout.split('\n').map(line => line.replace(/ \*+$/, ''))
  expect(lines.slice(0, lines.indexOf('PLAY RECAP')).filter(line => line !== '')).toEqual(
    ['one', 'two'].flatMap(host => ['PLAY [all]', 'TASK [ping]', `ok: [${host}]`]),
  )
})
