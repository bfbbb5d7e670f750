import type { RunOptions } from '../engine/engine.ts'
import type { Event } from '../events.ts'
import { planProgress } from './plan-progress.ts'
import { type Obstacle, type PlannedStep, PlanRecord } from './plan-record.ts'
import { playOne, type ReadyPlaybook } from './play-one.ts'
import { Leftovers } from './play-resume.ts'
import type { Session } from './session.ts'

/** What playbooks would do: host → steps. */
export interface Made {
  readonly hosts: Readonly<Record<string, readonly PlannedStep[]>>
  readonly obstacles: readonly Obstacle[]
  /** 0, 2 (a host failed), 4 (a host was unreachable), 99 (interrupted). */
  readonly exitStatus: number
}

/** Looks at the hosts in check mode and writes down what playbooks would do. Warnings are said. */
export async function makePlan(
  playbooks: readonly ReadyPlaybook[],
  session: Session,
  options: RunOptions,
  warn: (event: Extract<Event, { type: 'warning' }>) => void,
): Promise<Made> {
  const hosts: Record<string, PlannedStep[]> = {}
  const progress = planProgress()
  const obstacles: Obstacle[] = []
  for (const [i, each] of playbooks.entries()) {
    const record = new PlanRecord(i)
    const on = (event: Event) => {
      record.see(event)
      progress.see(event)
      if (event.type !== 'warning') return
      progress.clear()
      warn(event)
    }
    const watcher = { on, close: async () => {}, hold: () => () => {} }
    const settings = {
      ...options,
      checkMode: true,
      approve: record.note.bind(record),
      resume: new Leftovers(session).resume(each, false, () => {}),
    }
    const { exitStatus } = await playOne(each, session, settings, watcher).finally(progress.clear)
    for (const [host, steps] of Object.entries(record.hosts)) hosts[host] = [...(hosts[host] ?? []), ...steps]
    obstacles.push(...record.obstacles)
    if (exitStatus !== 0) return { hosts, obstacles, exitStatus }
  }
  return { hosts, obstacles, exitStatus: 0 }
}
