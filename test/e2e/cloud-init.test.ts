import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { mlops, type Ran, recap, root } from '../rig/mlops.ts'
import { freeSubnet } from '../rig/servers.ts'

let directory = ''
let git: ChildProcess | undefined
let provisioned: Ran

const LOGIN = `  - name: appuser
    sudo: ALL=(ALL) NOPASSWD:ALL
    homedir: /home/appuser
    shell: /bin/bash
    ssh_authorized_keys:
      - "{{ cluster_public_key }}"
`

/** All that can be played and needs no package. */
const SYSTEM = `#cloud-config
bootcmd:
  - echo at each boot
users:
  - default
${LOGIN}  - { name: robot, gecos: A robot, groups: [adm, ops], lock_passwd: true }
groups:
  - team
write_files:
  - path: /etc/app/settings.conf
    permissions: '0640'
    content: |
      name = {{ no.template }}
  - { path: /etc/app/packed, encoding: b64, content: aGVsbG8K }
  - { path: /etc/motd, append: true, content: "welcome\\n" }
  - { path: /home/robot/own, owner: "robot:robot", defer: true, content: mine }
timezone: Europe/Stockholm
byobu_by_default: system
runcmd:
  - echo one >>/root/ran
  - [sh, -c, 'echo "$1" >>/root/ran', x, it's]
`

const FAILING = `#cloud-config
byobu_default: system
runcmd:
  - echo begin
  - no-such-program --now
  - - ls
    - /nowhere
`

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mlops-e2e-cloud-init-'))
  const subnet = await freeSubnet()
  const port = await freePort()
  const address = `git://${subnet.replace(/0\/24$/, '1')}:${port}/predictor.git`
  git = serveApplication(join(directory, 'git'), port)
  const userData = (name: string) =>
    readFileSync(join(root, 'cloud-init', name), 'utf8').replace('https://git.example.org/you/predictor.git', address)
  const files = {
    'mlops.yml': `name: e2e-cloud-init-${process.pid}
docker: { subnet: ${subnet}, registry_mirror: local }
servers:
  prodserver: { user_data: single.yml }
  containers: { user_data: containers.yml }
  system: { user_data: system.yml, image: debian-12 }
  failing: { user_data: failing.yml }
`,
    'single.yml': userData('single-without-docker.yml'),
    'containers.yml': userData('single-with-docker.yml'),
    'system.yml': SYSTEM,
    'failing.yml': FAILING,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  provisioned = await mlops(['provision', 'prodserver', 'system', 'containers'], { cwd: directory })
})

afterAll(async () => {
  git?.kill()
  await mlops(['destroy', '--yes'], { cwd: directory })
  rmSync(directory, { recursive: true, force: true })
})

test('provision tells when servers start, let us in and end each stage, and what programs print meanwhile', () => {
  expect(provisioned.status, provisioned.stderr).toBe(0)
  for (const name of ['prodserver', 'system', 'containers']) {
    const told = provisioned.stderr
      .split('\n')
      .filter(line => line.startsWith(`${name}: `))
      .map(line => line.replace(/ (?:\(|after |took )?[\d.]+ s\)?$/, ''))
    expect(told).toEqual([
      `${name}: started`,
      `${name}: sshd lets us in`,
      ...['init-local', 'init', 'config', 'final'].map(stage => `${name}: cloud-init ${stage}`),
    ])
  }
  expect(provisioned.stderr).toMatch(/^ {2}prodserver: Setting up rabbitmq-server/m)
  expect(provisioned.stderr).toMatch(/^ {2}prodserver: Cloning into '\/srv\/predictor'/m)
})

test.each([
  ['without Docker', 'prodserver'],
  ['with Docker', 'containers'],
])('one server %s predicts after its first boot alone', async (_how, name) => {
  const url = `http://${addressOf(name)}`
  // the first boot ends when the services are started; they take their time to be ready
  await vi.waitFor(
    async () => {
      const page = await fetch(`${url}:5100/predictions`, { method: 'POST' })
      expect(await page.text()).toMatch(/<h1>Accuracy is \d+(\.\d+)?<\/h1>/)
      const answer = await fetch(`${url}:5008/api/american`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: '#covid19 new york' }),
      })
      expect(await answer.json()).toMatchObject({ is_american: 1 })
    },
    { timeout: 300_000, interval: 500 },
  )
})

test.each(['single.yml', 'system.yml'])('%s, played on the server that booted with it, changes nothing', async file => {
  const name = file === 'single.yml' ? 'prodserver' : 'system'
  const { stdout, stderr } = await play('--cloud-config', file, '--diff')
  // bootcmd is kept nowhere by cloud-init, so the first play runs it
  const expected = file === 'system.yml' ? ['TASK [bootcmd: 1 command]'] : []
  expect(changedTasks(stdout), stderr).toEqual(expected)
  expect(Object.keys(recap(stdout))).toEqual([name])
  expect(recap((await play('--cloud-config', file)).stdout)[name]).toMatchObject({ changed: 0, failed: 0 })
})

test('the playbook brings the same server to the same state', async () => {
  const playbook = join(root, 'playbooks/single-without-docker.yml')
  expect(changedTasks((await play(playbook)).stdout)).toEqual(['TASK [The server knows itself]'])
  expect(recap((await play(playbook)).stdout)['prodserver']).toMatchObject({ changed: 0, failed: 0 })
})

test('what is changed in the file is what a play changes: commands run again when they differ, and when forced', async () => {
  writeFileSync(
    join(directory, 'system.yml'),
    `${SYSTEM.replace('name = ', 'title = ').replace('groups: [adm, ops]', 'groups: [adm, ops, team]')}  - cat /root/ran\n`,
  )
  const wanted = ['TASK [write_files: /etc/app/settings.conf]', 'TASK [users: robot]', 'TASK [runcmd: 3 commands]']
  expect(changedTasks((await play('--cloud-config', 'system.yml', '--check')).stdout)).toEqual(wanted)
  expect(changedTasks((await play('--cloud-config', 'system.yml')).stdout)).toEqual(wanted)
  expect(changedTasks((await play('--cloud-config', 'system.yml')).stdout)).toEqual([])
  const forced = await play('--cloud-config', 'system.yml', '--force-commands', '--tags', 'runcmd', '--json')
  const results = forced.stdout.split('\n').filter(line => line.includes('"task-finished"') && line.includes('runcmd'))
  expect(results.map(line => JSON.parse(line).result.stdout)).toEqual(["one\nit's\none\nit's\none\nit's\n"])
})

test('commands that fail at the first boot are named with their places and their output', async () => {
  const { status, stderr } = await mlops(['provision', 'failing'], { cwd: directory })
  expect(status).toBe(1)
  expect(stderr).toContain('[WARNING]: failing.yml:2:1: cloud-init knows no key `byobu_default`')
  expect(
    stderr.slice(stderr.indexOf('error:')),
  ).toBe(`error: failing: the command \`no-such-program --now\` of runcmd failed: no-such-program: not found
  --> failing.yml:5:5
5 |   - no-such-program --now
  |     ^^^^^^^^^^^^^^^^^^^^^

error: failing: the command \`'ls' '/nowhere'\` of runcmd ended with an error
  | begin
  | /var/lib/cloud/instance/scripts/runcmd: 3: no-such-program: not found
  | ls: cannot access '/nowhere': No such file or directory
  --> failing.yml:6:5
6 |   - - ls
  |     ^^^^
hint: read /var/log/cloud-init-output.log on failing; correct it, mlops destroy failing, and provision again
`)
})

test('an error in the user data of one server is told before any server is made', async () => {
  writeFileSync(join(directory, 'failing.yml'), 'users: []\n')
  const containers = () =>
    execFileSync('docker', ['ps', '--quiet', '--all', '--filter', `name=e2e-cloud-init-${process.pid}`], {
      encoding: 'utf8',
    })
  const before = containers()
  const { status, stderr } = await mlops(['provision'], { cwd: directory })
  expect(stderr).toContain('error: cloud-init would ignore failing.yml: its first line says no format')
  expect(status).toBe(1)
  expect(containers()).toBe(before)
})

function play(...args: readonly string[]): Promise<Ran> {
  return mlops(['play', ...args], { cwd: directory })
}

/** The tasks that changed something. */
function changedTasks(stdout: string): string[] {
  let task = ''
  return stdout.split('\n').flatMap(line => {
    task = /^TASK \[.*\]/.exec(line)?.[0] ?? task
    return line.startsWith('changed:') ? [task] : []
  })
}

function addressOf(server: string): string {
  const servers: { name: string; address: string }[] = JSON.parse(
    readFileSync(join(directory, '.mlops/servers.json'), 'utf8'),
  )
  return servers.find(({ name }) => name === server)?.address ?? ''
}

/** The predictor as it is built, in a repository that servers can clone. */
function serveApplication(folder: string, port: number): ChildProcess {
  const source = join(folder, 'source')
  mkdirSync(source, { recursive: true })
  const parts = ['dist', 'models', 'data', 'proxy', 'Dockerfile', 'docker-compose.yml', '.dockerignore']
  for (const part of parts) cpSync(join(root, 'app', part), join(source, part), { recursive: true })
  const run = (...args: string[]) => execFileSync('git', args, { cwd: source, stdio: 'ignore' })
  run('init', '--initial-branch=main')
  run('add', '--all', '--force')
  run('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--message=built')
  run('clone', '--bare', source, join(folder, 'predictor.git'))
  // git itself would leave the daemon behind when it is ended
  const daemon = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon')
  return spawn(daemon, ['--export-all', `--base-path=${folder}`, `--port=${port}`], { stdio: 'ignore' })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
