import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { mlops } from './mlops.ts'
import { type Servers, type ServersWanted, startServers } from './servers.ts'

/** The same servers twice: what is played with look-ahead on the first is played without it on the second. */
export interface BothWays {
  readonly ahead: Servers
  readonly plain: Servers
  stop(): Promise<void>
}

export interface Played {
  readonly status: number | null
  /** What became of each task on each server, in order: `SERVER: NAME`, outcome. Names come again in loops and roles. */
  readonly outcomes: readonly (readonly [task: string, outcome: string])[]
  /** What to read when it went wrong. */
  readonly text: string
}

/** Starts the second pair when the first has made the images. */
export async function startBothWays(wanted: ServersWanted): Promise<BothWays> {
  const ahead = await startServers(wanted)
  try {
    const plain = await startServers(wanted)
    const stop = async () => {
      await Promise.all([ahead.stop(), plain.stop()])
    }
    return { ahead, plain, stop }
  } catch (error) {
    await ahead.stop()
    throw error
  }
}

/** Plays a playbook on both at once, and holds the two runs to have said the same of every task. */
export async function playBothWays({ ahead, plain }: BothWays, file: string, ...args: string[]): Promise<Played> {
  const [one, other] = await Promise.all([played(ahead, file, args), played(plain, file, args, 'off')])
  expect([other.status, other.outcomes], `without look-ahead: ${other.text}\nwith it: ${one.text}`).toEqual([
    one.status,
    one.outcomes,
  ])
  return one
}

async function played(servers: Servers, file: string, args: readonly string[], lookAhead?: string): Promise<Played> {
  const env = lookAhead === undefined ? {} : { MLOPS_LOOK_AHEAD: lookAhead }
  const ran = await mlops(['play', file, '-i', servers.inventory, '--json', ...args], { env })
  const outcomes: [string, string][] = []
  const failures = [ran.stderr]
  for (const line of ran.stdout.split('\n').filter(line => line !== '')) {
    const event = JSON.parse(line)
    if (event.type !== 'task-finished' && event.type !== 'item-finished') continue
    const item = event.type === 'item-finished' ? ` (${event.label})` : ''
    outcomes.push([`${event.host}: ${event.task.name}${item}`, event.outcome])
    if (/failed|unreachable/.test(event.outcome))
      failures.push(`${event.host}: ${event.task.name} (line ${event.task.at?.line}): ${JSON.stringify(event.result)}`)
  }
  // hosts end a task in any order
  outcomes.sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  return { status: ran.status, outcomes, text: failures.join('\n') }
}

/** What a shell script that runs as root says on each server. */
export function onEach({ hosts, directory }: Servers, script: string): readonly string[] {
  return hosts.map(({ address }) =>
    execFileSync(
      'ssh',
      [
        ...['-i', join(directory, '.mlops/cluster-key'), '-o', 'BatchMode=yes'],
        ...['-o', `UserKnownHostsFile=${join(directory, '.mlops/known_hosts')}`],
        `appuser@${address}`,
        'sudo sh',
      ],
      { encoding: 'utf8', input: script, stdio: 'pipe', maxBuffer: 1 << 26 },
    ),
  )
}

/** Files whose content is another on every server: keys, names, salts, and what holds the time when it was made. */
const own = [
  ...[
    '/etc/ssh/ssh_host_*',
    '/etc/machine-id',
    '/etc/hostname',
    '/etc/hosts',
    '/etc/resolv.conf',
    '/etc/docker/key.json',
  ],
  ...[
    '*/ssl-cert-snakeoil.*',
    '*/.ssh/id_*',
    '/home/appuser/.ssh/authorized_keys',
    '/etc/sudoers.d/90-cloud-init-users',
  ],
  ...['*/shadow*', '*/.git/*', '*/__pycache__/*', '*/buildx/*', '*.deb', '*.whl', '/srv/repo/*'],
]
  .map(path => `! -path '${path}'`)
  .join(' ')

/** Says what a play may have made of a server: files, what is in them and who may do what with them, packages, accounts, units. */
export const stateScript = `
export LC_ALL=C
find /etc /srv /home /root /opt /usr/local -xdev ! -path '*/__pycache__*' ! -path '*/buildx/refs/*' -printf '%p %y %m %u %g %l\\n' | sort
find /etc /srv /home /root /opt /usr/local -xdev -type f ${own} -exec sha1sum {} + | sort
dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n'
cat /etc/passwd /etc/group
systemctl list-unit-files --no-legend --no-pager | grep -v transient
`
