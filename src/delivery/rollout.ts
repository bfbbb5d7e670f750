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

/** Puts a version of the code live, or what was built last; gives the exit status: 2 means that the old one serves as before. */
export async function rollOut(
  line: Line,
  project: Project,
  { version, ...options }: RolloutOptions & { readonly version?: string },
  show: (text: string) => void,
): Promise<number> {
  return await rollout(line, project, sh`to ${version ?? []} ${words(options)}`, show)
}

/** Puts the version live that was live before. */
export async function rollBack(line: Line, project: Project, show: (text: string) => void): Promise<number> {
  return await rollout(line, project, sh`back`, show)
}

/** What to undo: the last thing that went live, code or a model. */
export function lastLive(history: readonly Delivery[]): Delivery | undefined {
  return history.findLast(({ result }) => result === 'live')
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

async function rollout(line: Line, project: Project, args: Script, show: (text: string) => void): Promise<number> {
  const program = `${project.app.directory}/delivery/rollout`
  const [result] = await line.connection.run([
    {
      script: lines(sh`[ -x ${program} ] || exit 126`, sh`exec ${program} ${args} 2>&1`),
      become: line.root,
      environment: { MLOPS_WHO: who() },
      timeoutMs: 1_800_000,
      onOutput: show,
    },
  ])
  if (result?.status !== 126) return result?.status ?? 1
  throw new MlopsError('delivery.missing', `${project.delivery.to} takes no new code yet`, {
    hint: 'mlops play playbooks/configuration.yml starts the application',
  })
}
