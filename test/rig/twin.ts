import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capabilityArguments } from '../../src/providers/docker/capabilities.ts'
import { ImageShop } from '../../src/providers/docker/images.ts'
import { serverRecipe } from '../../src/providers/docker/recipes/server.ts'

/** A server with systemd and with all that Ansible's modules want of a host, too: the same for Ansible and for us. */
export interface Twin {
  readonly address: string
  /** Folder with the private key `key` of the users `ops` and `root`; removed with the server. */
  readonly directory: string
  /** Runs a shell script in the container as root, beside SSH. */
  sh(script: string): string
  stop(): void
}

/** Starts a twin from the image that `context` (a folder with a Dockerfile) describes; its hostname is `twin`. */
export async function startTwin(context: string): Promise<Twin> {
  const quiet = { onStep: () => undefined, onWarning: () => undefined }
  const base = await new ImageShop(quiet).built(serverRecipe('bookworm'))
  const image = `mlops/test-twin:${digest(context, base)}`
  if (docker('images', '-q', image) === '')
    docker('build', '-q', '--network', 'host', '--force-rm', '--build-arg', `BASE=${base}`, '-t', image, context)
  const directory = mkdtempSync(join(tmpdir(), 'mlops-twin-'))
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')])
  const container = `mlops-twin-${process.pid}-${Date.now()}`
  const stop = () => {
    docker('rm', '--force', '--volumes', container)
    rmSync(directory, { recursive: true, force: true })
  }
  docker(
    ...['create', '--name', container, '--hostname', 'twin', ...(await capabilityArguments(base))],
    ...['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined', '--cgroupns', 'private'],
    ...['--tmpfs', '/run', '--tmpfs', '/run/lock', image],
  )
  try {
    docker('start', container)
    const sh = (script: string) => docker('exec', container, 'sh', '-c', script)
    const key = readFileSync(join(directory, 'key.pub'), 'utf8').trim()
    sh(
      `for home in /root /home/ops; do mkdir -p -m 700 $home/.ssh; echo '${key}' >$home/.ssh/authorized_keys; done; chown -R ops: /home/ops/.ssh
       for i in $(seq 300); do systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && exit; sleep 0.2; done; exit 1`,
    )
    const network = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    return { address: docker('inspect', '--format', network, container), directory, sh, stop }
  } catch (error) {
    stop()
    throw error
  }
}

function digest(context: string, base: string): string {
  const hash = createHash('sha256').update(base)
  for (const name of readdirSync(context).sort()) hash.update(`\0${name}\0`).update(readFileSync(join(context, name)))
  return hash.digest('hex').slice(0, 12)
}

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, {
    encoding: 'utf8',
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  }).trim()
}
