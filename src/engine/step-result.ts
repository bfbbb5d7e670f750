import type { ScriptResult } from '../connection/connection.ts'
import type { Result, State } from '../modules/module.ts'
import type { ArgTable } from '../schema/arguments.ts'

/** What became of a step. */
export interface StepResult {
  readonly outcome: 'ok' | 'changed' | 'skipped' | 'failed'
  readonly result: Result
}

export function finish(
  outcome: 'ok' | 'changed' | 'skipped',
  result: Result | undefined,
  diff?: Result['diff'],
): StepResult {
  return { outcome, result: { changed: outcome === 'changed', ...result, ...(diff === undefined ? {} : { diff }) } }
}

export function failed(msg: string, result: Result): StepResult {
  return { outcome: 'failed', result: { changed: false, ...result, failed: true, msg } }
}

/** `limitMs`: the limit that the task set itself. */
export function timedOut(output: ScriptResult, limitMs: number | undefined): StepResult {
  return failed('the time limit of the task was reached; what it ran was ended', {
    rc: output.status,
    stdout: output.stdout,
    stderr: output.stderr,
    ...(limitMs === undefined ? {} : { timedout: { period: limitMs / 1000 } }),
  })
}

/** What the state would be after a change that is not looked at. */
export function expected(from: State | undefined, to: Partial<State> | undefined): State | undefined {
  return to === undefined ? undefined : { ...from, ...to }
}

export function maybe(output: ScriptResult | undefined): { output?: ScriptResult } {
  return output === undefined ? {} : { output }
}

export function describe(
  key: string,
  is: State | undefined,
  want: Partial<State> | undefined,
  table: ArgTable,
): string {
  if (want === undefined) return 'it is still there'
  if (is === undefined) return 'it is not there'
  if (table[key]?.secret) return `${key} is another one`
  return `${key} is ${JSON.stringify(is[key])}, wanted ${JSON.stringify(want[key])}`
}

export function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
