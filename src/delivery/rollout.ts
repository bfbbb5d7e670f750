import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { type Delivery, who } from './releases.ts'

export interface RolloutOptions {
  /** Percent of the requests that the new version gets first. */
  readonly canary?: number
  readonly watchSeconds?: number
  readonly maxErrorsPercent?: number
  readonly maxSlower?: number
  readonly timeoutSeconds?: number
}

/** Who watches a rollout. */
export interface Watch {
  readonly show: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Puts a version of the code live, or what was built last, on one server after the other. Where it does not do, the servers before
 * go back. Gives the exit status of the last one: 2 means that the old version serves as before, 99 that it was interrupted.
 */
export async function rollOut(
  lines: ReadonlyMap<string, Line>,
  project: Project,
  { version, ...options }: RolloutOptions & { readonly version?: string },
  { show, signal }: Watch,
): Promise<number> {
  const changed: [string, Line][] = []
  for (const [server, line] of lines) {
    if (lines.size > 1) show(`${server}:\n`)
    const { status, said } = await rollout(line, project, sh`to ${version ?? []} ${words(options)}`, { show, signal })
    if (status !== 0) {
      await undo(changed, project, show)
      return status
    }
    if (said.includes('is live (before:')) changed.push([server, line])
  }
  return 0
}

async function undo(changed: readonly [string, Line][], project: Project, show: (text: string) => void): Promise<void> {
  for (const [server, line] of changed.toReversed()) {
    show(`${server} goes back:\n`)
    await rollout(line, project, sh`undo`, { show })
  }
}

/** What to undo: the last thing that went live and was not taken back since, code or a model. */
export function lastLive(history: readonly Delivery[]): Delivery | undefined {
  const live: Delivery[] = []
  for (const each of history) {
    if (each.result === 'live') live.push(each)
    if (each.result !== 'taken back') continue
    const gone = live.findLastIndex(
      ({ server, what, to }) => server === each.server && what === each.what && to === each.from,
    )
    if (gone !== -1) live.splice(gone, 1)
  }
  return live.at(-1)
}

function words(options: RolloutOptions): string[] {
  const given: readonly (readonly [string, number | undefined])[] = [
    ['--canary', options.canary],
    ['--watch', options.watchSeconds],
    ['--max-errors', options.maxErrorsPercent],
    ['--max-slower', options.maxSlower],
    ['--timeout', options.timeoutSeconds],
  ]
  return given.flatMap(([option, value]) => (value === undefined ? [] : [option, String(value)]))
}

async function rollout(
  line: Line,
  project: Project,
  args: Script,
  { show, signal }: Watch,
): Promise<{ status: number; said: string }> {
  const program = `${project.app.directory}/delivery/rollout`
  const request = {
    script: lines(sh`[ -x ${program} ] || exit 126`, sh`exec ${program} ${args} 2>&1`),
    become: line.root,
    environment: { MLOPS_WHO: who() },
    timeoutMs: 1_800_000,
    onOutput: show,
  }
  const [result] = await line.connection.run([request], signal).catch(error => {
    if (signal?.aborted) return [{ status: 99, stdout: '' }]
    throw error
  })
  if (result?.status !== 126) return { status: result?.status ?? 1, said: result?.stdout ?? '' }
  throw new MlopsError('delivery.missing', `${line.address} takes no new code yet`, {
    hint: 'mlops play playbooks/configuration.yml starts the application',
  })
}
