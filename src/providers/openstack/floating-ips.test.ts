import { expect, test } from 'vitest'
import { CloudClient } from './client.ts'
import { FloatingIpDesk } from './floating-ips.ts'
import { ownServers } from './servers.ts'
import { type Asked, type Reply, smallCloud } from './small-cloud.rig.ts'

const pool = { id: 'x1', name: 'public', project_id: 'admin', shared: false, 'router:external': true }
const project = { name: 'lab' }

const floating = (id: string, more: object = {}) => ({
  ...{ id, floating_ip_address: `192.0.2.${id}`, floating_network_id: 'x1', port_id: null, fixed_ip_address: null },
  ...{ description: '', ...more },
})

/** A network service with these floating IPs. */
function neutron(all: { id: string; description: string }[]): (asked: Asked) => Reply {
  return ({ method, path, body }) => {
    if (method === 'GET') return { status: 200, body: { floatingips: all } }
    if (method === 'DELETE') {
      all.splice(
        all.findIndex(({ id }) => path.endsWith(`/${id}`)),
        1,
      )
      return { status: 204 }
    }
    const { floatingip } = body as { floatingip: { description: string } } // what we send
    const made = floating(String(10 + all.length), floatingip)
    all.push(made)
    return { status: 201, body: { floatingip: made } }
  }
}

test('servers that are made at once get floating IPs of their own: free ones first, then new ones', async () => {
  const all = [
    floating('1'),
    floating('2', { description: 'mlops-lab' }),
    floating('3', { port_id: 'p' }),
    floating('4', { floating_network_id: 'other' }),
  ]
  const { cloud } = await smallCloud(neutron(all))
  const desk = new FloatingIpDesk(new CloudClient(cloud), project)
  const taken = await Promise.all([desk.take(pool), desk.take(pool), desk.take(pool)])
  expect(taken.map(({ id }) => id)).toEqual(['2', '1', '14'])
  expect(all.at(-1)?.description).toBe('mlops-lab')
  for (const one of taken) await desk.giveBack(one)
  expect(all.map(({ id }) => id)).toEqual(['1', '2', '3', '4'])
})

test('a quota of floating IPs that is used up is told in plain words', async () => {
  const body = {
    NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['floatingip'].", detail: '' },
  }
  const { cloud } = await smallCloud(({ method }) =>
    method === 'GET' ? { status: 200, body: { floatingips: [] } } : { status: 409, body },
  )
  await expect(new FloatingIpDesk(new CloudClient(cloud), project).take(pool)).rejects.toThrow(
    "the project has used up its quota: Quota exceeded for resources: ['floatingip'].",
  )
})

test('ours are the servers with our tag that we made, with floating IPs that Nova does not show yet', async () => {
  const server = (id: string, more: object = {}) => ({
    ...{ id, name: 'prod', status: 'ACTIVE', user_id: 'user-1', created: `2026-01-0${id}T00:00:00Z` },
    ...{ metadata: { 'mlops-project': 'lab' }, addresses: { net: [{ addr: `10.0.0.${id}`, version: 4 }] } },
    ...more,
  })
  const servers = [
    server('3'),
    server('2'),
    server('4', { user_id: 'user-2' }),
    server('5', { metadata: { 'mlops-project': 'other' } }),
    server('6', { 'OS-EXT-STS:task_state': 'deleting' }),
    server('7', { metadata: {} }),
  ]
  const leading = [
    floating('9', { port_id: 'p', fixed_ip_address: '10.0.0.2' }),
    floating('8', { fixed_ip_address: '10.0.0.3' }),
  ]
  const { cloud } = await smallCloud(({ path }) => ({
    status: 200,
    body: path.includes('/servers/') ? { servers } : { floatingips: leading },
  }))
  const found = await ownServers(new CloudClient(cloud), project)
  expect(found.map(({ id, addresses }) => [id, addresses['net']?.map(({ addr }) => addr)])).toEqual([
    ['2', ['10.0.0.2', '192.0.2.9']],
    ['3', ['10.0.0.3']],
  ])
})
