import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { dockerContainer } from '../../src/modules/docker-container.ts'
import { dockerHostInfo } from '../../src/modules/docker-host-info.ts'
import { dockerLogin } from '../../src/modules/docker-login.ts'
import { dockerNetwork } from '../../src/modules/docker-network.ts'
import { dockerPrune } from '../../src/modules/docker-prune.ts'
import { dockerVolume } from '../../src/modules/docker-volume.ts'
import { attempt, step, tmp } from '../../src/modules/step.ts'
import { ImageShop } from '../../src/providers/docker/images.ts'

const own = `mlops-containers-${randomBytes(3).toString('hex')}`
let image = ''

beforeAll(async () => {
  image = `${own}:base`
  const base = await new ImageShop({ onStep: () => {}, onWarning: () => {} }).base('trixie')
  docker('tag', base, image)
})

afterAll(() => {
  const left = docker('container', 'ls', '--all', '--quiet', '--filter', `name=${own}`).split('\n').filter(Boolean)
  if (left.length > 0) docker('rm', '--force', '--volumes', ...left)
  spawnSync('docker', ['image', 'rm', image])
})

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim()
}

function inspect(name: string, format: string): string {
  return docker('container', 'inspect', '--format', format, name)
}

test('a container is checked, made, left alone, and made anew when a setting changes', async () => {
  const name = `${own}-app`
  const folder = tmp()
  const args = {
    name,
    image,
    command: 'sleep "1000"',
    hostname: 'inside',
    env: { PLAIN: `it's "me" $HOME`, LINES: 'one\ntwo', NUMBER: 5, 'odd.name': 'x' },
    labels: { owner: 'a b', 'with.dot': '1' },
    volumes: [`${folder}:/data:ro`, '/anonymous'],
    published_ports: ['127.0.0.1::80', '127.0.0.1::90/udp'],
    exposed_ports: ['1000-1002'],
    restart_policy: 'on-failure',
    restart_retries: 3,
    memory: '64M',
    cpus: 0.5,
    capabilities: ['net_admin'],
    cap_drop: ['CHOWN'],
    etc_hosts: { other: '10.0.0.1' },
    ulimits: ['nofile:100:200'],
    sysctls: { 'net.ipv4.ip_forward': 1 },
    tmpfs: ['/scratch:size=1000k'],
    devices: ['/dev/null:/dev/nothing'],
    dns_servers: ['10.0.0.2'],
    log_driver: 'json-file',
    log_options: { 'max-size': '1m' },
    mounts: [{ type: 'bind', source: folder, target: '/mounted', read_only: true }],
    healthcheck: { test: ['CMD', 'test', '-d', '/with space'], interval: '1m30s', retries: 2 },
    working_dir: '/tmp',
    user: 'nobody',
    init: true,
    shm_size: '16M',
    stop_signal: 'KILL',
    stop_timeout: 1,
  }
  expect(await step(dockerContainer, args, { check: true })).toBe('changed')
  expect(spawnSync('docker', ['container', 'inspect', name]).status).not.toBe(0)
  expect(await step(dockerContainer, args)).toBe('changed')
  const again = await attempt(dockerContainer, args, { diff: true })
  expect([again.outcome, again.result.diff]).toEqual(['ok', undefined])
  expect(again.result.container).toMatchObject({ Config: { Cmd: ['sleep', '1000'] }, State: { Running: true } })
  expect(JSON.parse(inspect(name, '{{json .Config.Env}}'))).toEqual(
    expect.arrayContaining([`PLAIN=it's "me" $HOME`, 'LINES=one\ntwo', 'NUMBER=5', 'odd.name=x']),
  )
  const id = inspect(name, '{{.Id}}')
  expect(await step(dockerContainer, { ...args, env: { PLAIN: 'other' } }, { check: true })).toBe('changed')
  expect(inspect(name, '{{.Id}}')).toBe(id)
  // Limits and the restart policy need no other container.
  const limited = { ...args, memory: '96M', memory_swap: '192M', restart_policy: 'always' }
  expect(await step(dockerContainer, limited)).toBe('changed')
  expect(await step(dockerContainer, limited)).toBe('ok')
  expect(inspect(name, '{{.Id}} {{.HostConfig.Memory}}')).toBe(`${id} ${96 * 1024 ** 2}`)
  expect(await step(dockerContainer, { ...limited, hostname: 'other' })).toBe('changed')
  expect(inspect(name, '{{.Config.Hostname}} {{.State.Running}}')).toBe('other true')
  expect(inspect(name, '{{.Id}}')).not.toBe(id)
  expect(docker('container', 'ls', '--all', '--format', '{{.Names}}', '--filter', `name=${name}`)).toBe(name)
})

test('what is there beyond what is asked for counts only where it is compared strictly', async () => {
  const name = `${own}-strict`
  const args = { name, image, command: ['sleep', '1000'], stop_timeout: 0 }
  expect(await step(dockerContainer, { ...args, env: { A: '1', B: '2' }, labels: { a: '1', b: '2' } })).toBe('changed')
  const less = { ...args, env: { A: '1' }, labels: { a: '1' } }
  expect(await step(dockerContainer, less)).toBe('ok')
  expect(await step(dockerContainer, { ...args, command: ['sleep', '2000'], comparisons: { '*': 'ignore' } })).toBe(
    'ok',
  )
  expect(await step(dockerContainer, { ...less, comparisons: { env: 'strict' } })).toBe('changed')
  expect(await step(dockerContainer, { ...less, comparisons: { env: 'strict' } })).toBe('ok')
  expect(inspect(name, '{{json .Config.Env}}')).not.toContain('B=2')
})

test('a container is stopped, started, paused, restarted and removed', async () => {
  const name = `${own}-states`
  const args = { name, image, command: 'sleep 1000', stop_timeout: 0 }
  expect(await step(dockerContainer, { ...args, state: 'present' })).toBe('changed')
  expect(inspect(name, '{{.State.Status}}')).toBe('created')
  expect(await step(dockerContainer, { ...args, state: 'present' })).toBe('ok')
  expect(await step(dockerContainer, args)).toBe('changed')
  const started = inspect(name, '{{.State.StartedAt}}')
  expect(await step(dockerContainer, { ...args, restart: true })).toBe('changed')
  expect(inspect(name, '{{.State.StartedAt}}')).not.toBe(started)
  expect(await step(dockerContainer, { ...args, paused: true })).toBe('changed')
  expect(inspect(name, '{{.State.Paused}}')).toBe('true')
  expect(await step(dockerContainer, { ...args, paused: true })).toBe('ok')
  expect(await step(dockerContainer, { ...args, paused: false })).toBe('changed')
  expect(await step(dockerContainer, { name, state: 'stopped', force_kill: true })).toBe('changed')
  expect(await step(dockerContainer, { name, state: 'stopped' })).toBe('ok')
  expect(await step(dockerContainer, { name, state: 'started' })).toBe('changed')
  const id = inspect(name, '{{.Id}}')
  expect(await step(dockerContainer, { ...args, recreate: true })).toBe('changed')
  expect(inspect(name, '{{.Id}}')).not.toBe(id)
  expect(await step(dockerContainer, { name, state: 'absent', force_kill: true }, { check: true })).toBe('changed')
  expect(await step(dockerContainer, { name, state: 'absent', force_kill: true })).toBe('changed')
  expect(await step(dockerContainer, { name, state: 'absent' })).toBe('ok')
})

test('a container that cannot be made leaves the old one as it is', async () => {
  const name = `${own}-kept`
  const args = { name, image, command: 'sleep 1000', stop_timeout: 0 }
  await step(dockerContainer, args)
  const id = inspect(name, '{{.Id}}')
  const { outcome, result } = await attempt(dockerContainer, { ...args, volumes: ['/tmp:/there:no-such-mode'] })
  expect([outcome, result.msg]).toEqual(['failed', expect.stringContaining('no-such-mode')])
  expect(inspect(name, '{{.Id}} {{.State.Running}}')).toBe(`${id} true`)
  expect(docker('container', 'ls', '--all', '--format', '{{.Names}}', '--filter', `name=${name}`)).toBe(name)
})

test('a container that is waited for gives its output and its exit status', async () => {
  const name = `${own}-once`
  const args = { name, image, detach: false, cleanup: true }
  const good = await attempt(dockerContainer, {
    ...args,
    entrypoint: ['sh', '-c'],
    command: ['echo "$0"; exit 0', 'hello'],
  })
  expect(good).toMatchObject({ outcome: 'changed', result: { status: 0, container: { Output: 'hello\n' } } })
  const bad = await attempt(dockerContainer, { ...args, command: ['sh', '-c', 'echo broken; exit 3'] })
  expect(bad).toMatchObject({ outcome: 'failed', result: { rc: 3, msg: 'broken' } })
  expect(spawnSync('docker', ['container', 'inspect', name]).status).not.toBe(0)
})

test('a container is waited for until it is healthy', async () => {
  const name = `${own}-healthy`
  const healthcheck = { test: 'test -e /tmp/ready', interval: '1s', retries: 100 }
  const command = ['sh', '-c', 'sleep 1; touch /tmp/ready; exec sleep 1000']
  const args = { name, image, command, healthcheck, state: 'healthy', stop_timeout: 0 }
  expect(await step(dockerContainer, args)).toBe('changed')
  expect(inspect(name, '{{.State.Health.Status}}')).toBe('healthy')
  expect(await step(dockerContainer, args)).toBe('ok')
})

test('variables of a file on the host count as the container’s, and a newer image makes it anew', async () => {
  const name = `${own}-image`
  const file = join(tmp(), 'env file')
  const tag = `${own}:moving`
  onTestFinished(() => {
    spawnSync('docker', ['image', 'rm', '--force', tag])
  })
  writeFileSync(file, '# comment\nA=1\nB=two words\n')
  docker('tag', image, tag)
  const args = { name, image: tag, command: 'sleep 1000', env_file: file, env: { A: '2' }, stop_timeout: 0 }
  expect(await step(dockerContainer, args)).toBe('changed')
  expect(JSON.parse(inspect(name, '{{json .Config.Env}}'))).toEqual(expect.arrayContaining(['A=2', 'B=two words']))
  expect(await step(dockerContainer, args)).toBe('ok')
  writeFileSync(file, 'B=three\n')
  expect(await step(dockerContainer, args)).toBe('changed')
  execFileSync('docker', ['build', '--quiet', '--tag', tag, '-'], { input: `FROM ${image}\nLABEL newer=yes\n` })
  expect(await step(dockerContainer, { ...args, comparisons: { image: 'ignore' } })).toBe('ok')
  expect(await step(dockerContainer, args)).toBe('changed')
  expect(inspect(name, '{{index .Config.Labels "newer"}}')).toBe('yes')
  expect(await step(dockerContainer, args)).toBe('ok')
})

test('a network is made, compared, made anew with the containers that are in it, and removed', async () => {
  const name = `${own}-net`
  const app = `${own}-in-net`
  onTestFinished(() => {
    spawnSync('docker', ['rm', '--force', app])
    spawnSync('docker', ['network', 'rm', name])
  })
  const subnet = `10.219.${randomBytes(1)[0]}`
  const args = {
    name,
    labels: { owner: own },
    driver_options: { 'com.docker.network.bridge.enable_icc': 'true' },
    ipam_config: [{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1`, aux_addresses: { printer: `${subnet}.9` } }],
  }
  expect(await step(dockerNetwork, args, { check: true })).toBe('changed')
  expect(spawnSync('docker', ['network', 'inspect', name]).status).not.toBe(0)
  expect(await step(dockerNetwork, args)).toBe('changed')
  expect(await attempt(dockerNetwork, args)).toMatchObject({ outcome: 'ok', result: { network: { Name: name } } })

  const inNetwork = { name: app, image, command: 'sleep 1000', stop_timeout: 0 }
  const networks = [{ name, ipv4_address: `${subnet}.20`, aliases: ['work', 'also'] }]
  expect(await step(dockerContainer, { ...inNetwork, networks })).toBe('changed')
  expect(await step(dockerContainer, { ...inNetwork, networks })).toBe('ok')
  const id = inspect(app, '{{.Id}}')
  const moved = [{ ...networks[0], ipv4_address: `${subnet}.21` }]
  expect(await step(dockerContainer, { ...inNetwork, networks: moved })).toBe('changed')
  expect(await step(dockerContainer, { ...inNetwork, networks: moved })).toBe('ok')
  expect(inspect(app, '{{.Id}}')).toBe(id)
  expect(inspect(app, `{{(index .NetworkSettings.Networks "${name}").IPAddress}}`)).toBe(`${subnet}.21`)

  expect(await step(dockerNetwork, { ...args, internal: true })).toBe('changed')
  expect(docker('network', 'inspect', '--format', '{{.Internal}} {{range .Containers}}{{.Name}}{{end}}', name)).toBe(
    `true ${app}`,
  )
  expect(await step(dockerNetwork, { name, connected: [app] })).toBe('ok')
  expect(await step(dockerNetwork, { name, connected: [] })).toBe('changed')
  expect(await step(dockerNetwork, { name, connected: [app], appends: true })).toBe('changed')
  expect(await step(dockerNetwork, { name, state: 'absent' })).toBe('changed')
  expect(await step(dockerNetwork, { name, state: 'absent' })).toBe('ok')
})

test('a volume is made, kept or made anew when its options change, and removed', async () => {
  const name = `${own}-volume`
  onTestFinished(() => {
    spawnSync('docker', ['volume', 'rm', '--force', name])
  })
  const args = { name, labels: { owner: own, text: `it's "q" $HOME` } }
  expect(await step(dockerVolume, args, { check: true })).toBe('changed')
  expect(spawnSync('docker', ['volume', 'inspect', name]).status).not.toBe(0)
  expect(await step(dockerVolume, args)).toBe('changed')
  expect(docker('volume', 'inspect', '--format', '{{.Labels.text}}', name)).toBe(`it's "q" $HOME`)
  expect(await step(dockerVolume, { ...args, recreate: 'options-changed' })).toBe('ok')
  const other = { ...args, driver_options: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' } }
  expect(await step(dockerVolume, other)).toBe('ok')
  expect(await step(dockerVolume, { ...other, recreate: 'options-changed' })).toBe('changed')
  expect(await step(dockerVolume, { ...other, recreate: 'options-changed' })).toBe('ok')
  const { result } = await attempt(dockerVolume, { ...other, recreate: 'always' })
  expect(result).toMatchObject({ changed: true, volume: { Name: name, Options: { o: 'size=1m' } } })
  expect(await step(dockerVolume, { name, state: 'absent' })).toBe('changed')
  expect(await step(dockerVolume, { name, state: 'absent' })).toBe('ok')
})

test('a host is logged in, left alone, logged in as another, and logged out', async () => {
  const registry = createServer((request, response) => {
    const good = ['ann:it\'s "one" $HOME', 'bob:two'].some(
      pair => request.headers.authorization === `Basic ${Buffer.from(pair).toString('base64')}`,
    )
    response.writeHead(good ? 200 : 401, {
      'Docker-Distribution-Api-Version': 'registry/2.0',
      ...(good ? {} : { 'WWW-Authenticate': 'Basic realm="test"' }),
    })
    response.end('{}')
  })
  await new Promise<void>(ready => registry.listen(0, '127.0.0.1', ready))
  onTestFinished(() => {
    registry.close()
  })
  const address = registry.address()
  if (address === null || typeof address === 'string') throw new Error('the registry has no port')
  const config = join(tmp(), 'a folder/config.json')
  const args = { registry: `127.0.0.1:${address.port}`, config_path: config }
  const ann = { ...args, username: 'ann', password: 'it\'s "one" $HOME' }
  expect(await step(dockerLogin, ann, { check: true })).toBe('changed')
  expect(existsSync(config)).toBe(false)
  expect(await step(dockerLogin, ann)).toBe('changed')
  expect(await step(dockerLogin, ann)).toBe('ok')
  expect(await step(dockerLogin, { ...ann, reauthorize: true })).toBe('ok')
  expect(await step(dockerLogin, { ...args, username: 'bob', password: 'two' })).toBe('changed')
  const refused = await attempt(dockerLogin, { ...args, username: 'bob', password: 'wrong' }, { diff: true })
  expect([refused.outcome, refused.result.msg]).toEqual(['failed', expect.stringMatching(/401|unauthorized/i)])
  expect(await step(dockerLogin, { ...args, state: 'absent' })).toBe('changed')
  expect(await step(dockerLogin, { ...args, state: 'absent' })).toBe('ok')
})

test('an engine is told about, and what is not used is removed', async () => {
  const name = `${own}-unused`
  docker('create', '--name', name, '--label', `unused=${own}`, image, 'true')
  docker('volume', 'create', '--label', `unused=${own}`, name)
  const filters = { label: `unused=${own}` }
  const asked = {
    containers: true,
    containers_all: true,
    containers_filters: filters,
    volumes: true,
    volumes_filters: filters,
  }
  const seen = await attempt(dockerHostInfo, { ...asked, disk_usage: true }, { check: true })
  expect(seen).toMatchObject({
    outcome: 'ok',
    result: { can_talk_to_docker: true, containers: [{ Names: name }], volumes: [{ Name: name }] },
  })
  expect(seen.result.host_info).toHaveProperty('ServerVersion')
  const whole = await attempt(dockerHostInfo, { ...asked, verbose_output: true })
  expect(whole.result).toMatchObject({ containers: [{ Name: `/${name}` }], volumes: [{ Name: name }] })
  const prune = { containers: true, containers_filters: filters, networks: true, networks_filters: filters }
  expect(await step(dockerPrune, prune, { check: true })).toBe('skipped')
  const pruned = await attempt(dockerPrune, prune)
  expect(pruned).toMatchObject({ outcome: 'changed', result: { networks: [] } })
  expect(pruned.result.containers).toHaveLength(1)
  expect(await step(dockerPrune, prune)).toBe('ok')
  expect(await step(dockerVolume, { name, state: 'absent' })).toBe('changed')
})
