import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, root } from '../rig/mlops.ts'

const fixtures = join(root, 'test/fixtures/inventory')
const recorded = (name: string) => readFileSync(join(fixtures, name), 'utf8')

/** What `ansible-inventory` said of the same sources. */
const cases: readonly [string, readonly string[]][] = [
  ['static.list.json', ['-i', 'static/hosts', '--list']],
  ['static.export.json', ['-i', 'static/hosts', '--list', '--export']],
  ['static.graph.txt', ['-i', 'static/hosts', '--graph']],
  ['static.host.yml', ['-i', 'static/hosts', '--host', 'a-web', '--yaml']],
  ['sources.list.json', ['-i', 'sources', '--list']],
  ['sources.export.json', ['-i', 'sources', '--list', '--export']],
  ['sources.graph.txt', ['-i', 'sources', '--graph']],
  ['odd-ini.list.json', ['-i', 'odd-ini/hosts', '--list']],
  ['odd-ini.export.json', ['-i', 'odd-ini/hosts', '--list', '--export']],
  ['odd-ini.vars.txt', ['-i', 'odd-ini/hosts', '--graph', '--vars']],
  ['odd-yaml.list.json', ['-i', 'odd-yaml/hosts.yml', '--list']],
  ['odd-yaml.export.json', ['-i', 'odd-yaml/hosts.yml', '--list', '--export']],
  ['odd-yaml.vars.txt', ['-i', 'odd-yaml/hosts.yml', '--graph', '--vars']],
  ['odd-yaml.host.json', ['-i', 'odd-yaml/hosts.yml', '--host', 'one']],
  ['sources.vars.txt', ['-i', 'sources', '--graph', '--vars']],
]

test.each(cases)('%s comes out as ansible-inventory wrote it', async (name, args) => {
  const { stdout, stderr } = await mlops(['inventory', ...args], { cwd: fixtures })
  expect(stderr).toBe('')
  expect(stdout).toBe(recorded(name))
})

test('what an inventory script lists is an inventory again', async () => {
  const cwd = folder({ 'hosts.json': recorded('sources.list.json') })
  const { stdout } = await mlops(['inventory', '-i', 'hosts.json', '--list'], { cwd })
  const { all: _here, ...again } = JSON.parse(stdout)
  const { all: _there, ...first } = JSON.parse(recorded('sources.list.json'))
  expect(again).toEqual(first)
})

test('the tree in YAML is an inventory again', async () => {
  const { stdout } = await mlops(['inventory', '-i', 'static/hosts', '--list', '--yaml'], { cwd: fixtures })
  const cwd = folder({ 'hosts.yml': stdout })
  const again = await mlops(['inventory', '-i', 'hosts.yml', '--list', '--yaml'], { cwd })
  expect(again.stdout).toBe(stdout)
})

test('a script that fails says why, and a wrong name names near ones', async () => {
  const cwd = folder({ 'dyn.sh': '#!/bin/sh\necho no token >&2\nexit 3\n', 'text.sh': '#!/bin/sh\necho hello\n' })
  for (const script of ['dyn.sh', 'text.sh']) chmodSync(join(cwd, script), 0o755)
  const failed = await mlops(['inventory', '-i', 'dyn.sh', '--list'], { cwd })
  expect(failed.stderr).toContain('no token')
  expect(failed.status).toBe(1)
  expect((await mlops(['inventory', '-i', 'text.sh', '--list'], { cwd })).stderr).toContain('its answer is no JSON')
  const missing = await mlops(['inventory', '-i', 'static/hosts', '--host', 'a-wep'], { cwd: fixtures })
  expect(missing.stderr).toContain('did you mean `a-web`')
  expect(missing.status).toBe(1)
})

test('what cannot be shown is said', async () => {
  const { status, stderr } = await mlops(['inventory', '-i', 'static/hosts', '--list', '--toml'], { cwd: fixtures })
  expect(status).toBe(1)
  expect(stderr).toContain('--toml is not supported')
  const cwd = folder({ 'hosts.ini': '[a:children]\nb\n[b:children]\na\n' })
  expect((await mlops(['inventory', '-i', 'hosts.ini', '--list'], { cwd })).stderr).toContain('hosts.ini:4:1')
})

test('a host knows the source that named it first, and a constructed group the groups of a host', async () => {
  const site = `- hosts: all
  gather_facts: false
  tasks:
    - debug: { msg: "{{ inventory_dir | basename }} {{ inventory_file | basename }} {{ group_names | join(' ') }}" }
`
  const cwd = folder({
    'site.yml': site,
    'first/hosts': '[web]\none ansible_connection=local\n\n[site:children]\nweb\n',
    'first/made.yml': `plugin: constructed
groups:
  served: "'site' in group_names"
  short: inventory_hostname_short == 'one'
`,
    'second/hosts': '[web]\none\n\n[db]\ntwo ansible_connection=local\n',
  })
  const { stdout, stderr } = await mlops(['play', 'site.yml', '-i', 'first', '-i', 'second/hosts'], { cwd })
  expect(
    [...stdout.matchAll(/"msg": "(.*)"/g)].map(([, text]) => text),
    stderr,
  ).toEqual(['first hosts served short site web', 'second hosts db'])
})
