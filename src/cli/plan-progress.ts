import type { Event } from '../events.ts'
import { isLiveTerminal } from '../report/output.ts'
import { oneLine, truncate } from '../report/text.ts'

/** Shows on a terminal which task is looked at, in one line that goes away again; nothing elsewhere. */
export function planProgress(): { see(event: Event): void; clear(): void } {
  const out = process.stderr
  if (!isLiveTerminal(out, process.env)) return { see: () => {}, clear: () => {} }
  const show = (text: string) => out.write(`\r\x1b[K${truncate(text, (out.columns || 80) - 1)}`)
  return {
    see(event) {
      if (event.type === 'task-started') show(`looking: ${oneLine(event.task.name)}`)
    },
    clear: () => show(''),
  }
}
