import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import { loadSettings } from './settings.ts'
import { settingKeys } from './unheeded.ts'

function folder(config?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'mlops-settings-'))
  if (config !== undefined) writeFileSync(join(path, 'ansible.cfg'), config)
  return path
}

test('without any setting the defaults are those of the product', () => {
  const home = folder()
  expect(loadSettings({ HOME: home }, folder())).toMatchObject({
    forks: 50,
    hostKeyChecking: true,
    timeoutMs: 10_000,
    become: { enabled: false },
    gathering: 'implicit',
    inventoryGiven: false,
    rolesPath: [join(home, '.ansible/roles'), '/usr/share/ansible/roles', '/etc/ansible/roles'],
    collectionsPath: [join(home, '.ansible/collections'), '/usr/share/ansible/collections'],
  })
})

test('ansible.cfg of the current folder counts, and its paths are seen from it', () => {
  const path = folder(`# lab
[defaults]
inventory = ./hosts, more/
roles_path: roles:/opt/roles
forks=7 ; a few
host_key_checking = False
remote_user = appuser
private_key_file = keys/id
timeout = 30
transport = smart
[privilege_escalation]
become = yes
become_user = admin
become_method = su
[ssh_connection]
ssh_args = -o ControlMaster=auto
   -o ControlPersist=60s
`)
  expect(loadSettings({}, path)).toMatchObject({
    configFile: join(path, 'ansible.cfg'),
    inventory: [join(path, 'hosts'), join(path, 'more')],
    inventoryGiven: true,
    rolesPath: [join(path, 'roles'), '/opt/roles'],
    forks: 7,
    hostKeyChecking: false,
    remoteUser: 'appuser',
    privateKeyFile: join(path, 'keys/id'),
    timeoutMs: 30_000,
    connection: undefined,
    sshArgs: { args: '-o ControlMaster=auto\n-o ControlPersist=60s' },
    become: { enabled: true, user: 'admin', method: 'su' },
  })
})

test('the environment wins over the file', () => {
  const path = folder('[defaults]\nforks = 7\nhost_key_checking = True\n')
  const env = {
    ANSIBLE_FORKS: '3',
    ANSIBLE_HOST_KEY_CHECKING: 'False',
    ANSIBLE_INVENTORY: 'a,b,',
    ANSIBLE_PRIVATE_KEY_FILE: 'k',
    ANSIBLE_BECOME: '1',
  }
  expect(loadSettings(env, path)).toMatchObject({
    forks: 3,
    hostKeyChecking: false,
    inventory: ['a,b,'],
    privateKeyFile: join(path, 'k'),
    become: { enabled: true },
  })
})

test('ANSIBLE_CONFIG names a file or a folder', () => {
  const path = folder()
  mkdirSync(join(path, 'etc'))
  writeFileSync(join(path, 'etc', 'ansible.cfg'), '[defaults]\nforks = 2\n')
  expect(loadSettings({ ANSIBLE_CONFIG: 'etc' }, path).forks).toBe(2)
  expect(loadSettings({ ANSIBLE_CONFIG: 'etc/ansible.cfg' }, path).forks).toBe(2)
})

test('an ansible.cfg in a folder that everybody may write to is left out, with a warning', () => {
  const path = folder('[defaults]\nforks = 2\n')
  chmodSync(path, 0o777)
  const settings = loadSettings({ HOME: folder() }, path)
  expect(settings.forks).toBe(50)
  expect(settings.warnings).toEqual([`${path}/ansible.cfg is left out: everybody may write to its folder`])
})

test('all wrong values are reported at once', () => {
  const path = folder('[defaults]\nforks = many\ngathering = smrt\n')
  let error: unknown
  try {
    loadSettings({ ANSIBLE_TIMEOUT: '-1', ANSIBLE_HOST_KEY_CHECKING: 'perhaps' }, path)
  } catch (caught) {
    error = caught
  }
  expect(error).toBeInstanceOf(MlopsError)
  expect(
    error instanceof MlopsError && explain(error).replaceAll(path, ''),
  ).toBe(`error: \`defaults.forks\` must be a whole number of at least 1, not \`many\`
  --> /ansible.cfg:2:9
2 | forks = many
  |         ^^^^

error: \`ANSIBLE_HOST_KEY_CHECKING\` must be true or false, not \`perhaps\`

error: \`ANSIBLE_TIMEOUT\` must be a whole number of at least 1, not \`-1\`

error: \`defaults.gathering\` must be one of implicit, explicit, smart, not \`smrt\`
  --> /ansible.cfg:3:13
3 | gathering = smrt
  |             ^^^^
hint: did you mean \`smart\`?`)
})

test('what is set and not followed, and what Ansible does not know, is told with its place', () => {
  const path = folder(`[defaults]
callbacks_enabled = profile_tasks
nocows = 1
frks = 5
stdout_callback = default
[galaxy]
server_list = mine
`)
  const { warnings } = loadSettings({ ANSIBLE_FILTER_PLUGINS: 'x', ANSIBLE_PIPELINING: '1' }, path)
  expect(warnings).toEqual([
    `\`defaults.callbacks_enabled\` is not supported: use --output and --profile (${path}/ansible.cfg:2:21)`,
    `there is no setting \`defaults.frks\`, did you mean \`forks\`? (${path}/ansible.cfg:4:8)`,
    'ANSIBLE_FILTER_PLUGINS is not supported: plugins in Python cannot be loaded',
  ])
})

test('a strategy that there is not is refused', () => {
  expect(() => loadSettings({ ANSIBLE_STRATEGY: 'mitogen_linear' }, folder())).toThrow('must be one of linear')
})

test('the guide names every setting that is followed or told of', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/settings.md'), 'utf8')
  const { followed, unsupported } = settingKeys()
  const missing = [...followed, ...unsupported].filter(key => !guide.includes(`\`${key.replace(/^defaults\./, '')}\``))
  expect(missing).toEqual([])
})
