import { expect, test } from 'vitest'
import type { Project } from '../../project/project.ts'
import { CloudClient } from './client.ts'
import { ensureGroup, openPorts, widenGroup } from './security-group.ts'
import { type Asked, type Reply, smallCloud } from './small-cloud.rig.ts'

const project = { name: 'lab', services: [], servers: [] } satisfies Pick<Project, 'name' | 'services' | 'servers'>
const progress = { onStep: () => {} }

/** A network service that keeps what it is told. */
function neutron(): (asked: Asked) => Reply {
  const groups: { id: string; name: string; description: string; security_group_rules: unknown[] }[] = []
  return ({ method, path, body }) => {
    if (path.startsWith('/network/v2.0/security-groups?')) return { status: 200, body: { security_groups: groups } }
    const { security_group, security_group_rule } = body as Record<string, { name: string; description: string }> // what we send
    if (security_group !== undefined) {
      const group = { ...security_group, id: `g${groups.length + 1}`, security_group_rules: [] }
      groups.push(group)
      return { status: 201, body: { security_group: group } }
    }
    const rule = { remote_group_id: null, ...security_group_rule }
    const rules = groups.at(-1)?.security_group_rules ?? []
    if (rules.some(one => JSON.stringify(one) === JSON.stringify(rule)))
      return { status: 409, body: { NeutronError: { type: 'SecurityGroupRuleExists', message: 'there' } } }
    rules.push(rule)
    return { status: method === 'POST' ? 201 : 405, body: {} }
  }
}

test('the group of a project lets in sshd, the application and the tweet API, and is made once', async () => {
  const { cloud, asked } = await smallCloud(neutron())
  const client = new CloudClient(cloud)
  expect(await ensureGroup(client, project, progress)).toBe('g1')
  const opened = asked.flatMap(({ body }) => {
    const { security_group_rule: rule } = (body ?? {}) as { security_group_rule?: Record<string, unknown> } // what we send
    return rule
      ? [
          `${rule['direction']} ${rule['protocol']} ${rule['port_range_min']}-${rule['port_range_max']} ${rule['remote_ip_prefix']}`,
        ]
      : []
  })
  expect(opened).toEqual(
    [22, 5008, 5100].flatMap(port => [`ingress tcp ${port}-${port} 0.0.0.0/0`, `ingress tcp ${port}-${port} ::/0`]),
  )
  const before = asked.length
  expect(await ensureGroup(client, project, progress)).toBe('g1')
  expect(asked.slice(before).map(({ method }) => method)).toEqual(['GET'])
})

test('a group of the same name that somebody else made is left alone', async () => {
  const groups = [{ id: 'x', name: 'mlops-lab', description: 'mine', security_group_rules: [] }]
  const { cloud, asked } = await smallCloud(() => ({ status: 200, body: { security_groups: groups } }))
  await widenGroup(new CloudClient(cloud), project)
  expect(asked.map(({ method }) => method)).toEqual(['GET'])
})

test('where a service answers is opened later, and a rule that is there already is as well', async () => {
  const { cloud, asked } = await smallCloud(neutron())
  const client = new CloudClient(cloud)
  await ensureGroup(client, project, progress)
  const service = { name: 'proxy', servers: ['prod'], server: 'prod', port: 8080, health: undefined, replicas: 1 }
  const at = { file: 'mlops.yml', line: 1, column: 1 }
  const more = { ...project, services: [{ ...service, maxReplicas: 1, aliases: [], at }] }
  expect(openPorts(more)).toEqual([22, 5008, 5100, 8080])
  const before = asked.length
  await widenGroup(client, more)
  await widenGroup(client, more)
  expect(asked.slice(before).map(({ method }) => method)).toEqual(['GET', 'POST', 'POST', 'GET'])
})
