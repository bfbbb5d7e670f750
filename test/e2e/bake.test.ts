import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadProject } from '../../src/project/load.ts'
import type { Project } from '../../src/project/project.ts'
import { destroy, findRemovals, serverImages } from '../../src/providers/provision.ts'
import { mlops, recap, root } from '../rig/mlops.ts'
import { freeSubnet, quietWork, writeProject } from '../rig/servers.ts'

/** From a baked image to a prediction. The tests go on where the one before ended. */
let directory: string
let project: Project
let image: string

beforeAll(async () => {
  const services = {
    proxy: { server: 'prodserver', port: 5100, health: '/healthz', max_replicas: 1 },
    web: { server: 'prodserver' },
    worker: { server: 'prodserver' },
    rabbit: { server: 'prodserver', max_replicas: 1 },
  }
  const vars = { app_source: '{{ playbook_dir }}/../app' }
  const settings = { services, vars, app: { directory: '/srv/predictor', compose_project: 'predictor' } }
  directory = writeProject({ name: 'bake', images: ['debian-13'], settings }, await freeSubnet())
  // copies: an image is current as long as nothing of what it was made of is touched
  for (const what of ['playbooks', ...PREDICTOR]) cpSync(join(root, what), join(directory, what), { recursive: true })
  project = loadProject(join(directory, 'mlops.yml'))
  const { status, stdout, stderr } = await run('bake', '--json')
  expect(status, stderr).toBe(0)
  image = (JSON.parse(stdout) as { images: { prodserver: string } }).images.prodserver // docs/guide/bake.md
})

afterAll(async () => {
  if (project === undefined) return
  await destroy(project, await findRemovals(project, {}), quietWork())
  const images = serverImages(project).get('prodserver')
  for (const { name } of (await images?.list()) ?? []) await images?.remove(name, quietWork())
  rmSync(directory, { recursive: true, force: true })
})

const PREDICTOR = ['.dockerignore', 'Dockerfile', 'data', 'dist', 'docker-compose.yml', 'models', 'proxy'].map(
  name => `app/${name}`,
)

const run = (...args: string[]) => mlops(args, { cwd: directory })
const docker = (...args: string[]) =>
  execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const on = (command: string) => docker('exec', `${project.name}-prodserver`, 'sh', '-c', command)
const known = (name: string) => readFileSync(join(directory, '.mlops', name), 'utf8')

test('the image has no identity and no secret, and nothing is left of the server that it was made of', () => {
  const look = `ls -A /etc/ssh | grep -c '^ssh_host_'; cat /etc/machine-id
ls -d /root/.ssh/* /home/*/.ssh/* /home/*/.*_history /var/lib/cloud/instance /var/lib/apt/lists/* 2>/dev/null
find /srv/predictor -name broker.env; find /var/log -type f -size +0`
  expect(docker('run', '--rm', '--entrypoint', 'sh', `mlops/baked:${image}`, '-c', `${look}; true`)).toBe('0')
  const engine = docker(
    'run',
    '--rm',
    '-v',
    `mlops-baked-${image}-docker:/d:ro`,
    '--entrypoint',
    'sh',
    `mlops/baked:${image}`,
    '-c',
    'ls -A /d/containers; ls /d/engine-id 2>/dev/null; true',
  )
  expect(engine).toBe('')
  expect(docker('ps', '--all', '--quiet', '--filter', `label=mlops.project=${project.name}-bake`)).toBe('')
  expect(docker('volume', 'ls', '--quiet', '--filter', `label=mlops.project=${project.name}-bake`)).toBe('')
})

test('a second bake has nothing to do, and the image is the current one', async () => {
  expect((await run('bake')).stdout).toBe('Nothing to do: the images are current.\n')
  expect(JSON.parse((await run('bake', '--list', '--json')).stdout)).toMatchObject({
    images: [{ server: 'prodserver', image, current: true }],
  })
})

test('a new server begins with the image, and is a server of its own', async () => {
  const { status, stderr } = await run('provision')
  expect(status, stderr).toBe(0)
  expect(stderr).toContain(`prodserver begins with its baked image ${image}`)
  expect(on('hostname; command -v docker; systemctl is-system-running --wait')).toBe(
    'prodserver\n/usr/bin/docker\nrunning',
  )
  expect(on('cat /etc/machine-id')).toMatch(/^[0-9a-f]{32}$/)
  expect(on('cat /home/appuser/.ssh/authorized_keys')).toBe(known('cluster-key.pub').trim())
  expect(known('known_hosts')).toContain(on("cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub"))
  expect((await run('provision')).stdout).toContain('nothing to do')
})

test('the play brings the difference alone, and the application predicts', async () => {
  const played = await run('play', 'playbooks/configuration.yml', '-e', 'delivery_max_drop=4')
  expect(played.status, played.stdout + played.stderr).toBe(0)
  // names in /etc/hosts, the broker's password, another setting, and what runs
  const { changed = 0 } = recap(played.stdout)['prodserver'] ?? {}
  expect(changed, played.stdout).toBeLessThanOrEqual(7)
  expect(played.stdout).toMatch(/TASK \[Install Docker\] \**\nok: /)
  expect(played.stdout).toMatch(/TASK \[Building containers\] \**\nok: /)
  const [server] = JSON.parse(known('servers.json')) as { address: string }[] // docs/guide/provision.md
  const headers = { accept: 'application/json' }
  const answer = await fetch(`http://${server?.address}:5100/predictions`, { method: 'POST', headers })
  expect(await answer.json()).toMatchObject({ predicted: expect.any(Array) })
})

test('an image of another playbook is out of date, and new servers do without it', async () => {
  cpSync(join(directory, 'playbooks/image.yml'), join(directory, 'playbooks/host_vars/prodserver.yml'))
  const listed = await run('bake', '--list')
  expect(listed.stdout).toMatch(new RegExp(`prodserver +${image} .* out of date`))
  await run('destroy', 'prodserver', '--yes')
  const { status, stderr } = await run('provision', '--no-baked')
  expect(status, stderr).toBe(0)
  expect(on('command -v docker || echo none')).toBe('none')
})
