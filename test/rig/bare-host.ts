import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImageShop } from '../../src/providers/docker/images.ts'

/** A host with sshd and sudo and nothing else: no Python, no systemd. */
export interface BareHost {
  readonly name: string
  readonly container: string
  readonly address: string
}

export interface BareHosts {
  readonly directory: string
  /** With `host_key_checking` on and every key pinned. */
  readonly inventory: string
  readonly hosts: readonly BareHost[]
  /** Runs a command in a host's container, beside SSH. */
  exec(host: BareHost, ...command: readonly string[]): string
  stop(): void
}

const image = 'mlops/test-bare-host:1'

/** Users: `ops` (sudo without password), `careful` (sudo with password `open sesame`), `guest` (no sudo). */
const dockerfile = (base: string) => `FROM ${base}
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server sudo procps git >/dev/null \\
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* && mkdir -p /run/sshd \\
 && for user in ops careful guest; do useradd --create-home --shell /bin/bash $user; done \\
 && echo 'careful:open sesame' | chpasswd \\
 && printf 'ops ALL=(ALL) NOPASSWD: ALL\\ncareful ALL=(ALL) ALL\\n' >/etc/sudoers.d/test && chmod 440 /etc/sudoers.d/test
CMD ["/usr/sbin/sshd", "-D", "-e", "-o", "MaxStartups=100", "-o", "MaxSessions=10"]
`

/** Starts hosts of their own, on Docker's own network; needs an engine. */
export async function startBareHosts(names: readonly string[]): Promise<BareHosts> {
  const directory = mkdtempSync(join(tmpdir(), 'mlops-bare-'))
  const quiet = { onStep: () => undefined, onWarning: () => undefined }
  const base = await new ImageShop(quiet).base('trixie')
  writeFileSync(join(directory, 'Dockerfile'), dockerfile(base))
  docker({ DOCKER_BUILDKIT: '0' }, 'build', '-q', '-t', image, directory)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')])
  const hosts = names.map(name => start(name, directory))
  writeFileSync(
    join(directory, 'hosts.ini'),
    [
      '[all]',
      ...hosts.map(host => `${host.name} ansible_host=${host.address}`),
      '[all:vars]',
      'ansible_user=ops',
      `ansible_ssh_private_key_file=${join(directory, 'key')}`,
      `ansible_ssh_common_args='-o UserKnownHostsFile=${join(directory, 'known_hosts')}'`,
      '',
    ].join('\n'),
  )
  return {
    directory,
    inventory: join(directory, 'hosts.ini'),
    hosts,
    exec: (host, ...command) => docker({}, 'exec', host.container, ...command),
    stop: () => {
      if (hosts.length > 0) docker({}, 'rm', '--force', '--volumes', ...hosts.map(host => host.container))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function start(name: string, directory: string): BareHost {
  const container = `mlops-bare-${process.pid}-${name}`
  const seed = join(directory, name)
  mkdirSync(seed)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(seed, 'ssh_host_ed25519_key')])
  docker({}, 'create', '--name', container, '--hostname', name, '--init', image)
  docker({}, 'cp', `${seed}/.`, `${container}:/etc/ssh`)
  docker({}, 'start', container)
  const key = readFileSync(join(directory, 'key.pub'), 'utf8')
  const install = `for user in root ops careful guest; do home=$(getent passwd $user | cut -d: -f6); mkdir -p $home/.ssh; echo '${key.trim()}' >$home/.ssh/authorized_keys; chown -R $user: $home/.ssh; chmod -R go= $home/.ssh; done; chmod 600 /etc/ssh/ssh_host_*_key; chown root: /etc/ssh/ssh_host_*`
  docker({}, 'exec', container, 'sh', '-c', install)
  const address = docker(
    {},
    'inspect',
    '--format',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    container,
  ).trim()
  const [type, body] = readFileSync(join(seed, 'ssh_host_ed25519_key.pub'), 'utf8').split(' ')
  writeFileSync(join(directory, 'known_hosts'), `${address} ${type} ${body}\n`, { flag: 'a' })
  return { name, container, address }
}

function docker(env: Readonly<Record<string, string>>, ...args: readonly string[]): string {
  return execFileSync('docker', args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
