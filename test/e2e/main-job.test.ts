import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mlops, recap, root } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

/** From bare servers to live predictions, in order: each test goes on where the one before ended. */
let servers: Servers
let url: string

beforeAll(async () => {
  servers = await startServers({
    name: 'main-job',
    settings: {
      services: {
        proxy: { server: 'prodserver', port: 5100, health: '/healthz', max_replicas: 1 },
        web: { server: 'prodserver' },
        worker: { server: 'prodserver', aliases: ['worker_1'] },
        rabbit: { server: 'prodserver', max_replicas: 1 },
      },
    },
  })
  url = `http://${address('prodserver')}:5100`
})

const address = (name: string) => servers.hosts.find(host => host.name === name)?.address

/** The engine's own command, on the container that is a server: what happens to a machine from outside. */
const docker = (...args: string[]) =>
  execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const container = (name: string) => `${servers.project.name}-${name}`

afterAll(async () => {
  await servers?.stop()
})

const playbook = join(root, 'playbooks/configuration.yml')
const run = (...args: string[]) => mlops(args, { cwd: servers.directory })

async function status() {
  const { stdout, stderr } = await run('status', '--json')
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`status said: ${stdout}${stderr}`)
  }
}

const replicas = async (service: string) =>
  (await status()).services.find((each: { name: string }) => each.name === service).running

test('a second provision changes nothing', async () => {
  const { status: code, stdout, stderr } = await run('provision', '--json')
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ changed: false })
})

test('what provision learned lies in .mlops, for nobody else to read', () => {
  const state = join(servers.directory, '.mlops')
  expect(statSync(state).mode & 0o777).toBe(0o700)
  expect(existsSync(join(state, 'inventory.yml'))).toBe(true)
  const keys = execFileSync(
    'find',
    [state, '-type', 'f', '-perm', '/077', '-name', '*key*', '-not', '-name', '*.pub'],
    { encoding: 'utf8' },
  )
  expect(keys).toBe('')
})

test('cloud-init made the users that the user data says, and systemd runs', async () => {
  const said = await run('play', join(import.meta.dirname, 'server-is-real.yml'))
  expect(said.status, said.stdout + said.stderr).toBe(0)
})

test('the playbook brings both servers to life', async () => {
  const { status: code, stdout, stderr } = await run('play', playbook)
  expect(code, stdout + stderr).toBe(0)
  expect(recap(stdout)['prodserver']).toMatchObject({ failed: 0, unreachable: 0 })
  expect(recap(stdout)['devserver']).toMatchObject({ failed: 0, unreachable: 0 })
})

test('predictions are live', async () => {
  const answer = await fetch(`${url}/predictions`, { method: 'POST' })
  expect(answer.status).toBe(200)
  const page = await answer.text()
  expect(page).toMatch(/<h1>Accuracy is \d+(\.\d+)?<\/h1>/)
  expect(page).toContain('Predicted')
})

test('a second play changes nothing', async () => {
  const { status: code, stdout, stderr } = await run('play', playbook)
  expect(code, stdout + stderr).toBe(0)
  for (const host of ['prodserver', 'devserver'])
    expect(recap(stdout)[host], stdout).toMatchObject({ changed: 0, failed: 0 })
})

test('without look-ahead the second play says the same', async () => {
  const { stdout } = await run('play', playbook, '--no-look-ahead')
  for (const host of ['prodserver', 'devserver'])
    expect(recap(stdout)[host], stdout).toMatchObject({ changed: 0, failed: 0 })
})

test('a new model is live without a new image or new containers', async () => {
  const app = mkdtempSync(join(tmpdir(), 'mlops-new-model-'))
  try {
    cpSync(join(root, 'app'), app, { recursive: true, filter: path => !path.endsWith('node_modules') })
    const file = join(app, 'models/diabetes/model.json')
    writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))))
    const before = (await status()).app[0].model.id
    const { stdout } = await run('play', playbook, '-e', `app_source=${app}`)
    // the files, and what they are judged and put live by
    expect(recap(stdout)['prodserver'], stdout).toMatchObject({ changed: 2, failed: 0 })
    await expect.poll(async () => (await status()).app[0].model?.id, { timeout: 60_000 }).not.toBe(before)
    const back = await run('play', playbook)
    expect(recap(back.stdout)['prodserver'], back.stdout).toMatchObject({ changed: 2, failed: 0 })
  } finally {
    rmSync(app, { recursive: true, force: true })
  }
})

test('the network of the containers has the MTU of the network card', async () => {
  const said = await run('play', join(import.meta.dirname, 'mtu.yml'))
  expect(said.status, said.stdout + said.stderr).toBe(0)
})

test('the broker has a password of its own, and its ports are not published', async () => {
  const said = await run('play', join(import.meta.dirname, 'broker.yml'))
  expect(said.status, said.stdout + said.stderr).toBe(0)
  await expect(fetch(`http://${address('prodserver')}:15672/`)).rejects.toThrow()
})

test('status shows servers, services, queue, model and health', async () => {
  const now = await status()
  expect(now.servers).toMatchObject([
    { name: 'prodserver', reachable: true },
    { name: 'devserver', reachable: true },
  ])
  expect(now.services.map((each: { name: string; health: string }) => [each.name, each.health])).toEqual([
    ['proxy', 'Healthy'],
    ['web', 'Healthy'],
    ['worker', 'Healthy'],
    ['rabbit', 'Healthy'],
  ])
  expect(now.app[0]).toMatchObject({ ready: true, queue: { messages: 0, consumers: 1 } })
  expect(now.app[0].model.id).toMatch(/\w+/)
  expect(now.lastPlay).toMatchObject({ exitStatus: 0 })
  const shown = await run('status')
  expect(shown.status).toBe(0)
  expect(shown.stdout).toContain('prodserver')
})

test('workers are scaled up, the number is kept by the next play, and asking again changes nothing', async () => {
  const up = await run('scale', 'worker=3')
  expect(up.status, up.stdout + up.stderr).toBe(0)
  expect(up.stdout).toMatch(/worker\s+prodserver\s+1\s+3/)
  expect(await replicas('worker')).toBe(3)
  expect((await run('scale', 'worker_1=3')).stdout).toContain('Nothing to do')
  const play = await run('play', playbook)
  expect(recap(play.stdout)['prodserver'], play.stdout).toMatchObject({ changed: 0 })
  expect(await replicas('worker')).toBe(3)
})

test('a service that was scaled to none stays away, and scaling others leaves it so', async () => {
  expect((await run('scale', 'web=0')).status).toBe(0)
  expect((await run('scale', 'worker=2')).status).toBe(0)
  expect(await replicas('web')).toBe(0)
  const play = await run('play', playbook)
  expect(recap(play.stdout)['prodserver'], play.stdout).toMatchObject({ changed: 0, failed: 0 })
  expect(await replicas('web')).toBe(0)
  expect((await run('scale', 'web=1')).status).toBe(0)
  expect(await replicas('worker')).toBe(2)
})

test('jobs go on while workers are scaled down and one is killed: none is lost', async () => {
  const answers: Promise<number>[] = []
  const ask = async () =>
    (await fetch(`${url}/predictions`, { method: 'POST', signal: AbortSignal.timeout(30_000) })).status
  for (let i = 0; i < 100; i++) answers.push(ask())
  const containers: { id: string; service: string }[] = (await status()).services.flatMap(
    (each: { containers: unknown }) => each.containers,
  )
  const victim = containers.find(each => each.service === 'worker')
  docker('exec', container('prodserver'), 'docker', 'kill', '--signal', 'KILL', victim?.id ?? '')
  for (let i = 0; i < 50; i++) answers.push(ask())
  const down = await run('scale', 'worker=1')
  expect(down.status, down.stdout + down.stderr).toBe(0)
  for (let i = 0; i < 50; i++) answers.push(ask())
  const codes = await Promise.all(answers)
  expect(codes.filter(code => code !== 200)).toEqual([])
  expect(await replicas('worker')).toBe(1)
})

test.each([
  [['wroker=2'], 'did you mean `worker`'],
  [['worker=-1'], 'cannot run -1 times'],
  [['worker=100000'], 'cannot run 100000 times'],
  [['worker=two'], '`two` is not a number'],
  [['worker'], 'is not SERVICE=NUMBER'],
  [['proxy=2'], 'publishes port 5100'],
  [['rabbit=2'], 'mlops.yml says max_replicas: 1'],
])('scale %j is refused: %s', async (words, text) => {
  const { status: code, stderr } = await run('scale', ...words)
  expect(code).toBe(1)
  expect(stderr).toContain(text)
})

test('a server that does not answer is shown as unreachable, with exit status 4', async () => {
  docker('pause', container('devserver'))
  try {
    const { status: code, stdout } = await mlops(['status', '--json'], {
      cwd: servers.directory,
      env: { ANSIBLE_TIMEOUT: '2' },
    })
    expect(code).toBe(4)
    expect(JSON.parse(stdout).servers).toMatchObject([
      { reachable: true },
      { name: 'devserver', reachable: false, address: address('devserver') },
    ])
  } finally {
    docker('unpause', container('devserver'))
  }
})

test('a rebooted server comes back with its predictor', async () => {
  const booted = () => docker('exec', container('prodserver'), 'cat', '/proc/sys/kernel/random/boot_id')
  const before = booted()
  docker('exec', container('prodserver'), 'systemctl', '--no-block', 'reboot')
  const later = () => {
    try {
      return booted()
    } catch {
      return before // it is down
    }
  }
  await expect.poll(later, { timeout: 120_000, interval: 500 }).not.toBe(before)
  const answer = () =>
    fetch(`${url}/predictions`, { method: 'POST', signal: AbortSignal.timeout(5000) }).then(
      reply => reply.status,
      () => undefined,
    )
  await expect.poll(answer, { timeout: 120_000, interval: 1000 }).toBe(200)
})

test.each([
  'configuration-2021.yml',
  'configuration-2023.yml',
])("the lab's playbook %s plays on the servers until its first download, which has no network here", async name => {
  const { status: code, stdout } = await mlops(['play', join(root, 'test/fixtures/lab', name)], {
    cwd: servers.directory,
  })
  expect(code, stdout).toBe(2)
  const lines = stdout.split('\n')
  const failed = lines.findLast((line, i) => line.startsWith('TASK [') && lines[i + 1]?.startsWith('fatal:') === true)
  expect(failed).toMatch(/repository/i)
  expect(recap(stdout)['prodserver']?.['ok']).toBeGreaterThanOrEqual(3)
})
