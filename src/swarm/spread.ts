import type { Line } from '../engine/line.ts'
import { lines, sh } from '../shell/sh.ts'
import { nodeLabel, type Scaled, scaled } from './blueprint.ts'
import { partOf, run, type SwarmLook } from './look.ts'
import { living } from './settle.ts'
import { atOnce, updateOrder } from './stack.ts'

/** A service whose copies are to be spread anew, and how many it has. */
export interface Uneven {
  readonly service: Scaled
  readonly replicas: number
}

/** The services of which one server runs two more copies than another: servers came, or were away. */
export function uneven(look: SwarmLook, project: string): Uneven[] {
  return scaled.flatMap(name => {
    const service = look.services.find(each => partOf(each, project) === name)
    if (service === undefined) return []
    const tasks = living(service, look).filter(({ DesiredState }) => DesiredState === 'running')
    const numbers = look.nodes
      .filter(
        ({ Spec, Status }) =>
          Spec.Labels?.[nodeLabel(name)] === 'yes' && Spec.Availability === 'active' && Status.State === 'ready',
      )
      .map(({ ID }) => tasks.filter(({ NodeID }) => NodeID === ID).length)
    const isUneven = Math.max(...numbers) - Math.min(...numbers) > 1
    return isUneven ? [{ service: name, replicas: service.Spec.Mode.Replicated?.Replicas ?? 1 }] : []
  })
}

/** Replaces the copies of a service few by few, each by one where there is most room; returns before that is done. */
export async function spreadAnew(manager: Line, project: string, { service, replicas }: Uneven): Promise<void> {
  const options = ['--detach', '--force', '--update-order', 'stop-first', '--update-parallelism', atOnce(replicas)]
  await run(manager, sh`docker service update ${options} -- ${`${project}_${service}`} >/dev/null`, 'the manager')
}

/** Services that were spread anew are replaced as before from now on. */
export async function spreadDone(manager: Line, project: string, services: readonly Uneven[]): Promise<void> {
  const updates = services
    .filter(({ service }) => updateOrder[service] !== 'stop-first')
    .map(({ service }) => {
      const options = ['--detach', '--update-order', updateOrder[service]]
      return sh`docker service update ${options} -- ${`${project}_${service}`} >/dev/null || exit`
    })
  if (updates.length > 0) await run(manager, lines(...updates), 'the manager')
}
