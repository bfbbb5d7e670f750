import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recap } from '../../rig/mlops.ts'
import type { Exchange } from '../exchange.ts'
import { leftovers, Operator, rcVariables } from '../lab.ts'
import { keepRecording } from '../recorder.ts'
import { startTrial, type Trial } from './trial.ts'

const playbook = `
- hosts: all
  become: true
  tasks:
    - name: a file
      ansible.builtin.copy: { content: "made on {{ inventory_hostname }}\\n", dest: /etc/made }
    - name: the kernel answers
      ansible.builtin.command: uname -s
      changed_when: false
`

describe('two servers at a cloud', () => {
  const recorded: Exchange[] = []
  let trial: Trial
  let demo: Operator
  let stranger: string | undefined

  beforeAll(async () => {
    trial = await startTrial({ settings: { floating_ip: true } })
    writeFileSync(join(trial.directory, 'site.yml'), playbook)
    demo = await Operator.login(rcVariables())
  })
  afterAll(async () => {
    if (stranger !== undefined) await demo.call('DELETE', 'compute', `/servers/${stranger}`)
    await trial.stop()
  })

  test('are made with the variables of the RC file, and nothing else in mlops.yml than their names', async () => {
    const { status, stderr } = await trial.run(['provision'])
    expect(status, stderr).toBe(0)
    recorded.push(...trial.recorder.exchanges)
    expect(trial.servers().map(({ name, state, address }) => [name, state, address])).toEqual([
      ['prodserver', 'ready', expect.stringMatching(/^10\.253\.4\.\d+$/)],
      ['devserver', 'ready', expect.stringMatching(/^10\.253\.4\.\d+$/)],
    ])
  })

  test('answer on their floating IPs with the key that was pinned, and cloud-init has finished', async () => {
    for (const { name, address, user } of trial.servers()) {
      const { stdout } = await ssh(`${user}@${address}`, 'cloud-init status; hostname; sudo -n id -un')
      expect(stdout.trim().split('\n')).toEqual(['status: done', name, 'root'])
    }
  })

  test('are brought to the state of a playbook', async () => {
    const first = await trial.run(['play', 'site.yml'])
    expect(recap(first.stdout)).toMatchObject({
      prodserver: { changed: 1, failed: 0 },
      devserver: { changed: 1, failed: 0 },
    })
    const second = await trial.run(['play', 'site.yml'])
    expect(recap(second.stdout)).toMatchObject({ prodserver: { ok: 3, changed: 0 }, devserver: { ok: 3, changed: 0 } })
  })

  test('are left alone by a second run: no request of it changes anything', async () => {
    trial.recorder.forget()
    const { status, stdout } = await trial.run(['provision'])
    expect([status, stdout]).toEqual([0, expect.stringContaining('nothing to do')])
    expect(trial.recorder.exchanges.length).toBeGreaterThan(3)
    expect(trial.recorder.writes()).toEqual([])
    recorded.push(...trial.recorder.exchanges)
  })

  test('can be marked with the time when they may go; status tells it, with their hours so far', async () => {
    trial.recorder.forget()
    expect((await trial.run(['provision', '--ttl', '8h'])).status).toBe(0)
    expect(trial.recorder.writes().map(({ request }) => request)).toEqual([
      expect.stringContaining('mlops-expires'),
      expect.stringContaining('mlops-expires'),
    ])
    const { stdout } = await trial.run(['status'])
    expect(stdout).toMatch(/prodserver +ssc\.medium +\d+\.\d +in [78]h/)
    expect(stdout).toMatch(/Cost to date: \d+\.\d hours of ssc\.medium/)
  })

  test('are destroyed with all that was made for them, and nothing of anybody else', async () => {
    stranger = await makeStranger()
    trial.recorder.forget()
    const { status, stderr } = await trial.run(['destroy', '--yes'])
    expect(status, stderr).toBe(0)
    recorded.push(...trial.recorder.exchanges)
    const { servers: left } = await demo.call('GET', 'compute', '/servers')
    expect(left.map((server: { id: string }) => server.id)).toEqual([stranger])
    expect(await leftovers(demo)).toEqual(['devserver'])
    keepRecording('two-servers', recorded, [rcVariables()['OS_PASSWORD'] ?? ''])
  })

  function ssh(where: string, command: string) {
    const options = [
      `UserKnownHostsFile=${join(trial.directory, '.mlops/known_hosts')}`,
      `IdentityFile=${join(trial.directory, '.mlops/cluster-key')}`,
      ...['StrictHostKeyChecking=yes', 'BatchMode=yes', 'IdentitiesOnly=yes'],
    ]
    return promisify(execFile)('ssh', [...options.flatMap(option => ['-o', option]), where, command])
  }

  /** A server of the same name as one of ours, made by another. */
  async function makeStranger(): Promise<string> {
    const { images } = await demo.call('GET', 'image', '/images?name=debian-12')
    const { flavors } = await demo.call('GET', 'compute', '/flavors')
    const { networks } = await demo.call('GET', 'network', '/networks?name=demo-net')
    const flavor = flavors.find((one: { name: string }) => one.name === 'ssc.small')
    const server = {
      name: 'devserver',
      imageRef: images[0].id,
      flavorRef: flavor.id,
      networks: [{ uuid: networks[0].id }],
    }
    return (await demo.call('POST', 'compute', '/servers', { server })).server.id
  }
})
