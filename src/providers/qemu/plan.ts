import type { ServerSpec } from '../../project/project.ts'
import type { ServerPlan } from '../provider.ts'
import type { Machine } from './machine.ts'

/** What is known of a server's machine. */
export interface Known {
  /** Its folder is there; without a machine it is half made. */
  readonly exists: boolean
  readonly machine: Machine | undefined
  readonly isRunning: boolean
  /** It was seen ready. */
  readonly isReady: boolean
}

/** What would be done for a server, given what there is of it; the address is the one that this machine reaches. */
export function planFor(spec: ServerSpec, address: string, known: Known): ServerPlan {
  const plan = { server: spec.name, address }
  const { machine } = known
  if (machine === undefined) return { ...plan, action: known.exists ? 'replace' : 'create' }
  const differs = differences(spec, machine)
  if (!known.isRunning) return { ...plan, action: 'start', differs }
  return { ...plan, action: known.isReady ? 'keep' : 'finish', differs }
}

function differences(spec: ServerSpec, machine: Machine): string | undefined {
  const says = (what: 'image' | 'user' | 'address') =>
    spec[what] === undefined || spec[what] === machine[what]
      ? undefined
      : `its ${what} is ${machine[what]}, mlops.yml says ${spec[what]}`
  return says('image') ?? says('user') ?? says('address')
}
