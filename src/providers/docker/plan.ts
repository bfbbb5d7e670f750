import { MlopsError } from '../../errors.ts'
import type { Project, ServerSpec } from '../../project/project.ts'
import type { ServerPlan } from '../provider.ts'
import type { Container } from './containers.ts'
import * as label from './labels.ts'
import { nextAddress, parseSubnet } from './subnet.ts'

export interface Known {
  /** Ids of containers that were seen ready. */
  readonly ready: ReadonlySet<string>
  readonly address: string
}

/** What would be done for a server, given the container that it has or not. */
export function planFor(spec: ServerSpec, container: Container | undefined, { ready, address }: Known): ServerPlan {
  const plan = { server: spec.name, address }
  if (container === undefined) return { ...plan, action: 'create' }
  const differs = differences(spec, container)
  // Only what never ran may be thrown away unasked: nobody has put anything into it.
  if (container.status === 'created') return { ...plan, action: 'replace' }
  if (container.status !== 'running') return { ...plan, action: 'start', differs }
  return { ...plan, action: ready.has(container.id) ? 'keep' : 'finish', differs }
}

/** The address of each server: what it has, what mlops.yml says, or the next free one. Throws `docker.subnet-full`. */
export function planAddresses(
  project: Project,
  specs: readonly ServerSpec[],
  containers: ReadonlyMap<string, Container>,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, { labels }] of containers) found.set(name, labels[label.ADDRESS] ?? '')
  const taken = new Set<string>([...containers.values()].map(({ labels }) => labels[label.INNER_ADDRESS] ?? ''))
  for (const spec of specs) if (spec.address !== undefined) taken.add(spec.address)
  const subnet = parseSubnet(project.docker.subnet)
  for (const spec of specs) {
    if (found.has(spec.name) || subnet === undefined) continue
    const address = spec.address ?? nextAddress(subnet, taken)
    if (address === undefined) {
      throw new MlopsError('docker.subnet-full', `${project.docker.subnet} has no address left for ${spec.name}`, {
        at: spec.at,
        hint: 'give a larger `docker.subnet` in mlops.yml',
      })
    }
    taken.add(address)
    found.set(spec.name, address)
  }
  return found
}

function differences(spec: ServerSpec, { labels }: Container): string | undefined {
  const says = (what: string, now: string | undefined, wanted: string) =>
    now === wanted ? undefined : `its ${what} is ${now}, mlops.yml says ${wanted}`
  return (
    says('image', labels[label.SERVER_IMAGE], spec.image) ??
    says('user', labels[label.USER], spec.user) ??
    (spec.address === undefined ? undefined : says('address', labels[label.INNER_ADDRESS], spec.address))
  )
}
