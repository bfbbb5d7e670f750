import type { Result } from '../modules/module.ts'

/** A result with what every result of Ansible has: lines beside texts, and times where a command ran. */
export function completed(result: Result, started: Date | undefined): Result {
  const full: Result = { ...result }
  for (const name of ['stdout', 'stderr'] as const) {
    const text = full[name]
    if (typeof text === 'string') full[`${name}_lines`] ??= splitLines(text)
  }
  // null: it was not run; raw and script have a status and an output, but no times
  if (started && typeof full.rc === 'number' && 'cmd' in full && full['start'] === undefined) {
    const end = new Date()
    full['start'] = stamp(started)
    full['end'] = stamp(end)
    full['delta'] = delta(end.getTime() - started.getTime())
  }
  return full
}

/** A result as a name holds it that a task registers: it says whether it failed, and a loop whether it was passed over. */
export function registered(result: Result): Result {
  const { results } = result
  if (Array.isArray(results)) return { ...result, skipped: result.skipped === true, results: results.map(registered) }
  // what `when` passes over was not even tried
  return 'skip_reason' in result ? result : { ...result, failed: result.failed === true }
}

/** Lines as Python's splitlines gives them for command output. */
function splitLines(text: string): string[] {
  if (text === '') return []
  const parts = text.split(/\r\n|\n|\r/)
  if (parts.at(-1) === '') parts.pop()
  return parts
}

function stamp(date: Date): string {
  return `${date.toISOString().replace('T', ' ').replace('Z', '')}000`
}

function delta(ms: number): string {
  const hours = Math.floor(ms / 3_600_000)
  const two = (n: number) => String(n).padStart(2, '0')
  const seconds = ms / 1000
  return `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(Math.floor(seconds % 60))}.${String(ms % 1000).padStart(3, '0')}000`
}
