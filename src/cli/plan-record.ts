import { createHash } from 'node:crypto'
import type { Deed, Intent } from '../engine/engine.ts'
import type { Event } from '../events.ts'
import type { Diff } from '../modules/module.ts'

/**
 * What a step comes to. `run`: it acts, and what it does is known when it has run; `read`: it acts, and says that it changes nothing;
 * `none`: it would act and says that there is nothing to do.
 */
export type Effect = 'create' | 'change' | 'remove' | 'run' | 'read' | 'none'

/** One step of a plan on one host. */
export interface PlannedStep {
  /** Of `stepId`. */
  readonly id: string
  readonly task: string
  readonly module: string
  /** file:line */
  readonly at?: string
  /** The item of a loop. */
  readonly item?: string
  readonly effect: Effect
  /** What differs. */
  readonly keys: readonly string[]
  /** SHA-256 of what was seen and what is wanted: values may be secret. */
  readonly digest: string
  readonly diff?: Diff | readonly Diff[]
}

/** A host that could not be looked at to the end. */
export interface Obstacle {
  readonly host: string
  readonly task: string
  readonly unreachable: boolean
  readonly message: string
}

/** Watches a run in check mode and writes down what it would do: names come from events, in which secrets are hidden. */
export class PlanRecord {
  readonly hosts: Record<string, PlannedStep[]> = {}
  readonly obstacles: Obstacle[] = []
  private readonly intents = new Map<string, Intent>()
  private readonly playbook: number

  constructor(playbook: number) {
    this.playbook = playbook
  }

  /** For `RunOptions.approve`: approves of all. */
  note(intent: Intent): undefined {
    if (!intent.apart) this.intents.set(`${intent.host} ${intent.task.id}`, intent)
  }

  see(event: Event): void {
    if (event.type === 'play-started') for (const host of event.hosts) this.hosts[host] ??= []
    if (event.type === 'item-finished') this.settle(event, event.label)
    if (event.type !== 'task-finished') return
    this.settle(event, undefined)
    const { outcome, ignored, rescued, host, task, result } = event
    if ((outcome === 'failed' || outcome === 'unreachable') && !ignored && !rescued)
      this.obstacles.push({ host, task: task.name, unreachable: outcome === 'unreachable', message: messageOf(result) })
  }

  private settle(event: Extract<Event, { type: 'item-finished' | 'task-finished' }>, item: string | undefined): void {
    const { host, task, outcome, result } = event
    const intent = this.intents.get(`${host} ${task.id}`)
    this.intents.delete(`${host} ${task.id}`)
    if (!intent || outcome === 'failed' || outcome === 'unreachable') return
    const step: PlannedStep = {
      id: stepId(this.playbook, task.id),
      task: task.name,
      module: task.module,
      ...(task.at ? { at: `${task.at.file}:${task.at.line}` } : {}),
      ...(item === undefined ? {} : { item }),
      effect: effectOf(intent, outcome),
      keys: intent.deed.kind === 'bring' ? intent.deed.keys : [],
      digest: digestOf(intent),
      ...(result.diff === undefined ? {} : { diff: result.diff }),
    }
    this.hosts[host] = [...(this.hosts[host] ?? []), step]
  }
}

/** The playbook, counted from 0, and the task in it: what is found again in another run. */
export function stepId(playbook: number, task: string): string {
  return `${playbook}/${task}`
}

/** SHA-256 of what a task is about to do, where: equal when the same was seen and the same is wanted. */
export function digestOf({ on, task, deed }: Intent): string {
  return createHash('sha256')
    .update(canonical([on, task.module, relevant(deed)]))
    .digest('hex')
}

function effectOf({ deed, quiet }: Intent, outcome: string): Effect {
  if (deed.kind === 'act') {
    if (outcome === 'changed') return 'change'
    return outcome === 'ok' ? 'none' : quiet ? 'read' : 'run'
  }
  if (isAbsent(deed.to)) return 'remove'
  return isAbsent(deed.from) ? 'create' : 'change'
}

/** A state that is missing: undefined, or one that says so by a key. */
function isAbsent(state: Readonly<Record<string, unknown>> | undefined): boolean {
  return state === undefined || state['kind'] === 'absent' || state['state'] === 'absent' || state['exists'] === false
}

/** What counts of a deed: of a state that was seen only what is wanted otherwise, as the rest may move by itself. */
function relevant(deed: Deed): unknown {
  if (deed.kind === 'act') return deed
  const { from, to } = deed
  if (!from || !to) return { from: from !== undefined, to }
  const wanted = Object.keys(to).filter(key => to[key] !== undefined)
  return { from: Object.fromEntries(wanted.map(key => [key, from[key]])), to }
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`
    if (part instanceof Map) return [...part].sort()
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function messageOf({ msg }: { readonly msg?: unknown }): string {
  return typeof msg === 'string' ? msg : JSON.stringify(msg ?? '')
}
