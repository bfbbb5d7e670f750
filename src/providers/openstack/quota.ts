import type { Problem } from '../provider.ts'
import type { CloudClient } from './client.ts'
import type { Flavor, Limits } from './wire.ts'

/** Whether the project's quota has room for servers of these flavors: each kind of limit that has not. */
export async function quotaProblems(client: CloudClient, flavors: readonly Flavor[]): Promise<Problem[]> {
  if (flavors.length === 0) return []
  // Nova's own JSON (API 2.1, "Show Rate And Absolute Limits").
  const { limits } = (await client.get('compute', '/limits')) as { limits: { absolute: Limits } }
  const { projectName } = await client.session()
  const now = limits.absolute
  const sum = (of: (flavor: Flavor) => number) => flavors.reduce((total, flavor) => total + of(flavor), 0)
  const kinds = [
    { what: 'servers', needed: flavors.length, used: now.totalInstancesUsed, limit: now.maxTotalInstances },
    { what: 'processors', needed: sum(flavor => flavor.vcpus), used: now.totalCoresUsed, limit: now.maxTotalCores },
    { what: 'MB of memory', needed: sum(flavor => flavor.ram), used: now.totalRAMUsed, limit: now.maxTotalRAMSize },
  ]
  return kinds
    .filter(({ needed, used, limit }) => limit >= 0 && used + needed > limit)
    .map(({ what, needed, used, limit }) => ({
      code: 'openstack.quota',
      severity: 'error',
      message: `project ${projectName} may have ${limit} ${what} and uses ${used}: there is no room for ${needed} more`,
      hint: 'destroy what is not needed, choose a smaller flavor, or ask for a larger quota',
    }))
}
