import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BothWays, onEach, type Played, playBothWays, startBothWays, stateScript } from '../rig/both-ways.ts'

let servers: BothWays

beforeAll(async () => {
  servers = await startBothWays({ name: 'modules', images: ['debian-13', 'debian-12'] })
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
  test(`${what}: a check says changed and changes nothing, a play changes all, and again nothing, with look-ahead and without`, async () => {
    const before = traces()
    const check = await play(playbook, '--check', '--diff')
    expect(check.status, check.text).toBe(0)
    expect(check.outcomes).toEqual(all(check.outcomes, 'changed'))
    expect(traces()).toEqual(before)

    const apply = await play(playbook)
    expect(apply.status, apply.text).toBe(0)
    expect(apply.outcomes).toEqual(all(check.outcomes, 'changed'))
    expect(traces()).not.toEqual(before)
    expect(onEach(servers.plain, stateScript)).toEqual(onEach(servers.ahead, stateScript))

    for (const way of [[], ['--check']]) {
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

function play(playbook: string, ...args: string[]): Promise<Played> {
  return playBothWays(servers, join(import.meta.dirname, playbook), ...args)
}

/** The same tasks, all with this outcome; those whose name says that they only look are ok. */
function all(outcomes: Played['outcomes'], outcome: string): Played['outcomes'] {
  return outcomes.map(([task]) => [task, task.includes(': look: ') ? 'ok' : outcome])
}

/** Digests of what a task could leave behind on each server: files, packages, accounts, units, containers. */
function traces(): readonly string[] {
  return [servers.ahead, servers.plain].flatMap(each => onEach(each, lookAround))
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
