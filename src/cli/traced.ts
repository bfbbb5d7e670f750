import { closeSync, openSync, writeSync } from 'node:fs'
import { MlopsError } from '../errors.ts'
import type { HoldableReporter } from '../report/reporter.ts'
import { TraceReporter } from '../report/trace.ts'

/** A reporter that writes a trace of the run beside what `shown` shows. Throws `cli.trace` when the file cannot be written. */
export function traced(shown: HoldableReporter, file: string): HoldableReporter {
  const handle = openForWriting(file)
  const trace = new TraceReporter(text => writeSync(handle, text))
  return {
    on: event => {
      shown.on(event)
      trace.on(event)
    },
    hold: () => shown.hold(),
    close: async () => {
      await trace.close()
      closeSync(handle)
      await shown.close()
    },
  }
}

function openForWriting(file: string): number {
  try {
    return openSync(file, 'w')
  } catch (cause) {
    throw new MlopsError('cli.trace', `the trace cannot be written to ${file}`, {
      hint: cause instanceof Error ? cause.message : 'name a file in a folder of yours',
      cause,
    })
  }
}
