import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftovers, Operator, rcVariables } from '../lab.ts'
import { keepRecording, type RecorderOptions } from '../recorder.ts'
import { failures } from '../scenarios.ts'
import { startTrial } from './trial.ts'

describe('what goes wrong while servers are made is told, and leaves nothing half made', () => {
  let demo: Operator
  let admin: Operator
  let project: string
  const networks: string[] = []

  beforeAll(async () => {
    demo = await Operator.login(rcVariables())
    admin = await Operator.login(rcVariables('admin-openrc'))
    const { projects } = await admin.call('GET', 'identity', '/projects?name=demo')
    project = projects[0].id
  })
  afterAll(async () => {
    const { networks: all } = await demo.call('GET', 'network', '/networks')
    const left = all.filter((one: { id: string }) => networks.includes(one.id))
    for (const { id } of left) await demo.call('DELETE', 'network', `/networks/${id}`)
  })

  test('no machine has room for a server of that size', async () => {
    await setQuota(-1, -1)
    try {
      await fails('no-host')
    } finally {
      await setQuota(16, 16384)
    }
  })

  test('the network goes between the look and the making', async () => {
    const id = await makeNetwork('brief', '10.250.1.0/24')
    await fails('network-gone', {
      before: async (method, path) => {
        if (method === 'POST' && path.endsWith('/servers')) await demo.call('DELETE', 'network', `/networks/${id}`)
      },
    })
  })

  test('the network has no way to the outside, so it takes no floating IP', async () => {
    await makeNetwork('lonely', '10.250.2.0/24')
    await fails('no-route', { leaves: ['prodserver', 'mlops-lab-<digest>', 'mlops-lab'] })
  })

  /** Of what was made only `leaves` is there afterwards. */
  async function fails(
    name: string,
    { before, leaves = [] }: RecorderOptions & { leaves?: readonly string[] } = {},
  ): Promise<void> {
    const failure = failures.find(one => one.name === name)
    if (failure === undefined) throw new Error(`no failure ${name}`)
    const { settings, servers, says } = failure
    const trial = await startTrial({ settings, servers, before })
    try {
      const { status, stderr } = await trial.run(['provision'])
      for (const words of says) expect(stderr.replace(/[0-9a-f-]{36}/g, '<id>')).toContain(words)
      expect(status).toBe(1)
      const left = (await leftovers(demo)).map(thing => thing.replace(/[0-9a-f]{12}$/, '<digest>'))
      expect(left).toEqual(leaves)
      keepRecording(name, trial.recorder.exchanges, [rcVariables()['OS_PASSWORD'] ?? ''])
    } finally {
      await trial.stop()
    }
  }

  async function makeNetwork(name: string, cidr: string): Promise<string> {
    const { network } = await demo.call('POST', 'network', '/networks', { network: { name } })
    networks.push(network.id)
    await demo.call('POST', 'network', '/subnets', { subnet: { network_id: network.id, ip_version: 4, cidr } })
    return network.id
  }

  async function setQuota(cores: number, ram: number): Promise<void> {
    await admin.call('PUT', 'compute', `/os-quota-sets/${project}`, { quota_set: { cores, ram, force: true } })
  }
})
