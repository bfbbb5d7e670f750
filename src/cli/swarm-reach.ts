import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { pinned } from '../images/record.ts'
import { parseReference } from '../images/reference.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { requireProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { appServers } from '../project/services.ts'
import { readReplicas } from '../project/state.ts'
import { clean, oneLine } from '../report/text.ts'
import { lookAtMember } from '../swarm/look.ts'
import { managersOf } from '../swarm/members.ts'
import { type PlanOptions, plan } from '../swarm/plan.ts'
import { type Progress, settled } from '../swarm/settle.ts'
import { interruptSignal } from './interrupt.ts'
import { onServers, warnOf } from './on-server.ts'
import { ownPlaybook } from './own-playbook.ts'
import type { ReachFlags } from './session.ts'

/** The project of a command that is for swarms alone. */
export function requireSwarm(file: string | undefined): Project {
  const project = requireProject(process.cwd(), file)
  if (project.target === 'swarm') return project
  throw new MlopsError('swarm.target', `${project.name} runs on ${project.target}, not in a swarm`, {
    hint: 'target: swarm in mlops.yml',
  })
}

/** What a project makes of itself in a swarm, with the numbers of copies in force. */
export function blueprintOf(project: Project, flags: ReachFlags, more: Pick<PlanOptions, 'image' | 'mtu'> = {}) {
  const { image = pinned(project.swarm.image, project), ...rest } = more
  if (image !== undefined) parseReference(image)
  return plan(project, { playbooks: playbooksOf(flags), remembered: readReplicas(project), image, ...rest })
}

/** The folder of the playbook that would be played. */
export function playbooksOf(flags: ReachFlags): string {
  return dirname(ownPlaybook('swarm.yml', flags))
}

/** Opens lines to those who manage the swarm, works with one that does, and closes them. */
export async function onManager<T>(
  flags: ReachFlags,
  work: (manager: Line, project: Project) => Promise<T>,
): Promise<T> {
  return await onServers(
    flags,
    project => managersOf(appServers(project)),
    async (opened, project) => {
      if (opened.lines.size === 0) throw opened.problems[0]
      warnOf(opened)
      const looks = await Promise.all(
        [...opened.lines].map(async ([server, line]) => ({ line, look: await lookAtMember(line, server) })),
      )
      const manager = looks.find(({ look }) => look.isManager)
      if (manager !== undefined) return await work(manager.line, project)
      throw new MlopsError('swarm.none', `${[...opened.lines.keys()].join(', ')}: no swarm is managed here`, {
        hint: 'mlops swarm apply makes it',
      })
    },
  )
}

/**
 * Waits until the services run, and says how far they are. Gives the exit status: 2 with the reasons when one does not come up,
 * 99 when Ctrl-C is heard, here or by who gives `signal`.
 */
export async function waitForServices(
  manager: Line,
  project: string,
  {
    timeout = 300,
    quiet = false,
    digests,
    signal: given,
  }: {
    /** Seconds. */
    readonly timeout?: number | undefined
    readonly quiet?: boolean
    readonly digests?: ReadonlyMap<string, string> | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<{ readonly status: 0 | 2 | 99; readonly progress: readonly Progress[] }> {
  const own = () => interruptSignal(() => process.stderr.write('\ninterrupted: the swarm itself goes on\n'))
  const { signal, done } = given ? { signal: given, done: () => undefined } : own()
  let shown = ''
  const told = new Set<string>()
  const onProgress = (progress: readonly Progress[]) => {
    const isOver = progress.every(({ outcome }) => outcome === 'done')
    if (quiet || (shown === '' && isOver)) return
    for (const { name, problem } of progress) {
      const line = `${name}: ${oneLine(clean(problem ?? ''))}\n`
      if (problem !== undefined && !told.has(line)) process.stderr.write(line)
      told.add(line)
    }
    const text = progress
      .map(
        ({ name, ready, wanted, leaving }) => `${name} ${ready}/${wanted}${leaving > 0 ? ` (${leaving} leave)` : ''}`,
      )
      .join('  ')
    if (text !== shown) process.stderr.write(`waiting: ${text}\n`)
    shown = text
  }
  try {
    const { progress } = await settled(manager, project, { timeoutMs: timeout * 1000, digests, signal, onProgress })
    if (signal.aborted) return { status: 99, progress }
    const wrong = progress.filter(({ outcome }) => outcome !== 'done')
    for (const { name, ready, wanted, outcome, problem } of wrong) {
      const what = outcome === 'taken back' ? 'was taken back' : `does not come up: ${ready} of ${wanted} run`
      process.stderr.write(`${name} ${what}${problem === undefined ? '' : `: ${oneLine(clean(problem))}`}\n`)
    }
    return { status: wrong.length > 0 ? 2 : 0, progress }
  } finally {
    done()
  }
}

/** Works in steps: what Ctrl-C interrupts throws the signal's reason between two, and the exit status is 99. */
export async function inSteps<Status extends number>(
  work: (signal: AbortSignal) => Promise<Status>,
): Promise<Status | 99> {
  const { signal, done } = interruptSignal(() =>
    process.stderr.write('\ninterrupted: what is begun is ended first (again: at once)\n'),
  )
  try {
    return await work(signal)
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    return 99
  } finally {
    done()
  }
}

/** Where variables of the inventory say that other servers reach these. */
export function privateAddresses({ hosts }: Inventory, servers: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const server of servers) {
    const layers = hosts.get(server)?.layers
    const address = layers?.findLast(({ vars }) => vars['private_address'] !== undefined)?.vars['private_address']
    if (typeof address === 'string') found.set(server, address)
  }
  return found
}

/** Asks again each second, at most so often, until it is so; gives whether it is. Throws an interruption. */
export async function eventually(isSo: () => Promise<boolean>, tries: number, signal: AbortSignal): Promise<boolean> {
  for (let i = 0; i < tries; i++) {
    signal.throwIfAborted()
    if (await isSo()) return true
    await wait(1000)
  }
  return false
}
