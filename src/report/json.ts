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
  return JSON.stringify(event, (_, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), item]))
    return value
  })
}
