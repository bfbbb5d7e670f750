import type { Output } from './output.ts'

/** An output whose text waits for what is said next. */
export interface BatchedOutput extends Output {
  /** Writes what waits. */
  flush(): void
}

/** Gathers text until the event loop turns, 64 Ki characters wait, or the process ends: a write costs more than to say what is written. */
export function batched(output: Output): BatchedOutput {
  let waiting = ''
  const flush = () => {
    process.off('exit', flush)
    const text = waiting
    waiting = ''
    if (text !== '') output.write(text)
  }
  return {
    get destroyed() {
      return output.destroyed === true
    },
    write(text, done) {
      if (waiting === '') {
        process.on('exit', flush)
        setImmediate(flush)
      }
      waiting += text
      if (done === undefined && waiting.length < MOST_CHARACTERS) return true
      flush()
      return done === undefined || output.write('', done)
    },
    flush,
  }
}

const MOST_CHARACTERS = 65_536
