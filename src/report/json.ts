import type { Event, Reporter } from '../events.ts'
import { flushed, type Output } from './output.ts'

/** One event a line: the wire format of `--json`. */
export class JsonReporter implements Reporter {
  private readonly output: Output

  constructor(output: Output) {
    this.output = output
  }

  on(event: Event): void {
    this.output.write(`${eventLine(event)}\n`)
  }

  async close(): Promise<void> {
    await flushed(this.output)
  }
}

/** An event as one line of JSON. Integers beyond 2^53 become texts, mappings with other keys get texts as keys. */
export function eventLine(event: Event): string {
  return isOfJson(event) ? JSON.stringify(event) : JSON.stringify(event, asJson)
}

/** Whether JSON knows all of it: to look is far sooner done than to have each value asked for. */
function isOfJson(value: unknown): boolean {
  if (typeof value === 'bigint') return false
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isOfJson)
  if (value instanceof Map) return false
  for (const key in value) if (!isOfJson(Reflect.get(value, key))) return false
  return true
}

function asJson(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), item]))
  return value
}
