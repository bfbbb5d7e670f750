import { type ChildProcess, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { mlops, recap, root } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

/** One application in a swarm of three servers, in order: each test goes on where the one before ended. */
let servers: Servers
const app = mkdtempSync(join(tmpdir(), 'mlops-swarm-app-'))
const names = ['prodserver', 'devserver', 'server3'] as const

beforeAll(async () => {
  for (const part of ['.dockerignore', 'Dockerfile', 'docker-compose.yml', 'data', 'dist', 'models', 'proxy'])
    cpSync(join(root, 'app', part), join(app, part), { recursive: true })
  servers = await startServers({
    name: 'swarm',
    // two engines of one age and one of another: a swarm holds both
    images: ['debian-13', 'debian-12', 'debian-13'],
    settings: {
      target: 'swarm',
      services: {
        proxy: { servers: names, port: 5100, health: '/healthz' },
        web: { servers: names },
        worker: { servers: names, aliases: ['worker_1'] },
        rabbit: { server: names[0] },
      },
      vars: { upgrade: 'no', app_source: app },
    },
  })
})

afterAll(async () => {
  rmSync(app, { recursive: true, force: true })
  await servers?.stop()
})

const address = (name: string) => servers.hosts.find(host => host.name === name)?.address
const run = (...args: string[]) => mlops(args, { cwd: servers.directory })
const container = (name: string) => `${servers.project.name}-${name}`
const stack = () => servers.project.name

function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return stdout
}
/** What a command prints on a server, as root. */
const on = (server: string, command: string) => docker('exec', container(server), 'sh', '-c', command).trim()
const lines = (text: string) => text.split('\n').filter(line => line !== '')

/** Presses Ctrl-C once when a program says this. */
function interruptAt(said: string) {
  let heard = ''
  return (text: string, program: ChildProcess) => {
    const isNew = !heard.includes(said)
    heard += text
    if (isNew && heard.includes(said)) program.kill('SIGINT')
  }
}

/** Docker's own word of where the workers run: server → number. */
function workersByServer(): Record<string, number> {
  const list = `docker service ps --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' ${stack()}_worker`
  const counts: Record<string, number> = {}
  for (const line of lines(on(names[0], list))) {
    const [node = '', state] = line.split(' ')
    if (state === 'Running') counts[node] = (counts[node] ?? 0) + 1
  }
  return counts
}

/** How many workers the application itself knows, asked through a server. */
async function consumers(server: string): Promise<number> {
  const answer = await fetch(`http://${address(server)}:5100/readyz`)
  const said = (await answer.json()) as { queue: { consumers: number } } // app/README.md
  return said.queue.consumers
}

/** What the tweet API says through a server, and the model that said it. */
async function american(server: string): Promise<{ verdict: number; model: string | null }> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"#covid19 new york"}' }
  const answer = await fetch(`http://${address(server)}:5008/api/american`, init)
  expect(answer.status).toBe(200)
  const { is_american: verdict } = (await answer.json()) as { is_american: number } // app/README.md
  return { verdict, model: answer.headers.get('x-model') }
}

/** Asks a server ten times a second for predictions while a program runs; what came of it. */
async function whileAsked(server: string, ...program: string[]) {
  const url = `http://${address(server)}:5100/accuracy`
  const ran = await run(
    ...'measure downtime --json --rate 10 --timeout 60 --post {} --url'.split(' '),
    url,
    '--',
    ...program,
  )
  expect(ran.stdout, ran.stderr).toContain('"failed"')
  return { ...ran, measured: JSON.parse(ran.stdout) as { failed: number; requests: number } } // src/cli/measure-run.ts
}

/** What the swarm remembers of the services: it changes with each change of one. */
const versions = () =>
  on(names[0], `docker service inspect --format '{{.Spec.Name}} {{.Version.Index}}' $(docker service ls -q)`)

// tried once: a second time, other steps are left to do
test('Ctrl-C ends an apply between two steps, and the next one does the rest', { retry: 0 }, async () => {
  const interrupted = await mlops(['swarm', 'apply'], {
    cwd: servers.directory,
    onOutput: interruptAt(`${names[0]}: makes the swarm`),
  })
  expect(interrupted.status, interrupted.stdout + interrupted.stderr).toBe(99)
  expect(interrupted.stderr).toContain('mlops swarm apply does the rest')
  expect(interrupted.stdout).not.toContain('swarm: new')
  const made = await run('swarm', 'apply')
  expect(made.status, made.stdout + made.stderr).toBe(0)
  expect(made.stdout).not.toContain('makes the swarm')
})

test('the servers are one swarm, and both models answer through each of them', async () => {
  const nodes = on(names[0], "docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'")
  expect(lines(nodes).sort()).toEqual([
    `${names[1]} Ready Reachable`,
    `${names[0]} Ready Leader`,
    `${names[2]} Ready Reachable`,
  ])
  for (const server of names) {
    expect(await american(server)).toMatchObject({ verdict: 1 })
    const accuracy = await fetch(`http://${address(server)}:5100/accuracy`, { method: 'POST' })
    expect(await accuracy.text()).toContain('The accuracy is')
  }
})

test('the password of the broker stands in no stack file, no environment and no file of a server', async () => {
  const id = on(names[0], `docker ps -q --filter label=com.docker.swarm.service.name=${stack()}_rabbit`)
  const account = on(names[0], `docker exec ${id} cat /etc/rabbitmq/conf.d/90-account.conf`)
  const password = /default_pass = (\w{48})/.exec(account)?.[1] ?? ''
  expect(password).not.toBe('')
  const rendered = await run('swarm', 'render')
  expect((await run('swarm', 'render')).stdout).toBe(rendered.stdout)
  expect(rendered.stdout).not.toContain(password)
  on(
    names[0],
    `cat >/tmp/stack.yml <<'EOF'\n${rendered.stdout}\nEOF\ndocker stack config --compose-file /tmp/stack.yml`,
  )
  expect(on(names[0], 'docker inspect $(docker ps -q)')).not.toContain(password)
  const searched = `grep -rlF ${password} /srv /etc /root /home /tmp /run --exclude-dir=docker 2>/dev/null || :`
  for (const server of names) expect(on(server, searched)).toBe('')
})

test('twelve workers are spread over the servers, and another apply keeps them and changes nothing', async () => {
  const { status, stdout, stderr } = await run('scale', 'worker_1=12', '--json')
  expect(status, stderr).toBe(0)
  expect(JSON.parse(stdout)).toEqual(names.map(server => ({ service: 'worker', server, before: 1, after: 4 })))
  expect(workersByServer()).toEqual({ [names[0]]: 4, [names[1]]: 4, [names[2]]: 4 })
  await expect.poll(() => consumers(names[2]), { timeout: 60_000 }).toBe(12)
  const before = versions()
  for (const lookAhead of ['on', 'off']) {
    const again = await mlops(['swarm', 'apply'], { cwd: servers.directory, env: { MLOPS_LOOK_AHEAD: lookAhead } })
    expect(again.status, again.stdout + again.stderr).toBe(0)
    for (const host of names) expect(recap(again.stdout)[host], again.stdout).toMatchObject({ changed: 0, failed: 0 })
    expect(again.stdout).toContain('Nothing to do')
    expect(versions()).toBe(before)
  }
})

test('workers that go finish what they have', async () => {
  const scaled = await whileAsked(names[1], 'mlops', 'scale', 'worker=3')
  expect(scaled.status, scaled.stderr).toBe(0)
  expect(scaled.measured).toMatchObject({ failed: 0 })
  expect(workersByServer()).toEqual({ [names[0]]: 1, [names[1]]: 1, [names[2]]: 1 })
})

test('a new model and new code go live without a failed request, and back', async () => {
  const { model: before } = await american(names[0])
  appendFileSync(join(app, 'models/american/model.json'), '\n')
  appendFileSync(join(app, 'Dockerfile'), 'LABEL new=1\n')
  const deployed = await whileAsked(names[2], 'mlops', 'deploy')
  expect(deployed.status, deployed.stderr).toBe(0)
  expect(deployed.measured).toMatchObject({ failed: 0 })
  const models = new Set(await Promise.all(names.map(async server => (await american(server)).model)))
  expect(models.size).toBe(1)
  expect(models).not.toContain(before)
  const back = await whileAsked(names[0], 'mlops', 'rollback')
  expect(back.status, back.stderr).toBe(0)
  expect(back.measured).toMatchObject({ failed: 0 })
  for (const server of names) expect(await american(server)).toEqual({ verdict: 1, model: before })
})

test('an image that does not run is taken back, and nobody notices', async () => {
  const before = versions().replace(/ \d+/g, '')
  const image = on(
    names[0],
    `docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' ${stack()}_web`,
  )
  appendFileSync(join(app, 'Dockerfile'), 'ENTRYPOINT ["false"]\n')
  const deployed = await whileAsked(names[0], 'mlops', 'swarm', 'apply')
  expect(deployed.status, deployed.stderr).toBe(2)
  expect(deployed.stderr).toMatch(/web was taken back: .*non-zero exit \(1\)/)
  expect(deployed.measured).toMatchObject({ failed: 0 })
  expect(versions().replace(/ \d+/g, '')).toBe(before)
  for (const service of ['web', 'worker'])
    expect(
      on(
        names[0],
        `docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' ${stack()}_${service}`,
      ),
    ).toBe(image)
})

test('workers of a server that is gone run on the others, and without it in mlops.yml it is taken out', async () => {
  docker('kill', container(names[2]))
  await expect
    .poll(() => Object.values(workersByServer()).length === 2 && consumers(names[0]), {
      timeout: 180_000,
      interval: 1000,
    })
    .toBe(3)
  expect(await american(names[1])).toMatchObject({ verdict: 1 })
  const file = join(servers.directory, 'mlops.yml')
  const project = parse(readFileSync(file, 'utf8'))
  delete project.servers[names[2]]
  for (const service of ['proxy', 'web', 'worker']) project.services[service].servers = names.slice(0, 2)
  writeFileSync(file, stringify(project))
  for (const part of ['Dockerfile', 'models']) cpSync(join(root, 'app', part), join(app, part), { recursive: true })
  const applied = await run('swarm', 'apply')
  expect(applied.status, applied.stdout + applied.stderr).toBe(0)
  expect(applied.stdout).toContain(`${names[2]}: is taken out`)
  const nodes = on(names[0], "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'")
  expect(lines(nodes).map(line => line.trim())).toEqual(expect.arrayContaining([names[1], `${names[0]} Leader`]))
  expect(lines(nodes)).toHaveLength(2)
  const { status, stdout } = await run('status', '--json')
  expect(status, stdout).toBe(0)
})

test('delete leaves neither services nor secrets, and no swarm', { retry: 0 }, async () => {
  const refused = await run('swarm', 'delete')
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('--yes removes it')])
  const interrupted = await mlops(['swarm', 'delete', '--yes'], {
    cwd: servers.directory,
    onStart: child => {
      const interrupt = interruptAt('waiting: ')
      child.stderr?.on('data', chunk => interrupt(String(chunk), child))
    },
  })
  expect([interrupted.status, interrupted.stdout], interrupted.stderr).toEqual([99, ''])
  const deleted = await run('swarm', 'delete', '--yes')
  expect(deleted.status, deleted.stderr).toBe(0)
  for (const server of names.slice(0, 2)) {
    expect(on(server, "docker info --format '{{.Swarm.LocalNodeState}}'")).toBe('inactive')
    expect(on(server, 'docker ps -aq; docker volume ls -q')).toBe('')
  }
})
