import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, type Ran } from '../rig/mlops.ts'

/** Plays tasks on this machine with an `ansible.cfg` and environment of its own. */
function played(
  config: string,
  tasks: string,
  {
    files = {},
    env = {},
    args = [],
  }: { files?: Record<string, string>; env?: Record<string, string>; args?: string[] } = {},
): Promise<Ran> {
  const cwd = folder({
    'ansible.cfg': config,
    'hosts.ini': 'one ansible_connection=local\n',
    'site.yml': `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.replaceAll(/^/gm, '    ')}\n`,
    ...files,
  })
  const settings = { ANSIBLE_CONFIG: join(cwd, 'ansible.cfg'), ...env }
  return mlops(['play', 'site.yml', '-i', 'hosts.ini', ...args], { cwd, env: settings })
}

test('with `hash_behaviour = merge` dictionaries of all levels go together', async () => {
  const files = {
    'group_vars/all.yml': 's: { a: 1, deep: { x: 1 } }\n',
    'host_vars/one.yml': 's: { deep: { y: 2 } }\n',
  }
  const tasks = '- debug: { msg: "{{ s | to_json }}" }\n  vars: { s: { b: "{{ 1 + 1 }}" } }'
  const merged = await played('[defaults]\nhash_behaviour = merge\n', tasks, { files })
  expect(merged.stdout).toContain('{\\"a\\": 1, \\"deep\\": {\\"x\\": 1, \\"y\\": 2}, \\"b\\": 2}')
  const replaced = await played('[defaults]\nhash_behaviour = merge\n', tasks, {
    files,
    env: { ANSIBLE_HASH_BEHAVIOUR: 'replace' },
  })
  expect(replaced.stdout).toContain('{\\"b\\": 2}')
})

test('`ansible_managed` is the text of ansible.cfg, with file, host and time put in', async () => {
  const tasks = `- debug: { msg: "{{ lookup('template', 't.j2') }}" }`
  const files = { 'templates/t.j2': '{{ ansible_managed }}' }
  const { stdout } = await played('[defaults]\nansible_managed = by {file} in %Y {uid}\n', tasks, { files })
  expect(stdout).toMatch(/"by t\.j2 in 20\d\d \w+"/)
})

test('keywords of plays have defaults in ansible.cfg', async () => {
  const config =
    '[defaults]\nstrategy = free\nno_log = true\ntask_timeout = 1\ninject_facts_as_vars = no\n[tags]\nrun = wanted\n'
  const hidden = await played(config, '- debug: { msg: to be seen }\n  tags: wanted\n- debug: { msg: other }')
  expect(hidden.stdout).toContain('censored')
  expect(hidden.stdout).not.toContain('to be seen')
  expect(hidden.stdout).toMatch(/ok=1 /)
  const slow = await played(config, '- command: sleep 30\n  tags: wanted\n  no_log: false')
  expect(slow.status).toBe(2)
  const facts =
    '- setup: { gather_subset: min }\n- debug: { msg: "{{ ansible_facts.system }} {{ ansible_system is defined }}" }'
  const injected = await played('[defaults]\ninject_facts_as_vars = no\n', facts)
  expect(injected.stdout).toContain('"Linux False"')
})

test('a setting that is not followed is told of', async () => {
  const { stderr, stdout } = await played('[defaults]\nlog_path = x.log\n', '- debug: { msg: x }')
  expect(stdout + stderr).toContain('`defaults.log_path` is not supported')
})

test('the lookup `config` gives settings by the names that Ansible has for them', async () => {
  const tasks = `- debug: { msg: "{{ lookup('config', 'DEFAULT_FORKS') }} {{ lookup('config', 'DEFAULT_BECOME_METHOD') }} {{ query('config', 'NOT_THERE', on_missing='skip') }}" }
- debug: { msg: "{{ lookup('config', 'DEFAULT_FORK') }}" }`
  const { stdout } = await played('[defaults]\nforks = 7\n', tasks)
  expect(stdout).toContain('"7 sudo []"')
  expect(stdout).toContain('did you mean `DEFAULT_FORKS`')
})

test('`MLOPS_LOOK_AHEAD=off` looks at each task in its turn, as `--no-look-ahead` does; another word is refused', async () => {
  const tasks = '- stat: { path: / }\n- stat: { path: /etc }\n- stat: { path: /usr }'
  const trips = async (word: string, ...more: string[]) => {
    const { stdout } = await played('', tasks, { env: { MLOPS_LOOK_AHEAD: word }, args: ['--json', ...more] })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').connections.one.roundTrips // src/events.ts
  }
  expect([await trips('on'), await trips('off'), await trips('on', '--no-look-ahead')]).toEqual([1, 3, 3])
  const { status, stderr } = await played('', tasks, { env: { MLOPS_LOOK_AHEAD: 'never' } })
  expect(status).toBe(1)
  expect(stderr).toContain('`MLOPS_LOOK_AHEAD` must be true or false, not `never`')
})
