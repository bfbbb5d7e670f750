import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Connection } from '../../src/connection/connection.ts'
import { loadProject } from '../../src/project/load.ts'
import { DockerProvider } from '../../src/providers/docker/docker-provider.ts'
import { endRegistry } from '../../src/providers/docker/registry.ts'
import { destroy, findRemovals, provision } from '../../src/providers/provision.ts'
import { StaticProvider } from '../../src/providers/static/static-provider.ts'
import { KEY_PLACEHOLDER } from '../../src/providers/user-data.ts'
import { type Script, sh } from '../../src/shell/sh.ts'
import { mlops } from '../rig/mlops.ts'
import { providerContract } from '../rig/provider-contract.ts'
import { freeSubnet, quietWork, type Servers, startServers, writeProject } from '../rig/servers.ts'

describe('servers of provider docker', () => {
  let servers: Servers
  beforeAll(async () => {
    servers = await startServers({ name: 'e2e-provider', images: ['debian-13', 'debian-12'] })
  })
  afterAll(() => servers?.stop())

  const rows = [
    ['prodserver', '13'],
    ['devserver', '12'],
  ] as const

  test.each(rows)('%s is a Debian %s with systemd, sudo and a finished cloud-init', async (name, version) => {
    const said = await ask(name, [
      sh`. /etc/os-release && echo "$VERSION_ID"`,
      sh`systemctl is-system-running --wait`,
      sh`sudo -n id -un`,
      sh`hostname`,
      sh`echo "$HOME $SHELL"`,
      sh`cat /proc/1/comm`,
      sh`sudo -n test -e /var/lib/cloud/instance/boot-finished && echo finished`,
    ])
    expect(said).toEqual([version, 'running', 'root', name, '/home/appuser /bin/bash', 'systemd', 'finished'])
  })

  test.each(rows)('cloud-init of %s got the user data of the file, but for the key', async name => {
    const [got = ''] = await ask(name, [sh`sudo -n cat /var/lib/cloud/seed/nocloud/user-data`])
    const key = readFileSync(join(servers.directory, '.mlops/cluster-key.pub'), 'utf8').trim()
    const file = servers.project.servers[0]?.userDataFile ?? ''
    expect(got.replaceAll(key, KEY_PLACEHOLDER)).toBe(readFileSync(file, 'utf8').trimEnd())
  })

  test.each(rows)('nothing of what a playbook installs is on %s yet', async name => {
    const [found] = await ask(name, [
      sh`for name in docker git node; do command -v "$name"; done; ls /var/lib/apt/lists`,
    ])
    expect(found).toBe('')
  })

  test('/etc/hosts can be replaced, as editors of files do', async () => {
    const script = sh`sudo -n sh -c 'cp /etc/hosts /etc/hosts.new && mv /etc/hosts.new /etc/hosts' && echo replaced`
    expect(await ask('prodserver', [script])).toEqual(['replaced'])
  })

  test('keys are for their owner alone, and .mlops too', () => {
    const mode = (path: string) => (statSync(join(servers.directory, '.mlops', path)).mode & 0o777).toString(8)
    expect(['', 'cluster-key', 'host-keys/prodserver', 'inventory.yml'].map(mode)).toEqual(['700', '600', '600', '600'])
  })

  test('a second provision changes nothing, no file either', async () => {
    const files = ['inventory.yml', 'known_hosts', 'servers.json', 'cluster-key'].map(name =>
      join(servers.directory, '.mlops', name),
    )
    const before = files.map(file => [statSync(file).mtimeMs, readFileSync(file, 'utf8')])
    const { plans } = await provision(servers.project, [], quietWork())
    expect(plans.map(plan => plan.action)).toEqual(['keep', 'keep'])
    expect(files.map(file => [statSync(file).mtimeMs, readFileSync(file, 'utf8')])).toEqual(before)
  })

  test('the key is changed on all servers, and on none while one of them does not answer', async () => {
    const rotate = () => mlops(['keys', 'rotate', '--json'], { cwd: servers.directory })
    const key = () => readFileSync(join(servers.directory, '.mlops/cluster-key.pub'), 'utf8').trim()
    const before = key()
    docker('exec', container('devserver'), 'systemctl', 'stop', 'ssh')
    const stopped = await rotate()
    docker('exec', container('devserver'), 'systemctl', 'start', 'ssh')
    expect([stopped.status, stopped.stderr]).toEqual([1, expect.stringContaining('refused the connection')])
    expect(key()).toBe(before)
    for (const [name] of rows) expect(await ask(name, [sh`whoami`])).toEqual(['appuser'])
    const { status, stderr } = await rotate()
    expect(status, stderr).toBe(0)
    expect(key()).not.toBe(before)
    for (const [name] of rows) expect(await ask(name, [sh`cat ~/.ssh/authorized_keys`])).toEqual([key()])
    const { plans } = await provision(servers.project, [], quietWork())
    expect(plans.map(plan => plan.action)).toEqual(['keep', 'keep'])
  })

  test('the registry is not ended while a project has a network that it serves, or is about to', async () => {
    const id = () => docker('inspect', '--format', '{{.Id}} {{.State.Running}}', 'mlops-registry')
    const before = id()
    expect(await endRegistry([])).toBe(false)
    const own = docker(
      'inspect',
      '--format',
      '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}',
      container('prodserver'),
    )
    docker('network', 'create', '--label', 'mlops.project=other', 'e2e-provider-other')
    try {
      expect(await endRegistry(own.split(' '))).toBe(false)
      const kinds = (await new DockerProvider(servers.project).removals({})).map(removal => removal.kind)
      expect(kinds).toContain('network')
      expect(kinds).not.toContain('registry')
    } finally {
      docker('network', 'rm', 'e2e-provider-other')
    }
    expect(id()).toBe(before)
  })

  test('what an interrupted run left before the first boot is made again', async () => {
    const name = container('devserver')
    const id = docker('inspect', '--format', '{{.Id}}', name)
    const labels = JSON.parse(docker('inspect', '--format', '{{json .Config.Labels}}', name))
    const image = docker('inspect', '--format', '{{.Config.Image}}', name)
    docker('rm', '--force', name)
    const given = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`])
    docker('create', '--name', name, ...given, image)
    const { plans, servers: now } = await provision(servers.project, [], quietWork())
    expect(plans.map(plan => plan.action)).toEqual(['keep', 'replace'])
    expect(now.map(server => server.state)).toEqual(['ready', 'ready'])
    expect(docker('inspect', '--format', '{{.Id}}', name)).not.toBe(id)
    expect(await ask('devserver', [sh`hostname`])).toEqual(['devserver'])
  })

  test('a server whose key is lost is not touched, and the reason is said', async () => {
    const file = join(servers.directory, '.mlops/cluster-key')
    const [key, pub] = [readFileSync(file), readFileSync(`${file}.pub`)]
    rmSync(file)
    rmSync(`${file}.pub`)
    try {
      await expect(provision(servers.project, [], quietWork())).rejects.toThrow('was made with another key')
    } finally {
      writeFileSync(file, key, { mode: 0o600 })
      writeFileSync(`${file}.pub`, pub)
    }
  })

  test('the same project in another folder is refused, and says where the servers are', async () => {
    const { name, docker: settings } = servers.project
    const other = writeProject({ name: 'e2e-other', settings: { name } }, settings.subnet)
    try {
      const project = loadProject(join(other, 'mlops.yml'))
      await expect(provision(project, [], quietWork())).rejects.toThrow(servers.directory)
      expect([...(await findRemovals(project, {})).values()].flat()).toEqual([])
    } finally {
      rmSync(other, { recursive: true })
    }
  })

  describe('as servers that exist already', () => {
    let provider: StaticProvider
    beforeAll(() => {
      const file = join(servers.directory, 'static.yml')
      const described = servers.hosts.map(({ name, address, hostKey, privateKeyFile }) => [
        name,
        { address, host_key: hostKey, private_key: privateKeyFile },
      ])
      writeFileSync(file, stringify({ name: 'static', provider: 'static', servers: Object.fromEntries(described) }))
      provider = new StaticProvider(loadProject(file))
    })
    providerContract('static', () => ({
      ...{ provider, names: ['prodserver', 'devserver'], work: quietWork(), stop: undefined },
    }))
  })

  function container(server: string): string {
    return `${servers.project.name}-${server}`
  }

  async function connect(name: string): Promise<Connection> {
    const server = servers.hosts.find(host => host.name === name)
    if (server === undefined) throw new Error(`no server ${name}`)
    return quietWork().open({
      ...{ host: name, type: 'ssh', address: server.address, port: server.port, user: server.user },
      ...{ privateKeyFile: server.privateKeyFile, hostKeyChecking: true, connectTimeoutMs: 5000 },
      knownHostsFiles: [join(servers.directory, '.mlops/known_hosts')],
    })
  }

  async function ask(name: string, scripts: readonly Script[]): Promise<string[]> {
    const connection = await connect(name)
    try {
      const results = await connection.run(scripts.map(script => ({ script })))
      return results.map(result => result.stdout.trimEnd())
    } finally {
      await connection.close()
    }
  }
})

describe('the contract', () => {
  let directory = ''
  let provider: DockerProvider
  const stranger = `e2e-stranger-${process.pid}`
  beforeAll(async () => {
    directory = writeProject({ name: 'e2e-suite' }, await freeSubnet())
    provider = new DockerProvider(loadProject(join(directory, 'mlops.yml')))
    docker('network', 'create', '--label', 'mlops.project=of-somebody-else', stranger)
  })
  afterAll(async () => {
    docker('network', 'rm', stranger)
    const project = loadProject(join(directory, 'mlops.yml'))
    await destroy(project, await findRemovals(project, {}), quietWork())
    rmSync(directory, { recursive: true, force: true })
  })

  providerContract('docker', () => ({
    ...{ provider, names: ['prodserver', 'devserver'], work: quietWork() },
    stop: async ({ name }) =>
      void docker('stop', '--time', '5', `${loadProject(join(directory, 'mlops.yml')).name}-${name}`),
  }))

  test('what others made is still there', () => {
    expect(docker('network', 'ls', '--quiet', '--filter', `name=${stranger}`)).not.toBe('')
  })
})

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}
