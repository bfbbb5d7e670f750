import type { Project } from '../../project/project.ts'
import type { Progress } from '../provider.ts'
import type { CloudClient } from './client.ts'
import { CloudError } from './cloud-errors.ts'
import { ownName } from './metadata.ts'
import type { SecurityGroup, SecurityRule } from './wire.ts'

/** sshd, the application, and the tweet API. */
const PORTS = [22, 5100, 5008]
const FAMILIES = [
  { ethertype: 'IPv4', prefix: '0.0.0.0/0' },
  { ethertype: 'IPv6', prefix: '::/0' },
] as const

type GroupOwner = Pick<Project, 'name' | 'services' | 'servers'>

/** The ports that the world may reach: those of every project, and where its services answer. */
export function openPorts({ services, servers }: GroupOwner): number[] {
  const sshd = servers.filter(({ provider }) => provider === 'openstack').map(({ port }) => port)
  return [...new Set([...PORTS, ...sshd, ...services.flatMap(({ port }) => port ?? [])])].sort((a, b) => a - b)
}

/** The project's own security group, or undefined when it has none. */
export async function findGroup(
  client: CloudClient,
  project: Pick<Project, 'name'>,
): Promise<SecurityGroup | undefined> {
  const { projectId } = await client.session()
  const path = `/security-groups?name=${ownName(project.name)}&project_id=${projectId}`
  const found = (await client.list('network', path, 'security_groups')) as SecurityGroup[] // Neutron's own JSON
  return found.find(({ description }) => description === descriptionOf(project))
}

/** Makes the project's own group where it is missing, and opens the ports that are not open yet. Gives its id. */
export async function ensureGroup(
  client: CloudClient,
  project: GroupOwner,
  { onStep }: Pick<Progress, 'onStep'>,
): Promise<string> {
  const group = (await findGroup(client, project)) ?? (await makeGroup(client, project, onStep))
  await openMissing(client, project, group)
  return group.id
}

/** Opens what `mlops.yml` came to say since the group was made, where there is one. */
export async function widenGroup(client: CloudClient, project: GroupOwner): Promise<void> {
  const group = await findGroup(client, project)
  if (group) await openMissing(client, project, group)
}

async function openMissing(client: CloudClient, project: GroupOwner, group: SecurityGroup): Promise<void> {
  for (const port of openPorts(project)) {
    for (const { ethertype, prefix } of FAMILIES) {
      if (group.security_group_rules.some(rule => opens(rule, { port, ethertype, prefix }))) continue
      await openPort(client, {
        security_group_id: group.id,
        ...{ direction: 'ingress', ethertype, protocol: 'tcp' },
        ...{ port_range_min: port, port_range_max: port, remote_ip_prefix: prefix },
      })
    }
  }
}

async function makeGroup(client: CloudClient, project: GroupOwner, onStep: Progress['onStep']): Promise<SecurityGroup> {
  const name = ownName(project.name)
  const made = await client.once(
    () => findGroup(client, project),
    async () => {
      const body = { security_group: { name, description: descriptionOf(project) } }
      // Neutron's own JSON
      return ((await client.post('network', '/security-groups', body)) as { security_group: SecurityGroup })
        .security_group
    },
  )
  onStep(`security group ${name} made: ports ${openPorts(project).join(', ')}`)
  return made
}

async function openPort(client: CloudClient, rule: Readonly<Record<string, unknown>>): Promise<void> {
  try {
    // a rule that is there already is refused, so nothing is doubled
    await client.once(
      async () => undefined,
      () => client.post('network', '/security-group-rules', { security_group_rule: rule }),
    )
  } catch (error) {
    if (!(error instanceof CloudError && error.type === 'SecurityGroupRuleExists')) throw error
  }
}

function opens(rule: SecurityRule, wanted: { port: number; ethertype: string; prefix: string }): boolean {
  return (
    rule.direction === 'ingress' &&
    rule.ethertype === wanted.ethertype &&
    rule.protocol === 'tcp' &&
    rule.port_range_min === wanted.port &&
    rule.port_range_max === wanted.port &&
    rule.remote_group_id === null &&
    (rule.remote_ip_prefix === null || rule.remote_ip_prefix === wanted.prefix)
  )
}

function descriptionOf({ name }: Pick<Project, 'name'>): string {
  return `made by mlops for project ${name}`
}
