import { existsSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

const config = `[defaults]
fact_caching = jsonfile
fact_caching_connection = facts
fact_caching_prefix = x_
`
const inventory = 'one ansible_connection=local\n'
const play = (text: string) => `- hosts: all\n${text}`

function project(files: Readonly<Record<string, string>>) {
  const cwd = folder({ 'hosts.ini': inventory, ...files })
  const env = { ANSIBLE_CONFIG: join(cwd, 'ansible.cfg') }
  return { cwd, run: (...args: string[]) => mlops([...args, '-i', 'hosts.ini'], { cwd, env }) }
}

function read(cwd: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(cwd, 'facts/x_one'), 'utf8'))
}

test('facts and cacheable variables are there in the next run, secrets among them are not', async () => {
  const { cwd, run } = project({
    'ansible.cfg': config,
    'set.yml': play(`  gather_subset: [min]
  tasks:
    - set_fact: { color: blue, cacheable: true }
    - set_fact: { shape: round }
    - set_fact: { token: not-for-disks, cacheable: true }
      no_log: true
`),
    'use.yml': play(`  gather_facts: false
  tasks:
    - debug: { msg: "{{ ansible_facts.system }} {{ ansible_system }} {{ color }} {{ shape | default('unknown') }}" }
`),
  })
  await run('play', 'set.yml')
  expect(read(cwd)).toMatchObject({ _ansible_facts_gathered: true, ansible_system: 'Linux', color: 'blue' })
  expect(readFileSync(join(cwd, 'facts/x_one'), 'utf8')).not.toMatch(/not-for-disks|round/)
  const { stdout } = await run('play', 'use.yml')
  expect(stdout).toContain('"Linux Linux blue unknown"')
  const vars = await run('vars', 'one', 'color')
  expect(vars.stdout).toContain('color = blue')
})

test('a file that Ansible wrote is read, and `smart` does not gather again what is in it', async () => {
  const { run } = project({
    'ansible.cfg': `${config}gathering = smart\n`,
    'facts/x_one': '{"_ansible_facts_gathered": true, "ansible_system": "Plan 9", "mine": 4}',
    'site.yml': play('  tasks:\n    - debug: { msg: "{{ ansible_system }} {{ mine }}" }\n'),
  })
  const kept = await run('play', 'site.yml')
  expect(kept.stdout).toContain('"Plan 9 4"')
  expect(kept.stdout).not.toContain('Gathering Facts')
  const flushed = await run('play', 'site.yml', '--flush-cache')
  expect(flushed.stdout).toContain('Gathering Facts')
  expect(flushed.stdout).toContain("'mine' is undefined")
})

test('`smart` gathers once for all plays of a run, `explicit` only where it is said', async () => {
  const two = '- hosts: all\n  tasks: []\n- hosts: all\n  tasks: []\n'
  const gatherings = async (gathering: string, site: string) => {
    const { run } = project({ 'ansible.cfg': `[defaults]\ngathering = ${gathering}\n`, 'site.yml': site })
    return (await run('play', 'site.yml')).stdout.split('TASK [Gathering Facts]').length - 1
  }
  expect(await gatherings('implicit', two)).toBe(2)
  expect(await gatherings('smart', two)).toBe(1)
  expect(await gatherings('explicit', two)).toBe(0)
  expect(await gatherings('explicit', '- hosts: all\n  gather_facts: true\n')).toBe(1)
})

test('`meta: clear_facts` forgets what the cache has, too', async () => {
  const { cwd, run } = project({
    'ansible.cfg': config,
    'facts/x_one': '{"ansible_system": "Plan 9"}',
    'site.yml': play('  gather_facts: false\n  tasks:\n    - meta: clear_facts\n'),
  })
  await run('play', 'site.yml')
  expect(existsSync(join(cwd, 'facts/x_one'))).toBe(false)
})

test('facts that are too old are as none', async () => {
  const { cwd, run } = project({
    'ansible.cfg': `${config}fact_caching_timeout = 60\n`,
    'facts/x_one': '{"mine": 1}',
    'site.yml': play(`  gather_facts: false\n  tasks:\n    - debug: { msg: "{{ mine | default('none') }}" }\n`),
  })
  expect((await run('play', 'site.yml')).stdout).toContain('"msg": 1')
  const then = Date.now() / 1000 - 120
  utimesSync(join(cwd, 'facts/x_one'), then, then)
  expect((await run('play', 'site.yml')).stdout).toContain('"none"')
})

test('facts that are no JSON are as none, and a cache that is not supported is refused with its place', async () => {
  const { run } = project({
    'ansible.cfg': config,
    'facts/x_one': '{broken',
    'site.yml': play(
      `  gather_facts: false\n  tasks:\n    - debug: { msg: "{{ ansible_system | default('none') }}" }\n`,
    ),
  })
  const broken = await run('play', 'site.yml')
  expect(broken.stdout).toContain('"none"')
  expect(broken.stderr + broken.stdout).toContain('cannot be read and is left out')
  const redis = project({ 'ansible.cfg': '[defaults]\nfact_caching = redis\n', 'site.yml': play('  tasks: []\n') })
  const refused = await redis.run('play', 'site.yml')
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('ansible.cfg:2:16')
  const nowhere = project({ 'ansible.cfg': '[defaults]\nfact_caching = jsonfile\n', 'site.yml': play('  tasks: []\n') })
  expect((await nowhere.run('play', 'site.yml')).stderr).toContain('fact_caching_connection')
})
