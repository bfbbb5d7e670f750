import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A container that is reached over SSH. */
export interface SshHost {
  readonly name: string
  readonly container: string
  readonly address: string
}

export interface SshHosts {
  readonly directory: string
  /** With `host_key_checking` on and every key pinned. */
  readonly inventory: string
  readonly hosts: readonly SshHost[]
  /** Runs a command in a host's container, beside SSH. */
  exec(host: SshHost, ...command: readonly string[]): string
  stop(): void
}

export interface Wanted {
  readonly names: readonly string[]
  /** Begins the names of containers. */
  readonly prefix: string
  /** Makes the image, when the engine has none, out of files in this folder; gives its name. */
  build(directory: string): Promise<string>
  /** Who may log in with the key; the first is the login of the inventory. */
  readonly users: readonly string[]
  /** Shell text that prints the public half of the host's own key once there is one. */
  readonly hostKey: string
  /** More options of `docker run`. */
  readonly runOptions?: readonly string[]
}

/** Starts hosts of their own, on Docker's own network; needs an engine. */
export async function startSshHosts(wanted: Wanted): Promise<SshHosts> {
  const directory = mkdtempSync(join(tmpdir(), `${wanted.prefix}-`))
  const image = await wanted.build(directory)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')])
  const hosts: SshHost[] = []
  const stop = () => {
    if (hosts.length > 0) docker('rm', '--force', '--volumes', ...hosts.map(host => host.container))
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    for (const name of wanted.names) hosts.push(start(name, image, directory, wanted))
  } catch (error) {
    stop()
    throw error
  }
  writeFileSync(
    join(directory, 'hosts.ini'),
    [
      '[all]',
      ...hosts.map(host => `${host.name} ansible_host=${host.address}`),
      '[all:vars]',
      `ansible_user=${wanted.users[0]}`,
      `ansible_ssh_private_key_file=${join(directory, 'key')}`,
      `ansible_ssh_common_args='-o UserKnownHostsFile=${join(directory, 'known_hosts')}'`,
      '',
    ].join('\n'),
  )
  const exec = (host: SshHost, ...command: readonly string[]) => docker('exec', host.container, ...command)
  return { directory, inventory: join(directory, 'hosts.ini'), hosts, exec, stop }
}

/** Builds an image with the builder that every engine has. */
export function buildImage(image: string, directory: string, args: readonly string[] = []): void {
  execFileSync('docker', ['build', '-q', '--network', 'host', '-t', image, ...args, directory], {
    encoding: 'utf8',
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function start(
  name: string,
  image: string,
  directory: string,
  { prefix, users, hostKey, runOptions = [] }: Wanted,
): SshHost {
  const container = `${prefix}-${process.pid}-${name}`
  docker('run', '--detach', '--name', container, '--hostname', name, '--init', ...runOptions, image)
  const key = readFileSync(join(directory, 'key.pub'), 'utf8').trim()
  const install = `for user in ${users.join(' ')}; do home=$(awk -F : -v name=$user '$1 == name { print $6 }' /etc/passwd); mkdir -p $home/.ssh; echo '${key}' >$home/.ssh/authorized_keys; chown -R $user: $home/.ssh; chmod -R go= $home/.ssh; done`
  docker('exec', container, 'sh', '-c', install)
  const address = docker(
    'inspect',
    '--format',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    container,
  ).trim()
  const [type, body] = docker('exec', container, 'sh', '-c', hostKey).split(' ')
  writeFileSync(join(directory, 'known_hosts'), `${address} ${type} ${body?.trim()}\n`, { flag: 'a' })
  return { name, container, address }
}

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
