import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mlops } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

let servers: Servers

beforeAll(async () => {
  servers = await startServers({ name: 'modules', images: ['debian-13', 'debian-12'] })
  const { status, text } = await play('modules-prepare.yml')
  expect(status, text).toBe(0)
})

afterAll(() => servers?.stop())

// Each builds on the one before.
for (const [playbook, what] of [
  ['modules-system.yml', 'packages, keys, users, units and files'],
  ['modules-network.yml', 'own packages, downloads, a working copy, a virtual environment'],
  ['modules-containers.yml', 'an image and services'],
] as const) {
  test(`${what}: a check says changed and changes nothing, a play changes all, and again nothing`, async () => {
    const before = await traces()
    const check = await play(playbook, '--check', '--diff')
    expect(check.status, check.text).toBe(0)
    expect(check.outcomes).toEqual(all(check.outcomes, 'changed'))
    expect(await traces()).toEqual(before)

    const apply = await play(playbook)
    expect(apply.status, apply.text).toBe(0)
    expect(apply.outcomes).toEqual(all(apply.outcomes, 'changed'))
    expect(Object.keys(apply.outcomes).sort()).toEqual(Object.keys(check.outcomes).sort())
    expect(await traces()).not.toEqual(before)

    for (const way of [[], ['--no-look-ahead'], ['--check']]) {
      const again = await play(playbook, ...way)
      expect(again.status, again.text).toBe(0)
      expect(again.outcomes, way.join()).toEqual(all(apply.outcomes, 'ok'))
    }
  })
}

test.each([
  ['modules-containers-acts.yml', 'services are waited for, scaled, made anew, stopped and removed'],
  ['modules-acts.yml', 'requests, waits, locks, failures and a boot are answered as Ansible answers them'],
])('%s: %s', async playbook => {
  const { status, text } = await play(playbook)
  expect(status, text).toBe(0)
})

interface Played {
  readonly status: number | null
  /** What became of each task on each server: `SERVER: NAME` → outcome. */
  readonly outcomes: Readonly<Record<string, string>>
  /** What to read when it went wrong. */
  readonly text: string
}

async function play(playbook: string, ...args: readonly string[]): Promise<Played> {
  const file = join(import.meta.dirname, playbook)
  const { status, stdout, stderr } = await mlops(['play', file, '-i', servers.inventory, '--json', ...args])
  const outcomes: Record<string, string> = {}
  const failures: string[] = [stderr]
  for (const line of stdout.split('\n').filter(line => line !== '')) {
    const event = JSON.parse(line)
    if (event.type !== 'task-finished') continue
    outcomes[`${event.host}: ${event.task.name}`] = event.outcome
    if (/failed|unreachable/.test(event.outcome))
      failures.push(`${event.host}: ${event.task.name} (line ${event.task.at?.line}): ${JSON.stringify(event.result)}`)
  }
  return { status, outcomes, text: failures.join('\n') }
}

/** The same tasks, all with this outcome; those whose name says that they only look are ok. */
function all(outcomes: Played['outcomes'], outcome: string): Played['outcomes'] {
  return Object.fromEntries(Object.keys(outcomes).map(name => [name, name.includes(': look: ') ? 'ok' : outcome]))
}

/** Digests of what a task could leave behind on each server: files, packages, accounts, units, containers. */
async function traces(): Promise<readonly string[]> {
  return servers.hosts.map(server =>
    execFileSync(
      'ssh',
      [
        ...['-i', join(servers.directory, '.mlops/cluster-key'), '-o', 'BatchMode=yes'],
        ...['-o', `UserKnownHostsFile=${join(servers.directory, '.mlops/known_hosts')}`],
        `appuser@${server.address}`,
        'sudo sh',
      ],
      { encoding: 'utf8', input: lookAround, stdio: 'pipe' },
    ),
  )
}

const lookAround = `
export LC_ALL=C
find /etc /srv /home /root /opt /usr/local /usr/share/keyrings /var/lib/apt/lists -xdev -printf '%p %y %m %u %g %l %s\\n' | sort
find /etc /srv /home /root -xdev -type f -exec sha1sum {} + | sort
dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n'
systemctl list-unit-files --no-legend --no-pager | grep -v transient
systemctl show -p ActiveState,UnitFileState shop-web shop-other apt-daily.timer docker
hostname
! command -v docker >/dev/null || docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'
! command -v docker >/dev/null || docker images --no-trunc
`
