// Hosts to measure on: containers with sshd, sudo and Python (which only the peers need), on a network of their own.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Keys, inventories, generated files and answers. */
export const state = join(process.env.MLOPS_BENCH_STATE ?? join(tmpdir(), 'mlops-bench'))
const key = join(state, 'key')
const image = 'mlops/bench-host:1'
const network = 'mlops-bench'
const containerOf = name => `mlops-bench-${name}`

const dockerfile = base => `FROM ${base}
RUN apt-get update -qq \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server sudo procps python3 >/dev/null \\
 && rm -rf /var/lib/apt/lists/* && mkdir -p /run/sshd \\
 && useradd --create-home --shell /bin/bash bench && install -d -m 700 -o bench /home/bench/.ssh \\
 && echo 'bench ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/bench && chmod 440 /etc/sudoers.d/bench
COPY key.pub /home/bench/.ssh/authorized_keys
RUN chown bench /home/bench/.ssh/authorized_keys && chmod 600 /home/bench/.ssh/authorized_keys
CMD ["/usr/sbin/sshd", "-D", "-o", "MaxStartups=500", "-o", "UseDNS=no"]
`

/** Starts hosts `h001` … until there are `count`, and waits until all answer. */
export function raise(count) {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  if (!existsSync(key)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  build()
  if (!succeeds('docker', ['network', 'inspect', network])) docker('network', 'create', network)
  const have = new Set(running().map(host => host.name))
  const names = Array.from({ length: count }, (_, i) => `h${String(i + 1).padStart(3, '0')}`)
  for (const name of names) if (!have.has(name)) start(name)
  const hosts = running().slice(0, count)
  for (const host of hosts) waitFor(host)
  return hosts
}

/** Makes hosts anew, so that nothing is on them. */
export function renew(hosts) {
  docker('rm', '--force', ...hosts.map(host => containerOf(host.name)))
  for (const { name } of hosts) start(name)
  const names = new Set(hosts.map(host => host.name))
  const fresh = running().filter(host => names.has(host.name))
  for (const host of fresh) waitFor(host)
  return fresh
}

/** Removes all of them. */
export function raze() {
  const all = running().map(host => containerOf(host.name))
  if (all.length > 0) docker('rm', '--force', ...all)
  // Docker lets go of the addresses of a container a little later
  for (let i = 0; i < 20 && succeeds('docker', ['network', 'inspect', network]); i++) {
    if (succeeds('docker', ['network', 'rm', network])) break
    execFileSync('sleep', ['0.5'])
  }
  rmSync(state, { recursive: true, force: true })
}

/** Writes what clients need to reach hosts: `.ini` and `.yml` for inventories, `.ssh` for OpenSSH. Gives the path without its ending. */
export function reach(hosts, label, portOf) {
  const base = join(state, `fleet-${label}`)
  const places = hosts.map((host, i) => ({
    name: host.name,
    address: portOf ? '127.0.0.1' : host.address,
    port: portOf ? portOf(i) : 22,
  }))
  const options = '-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR'
  writeFileSync(
    `${base}.ini`,
    [
      '[fleet]',
      ...places.map(({ name, address, port }) => `${name} ansible_host=${address} ansible_port=${port}`),
      '[fleet:vars]',
      'ansible_user=bench',
      `ansible_ssh_private_key_file=${key}`,
      `ansible_ssh_common_args=${options}`,
      'ansible_python_interpreter=/usr/bin/python3',
      '',
    ].join('\n'),
  )
  writeFileSync(
    `${base}.ssh`,
    [
      ...places.map(({ name, address, port }) => `Host ${name}\n  HostName ${address}\n  Port ${port}`),
      `Host *\n  User bench\n  IdentityFile ${key}\n  IdentitiesOnly yes\n  UserKnownHostsFile /dev/null`,
      '  StrictHostKeyChecking no\n  LogLevel ERROR\n',
    ].join('\n'),
  )
  writeFileSync(`${base}.names`, `${places.map(({ name }) => name).join('\n')}\n`)
  return base
}

/** The network device of this machine that all packets to the hosts leave by. */
export function bridge() {
  return `br-${docker('network', 'inspect', '--format', '{{.Id}}', network).slice(0, 12)}`
}

/** The file that counts the processor time of each host, in nanoseconds. */
export function clocks(hosts) {
  return hosts.flatMap(({ name }) => {
    const pid = docker('inspect', '--format', '{{.State.Pid}}', containerOf(name)).trim()
    const line = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .split('\n')
      .find(each => /:[^:]*cpuacct[^:]*:/.test(each))
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line ?? '') ?? []
    const file = `/sys/fs/cgroup/${controllers?.includes('cpuacct') ? 'cpuacct' : ''}${path}/cpuacct.usage`
    return existsSync(file) ? [file] : []
  })
}

function build() {
  if (succeeds('docker', ['image', 'inspect', image]) && existsSync(join(state, 'built'))) return
  const folder = join(state, 'image')
  mkdirSync(folder, { recursive: true })
  const base = process.env.MLOPS_BENCH_BASE ?? debian(folder)
  writeFileSync(join(folder, 'Dockerfile'), dockerfile(base))
  writeFileSync(join(folder, 'key.pub'), readFileSync(`${key}.pub`))
  execFileSync('docker', ['build', '-q', '--network', 'host', '-t', image, folder], {
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  writeFileSync(join(state, 'built'), '')
}

/** A Debian without a registry, out of its packages. `MLOPS_BENCH_BASE=debian:13` takes another image. */
function debian(folder) {
  const name = 'mlops/bench-base:1'
  if (succeeds('docker', ['image', 'inspect', name])) return name
  const archive = join(folder, 'base.tar')
  execFileSync('mmdebstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', archive], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  docker('import', archive, name)
  rmSync(archive)
  return name
}

function start(name) {
  docker('run', '--detach', '--name', containerOf(name), '--hostname', name, '--network', network, image)
}

function running() {
  const names = docker('ps', '--filter', 'name=^/mlops-bench-h', '--format', '{{.Names}}').trim().split('\n')
  const found = names.filter(Boolean).sort()
  if (found.length === 0) return []
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const addresses = docker('inspect', '--format', format, ...found)
    .trim()
    .split('\n')
  return found.map((container, i) => ({ name: container.slice('mlops-bench-'.length), address: addresses[i] }))
}

function waitFor({ address }) {
  execFileSync('bash', [
    '-c',
    'for i in $(seq 600); do (exec 3<>"/dev/tcp/$1/22") 2>/dev/null && exit; sleep 0.05; done; exit 1',
    'bash',
    address,
  ])
}

function docker(...args) {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

function succeeds(command, args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
