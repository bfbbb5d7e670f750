import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mlops, recap, root } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

/** One application on two servers, in order: each test goes on where the one before ended. */
let servers: Servers
const playbook = join(root, 'playbooks/configuration.yml')
const [first, second] = ['prodserver', 'server3']

beforeAll(async () => {
  servers = await startServers({
    name: 'two',
    images: ['debian-13', 'debian-13', 'debian-13'],
    settings: {
      services: {
        proxy: { servers: [first, second], port: 5100, health: '/healthz', max_replicas: 1 },
        web: { servers: [first, second], replicas: 2 },
        worker: { servers: [first, second], replicas: 2 },
        rabbit: { server: first, max_replicas: 1 },
      },
      vars: { upgrade: 'no' },
    },
  })
})

afterAll(() => servers?.stop())

const address = (name: string) => servers.hosts.find(host => host.name === name)?.address
const run = (...args: string[]) => mlops(args, { cwd: servers.directory })
const container = (name: string) => `${servers.project.name}-${name}`

function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return stdout
}
/** Runs a command on a server as root. */
const on = (server: string, command: string) => docker('exec', container(server), 'sh', '-c', command)
const live = (server: string, model = 'diabetes') =>
  on(server, `basename $(readlink -f /srv/*/models/${model}/current)`).trim()
const ask = (server: string, path: string, init?: RequestInit) => fetch(`http://${address(server)}:5100${path}`, init)

/** Asks one server ten times a second for predictions while a program runs; what came of it. */
async function whileAsked(server: string, ...program: string[]) {
  const url = `http://${address(server)}:5100/accuracy`
  const ran = await run(
    ...'measure downtime --json --rate 10 --timeout 60 --post {} --url'.split(' '),
    url,
    '--',
    ...program,
  )
  expect(ran.stdout, ran.stderr).toContain('"failed"')
  const measured = JSON.parse(ran.stdout) as { failed: number; requests: number; versions: { version: string }[] } // src/cli/measure-run.ts
  return { ...ran, measured }
}

test('a play makes it on both servers, and a second one changes nothing, nor does one without look-ahead', async () => {
  const made = await run('play', playbook)
  expect(made.status, made.stdout + made.stderr).toBe(0)
  for (const way of [[], ['--no-look-ahead']]) {
    const again = await run('play', playbook, ...way)
    for (const host of [first, second, 'devserver'])
      expect(recap(again.stdout)[host], again.stdout).toMatchObject({ changed: 0, failed: 0 })
  }
})

test('status tells both servers, both addresses answer, and the workers of both take jobs', async () => {
  const { status, stdout, stderr } = await run('status', '--json')
  expect(status, stderr).toBe(0)
  const seen = JSON.parse(stdout)
  const rows = seen.services.map(
    (row: Record<string, unknown>) => `${row.name} ${row.server} ${row.running}/${row.wanted}`,
  )
  expect(rows).toEqual([
    `proxy ${first} 1/1`,
    `proxy ${second} 1/1`,
    `web ${first} 1/1`,
    `web ${second} 1/1`,
    `worker ${first} 1/1`,
    `worker ${second} 1/1`,
    `rabbit ${first} 1/1`,
  ])
  expect(seen.app.map((app: { queue: { consumers: number } }) => app.queue.consumers)).toEqual([2, 2])
  for (const server of [first, second]) expect((await ask(server, '/accuracy', { method: 'POST' })).status).toBe(200)
})

test('what is for operators is told on the server alone, however it is asked for, and the broker to the servers alone', async () => {
  for (const path of ['/status', '/metrics', '/workers', '/%73tatus', '//metrics', '/status?x', '/status/'])
    expect([path, (await ask(second, path)).status]).toEqual([path, 403])
  expect((await ask(second, '/readyz')).status).toBe(200)
  const inside = on(second, 'curl -fsS --unix-socket /srv/*/proxy/web.sock http://localhost/metrics')
  expect(inside).toContain('predictor_broker_up 1')
  const knock = `timeout 5 bash -c 'exec 3<>/dev/tcp/${address(first)}/5672; printf "AMQP\\0\\0\\11\\1" >&3; head -c 4 <&3 | wc -c'`
  expect(on(second, knock).trim()).toBe('4')
  expect(on('devserver', `${knock} 2>/dev/null || echo 0`).trim()).toBe('0')
})

test('a pushed model goes live on both servers without a failed request', async () => {
  const before = live(first)
  expect(live(second)).toBe(before)
  const pushed = await whileAsked(second, ...'mlops deliver diabetes --force-model -- --epochs 5 --seed 3'.split(' '))
  expect(pushed.status, pushed.stderr).toBe(0)
  expect(pushed.stderr).toMatch(/remote: diabetes \w+ is live on 2 workers/)
  expect(pushed.measured).toMatchObject({ failed: 0 })
  expect(live(first)).not.toBe(before)
  expect(live(second)).toBe(live(first))
})

test('the key that brings models to the other server can do nothing else', () => {
  const ssh = `cd /srv/*/delivery/state && runuser -u appuser -- ssh -T -F none -i key -o BatchMode=yes -o UserKnownHostsFile=known_hosts -o HostKeyAlias=${second} appuser@${address(second)}`
  for (const command of ['', 'id', "'state; id'", "'take ../x abc'", "'take diabetes ../x'", "'point diabetes 000000'"])
    expect([command, on(first, `${ssh} ${command} 2>&1 || echo refused`)]).toEqual([
      command,
      expect.stringMatching(/^(error: [^\n]*\n)?refused\n$|^diabetes \w+\namerican \w+\n$/),
    ])
  const model = on(first, `${ssh} state`)
  expect(model).toContain(`diabetes ${live(second)}`)
})

test('new code goes live on one server after the other, and back on both where it does not do on one', async () => {
  const image = (name: string) => on(name, "sed -n 's/^IMAGE=//p' /srv/*/.env").trim()
  const before = image(first)
  const build = (server: string, tag: string, recipe: string) =>
    on(server, `printf 'FROM ${before}\\n${recipe}\\n' | docker build -q -t predictor:${tag} -`)
  for (const server of [first, second]) build(server, 'again', 'LABEL again=1')
  build(first, 'half', 'LABEL half=1')
  build(second, 'half', 'ENTRYPOINT ["false"]')
  const deployed = await whileAsked(second, 'mlops', 'deploy', '--version', 'again')
  expect(deployed.status, deployed.stderr).toBe(0)
  expect(deployed.measured).toMatchObject({ failed: 0 })
  expect([image(first), image(second)]).toEqual(['predictor:again', 'predictor:again'])
  const half = await run('deploy', '--version', 'half', '--wait', '30')
  expect(half.status, half.stdout + half.stderr).toBe(2)
  expect(half.stdout).toContain(`${first} goes back:`)
  expect([image(first), image(second)]).toEqual(['predictor:again', 'predictor:again'])
  const back = await run('rollback')
  expect(back.status, back.stdout + back.stderr).toBe(0)
  expect([image(first), image(second)]).toEqual([before, before])
  expect((await run('history')).stdout).toMatch(new RegExp(`${second} +deploy .* live`))
})

test('copies are spread evenly over the servers', async () => {
  const { stdout, status } = await run('scale', 'worker=3', 'web=3', '--json')
  expect(status, stdout).toBe(0)
  const after = JSON.parse(stdout).map((row: Record<string, unknown>) => `${row.service} ${row.server} ${row.after}`)
  expect(after.sort()).toEqual([`web ${first} 2`, `web ${second} 1`, `worker ${first} 2`, `worker ${second} 1`])
})

test('the copies of one server, and a whole server, may go away: nobody waits in vain', async () => {
  const stop = 'docker stop $(docker ps -q --filter label=com.docker.compose.service=SERVICE)'
  const web = await whileAsked(second, 'docker', 'exec', container(second), 'sh', '-c', stop.replace('SERVICE', 'web'))
  expect(web.measured).toMatchObject({ failed: 0 })
  expect((await ask(second, '/accuracy', { method: 'POST' })).status).toBe(200)
  // without a word, as when the power goes: RabbitMQ gives to others what its worker had in hand
  const gone = await whileAsked(first, 'docker', 'kill', container(second))
  expect(gone.measured).toMatchObject({ failed: 0 })
})

test('a model that is pushed while a server is away is told of, and gets there with the next word', async () => {
  const pushed = await run(...'deliver diabetes --force-model -- --epochs 5 --seed 4'.split(' '))
  expect(pushed.status, pushed.stdout + pushed.stderr).toBe(0)
  expect(pushed.stdout).toContain(`${second} cannot be reached`)
  docker('start', container(second))
  const state = async () => (await run('status', '--json')).status
  await expect.poll(state, { timeout: 120_000, interval: 2000 }).not.toBe(4)
  expect(live(second)).not.toBe(live(first))
  const played = await run('play', playbook)
  expect(played.status, played.stdout + played.stderr).toBe(0)
  expect(live(second)).toBe(live(first))
  expect(await state()).toBe(0)
})

test('a play that changes settings replaces web without an outage', async () => {
  const played = await whileAsked(first, 'mlops', 'play', playbook, '-e', '{"served_models": ["diabetes"]}')
  expect(played.status, played.stderr).toBe(0)
  expect(played.measured).toMatchObject({ failed: 0 })
  for (const server of [first, second])
    expect((await ask(server, '/api/american', { method: 'POST' })).status).toBe(404)
})
