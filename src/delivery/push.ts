import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { lines, sh } from '../shell/sh.ts'

export interface PushOptions {
  /** Which model; undefined: the project's default. */
  readonly model?: string | undefined
  readonly train: boolean
  readonly forceModel?: boolean
  readonly message?: string
  readonly branch?: string
  /** Passed to the training as they are. */
  readonly training: readonly string[]
}

/** The server that trains and pushes; throws `delivery.no-server`. */
export function pusher({ delivery, file }: Project): string {
  if (delivery.from !== undefined) return delivery.from
  throw new MlopsError('delivery.no-server', `${file} names no server that trains and pushes`, {
    hint: 'delivery: { from: devserver }',
  })
}

/** Trains, commits and pushes there; gives the exit status of the push. `show` gets what is printed, as it comes. */
export async function push(line: Line, options: PushOptions, show: (text: string) => void): Promise<number> {
  const words = [
    ...(options.model === undefined ? [] : [options.model]),
    ...(options.train ? [] : ['--no-train']),
    ...(options.forceModel ? ['--force-model'] : []),
    ...(options.message === undefined ? [] : ['--message', options.message]),
    ...(options.branch === undefined ? [] : ['--branch', options.branch]),
    ...(options.training.length > 0 ? ['--', ...options.training] : []),
  ]
  const [result] = await line.connection.run([
    {
      script: lines(sh`command -v mlops-deliver >/dev/null || exit 126`, sh`exec mlops-deliver ${words} 2>&1`),
      timeoutMs: 3_600_000,
      onOutput: show,
    },
  ])
  if (result?.status === 126) {
    throw new MlopsError('delivery.missing', 'this server does not push models yet', {
      hint: 'mlops delivery setup makes it so',
    })
  }
  return result?.status ?? 1
}
