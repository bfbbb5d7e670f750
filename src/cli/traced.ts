import { closeSync, openSync, writeSync } from 'node:fs'
import { MlopsError, reasonOf } from '../errors.ts'
import type { HoldableReporter } from '../report/reporter.ts'
import { TraceReporter } from '../report/trace.ts'

/** A reporter that writes a trace of the run beside what `shown` shows. Throws `cli.trace` when the file cannot be written; later that is a warning. */
export function traced(shown: HoldableReporter, file: string): HoldableReporter {
  const { handle, trace } = begin(file)
  let trouble: unknown
  const attempt = (write: () => void) => {
    try {
      if (trouble === undefined) write()
    } catch (cause) {
      trouble = cause
    }
  }
  return {
    on: event => {
      shown.on(event)
      attempt(() => trace.on(event))
    },
    hold: () => shown.hold(),
    close: async () => {
      attempt(() => trace.close())
      closeSync(handle)
      await shown.close()
      if (trouble !== undefined) process.stderr.write(`[WARNING]: ${file} is not whole: ${reasonOf(trouble)}\n`)
    },
  }
}

function begin(file: string): { handle: number; trace: TraceReporter } {
  try {
    const handle = openSync(file, 'w')
    return { handle, trace: new TraceReporter(text => writeSync(handle, text)) }
  } catch (cause) {
    throw new MlopsError('cli.trace', `the trace cannot be written to ${file}: ${reasonOf(cause)}`, { cause })
  }
}
