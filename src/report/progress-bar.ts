import { isLiveTerminal, type Output } from './output.ts'
import { truncate } from './text.ts'

export interface ProgressBar {
  show(done: number, words: string): void
  /** Takes the bar away. */
  end(): void
}

/** One line that grows on a terminal; elsewhere nothing is shown. Drawn at most ten times a second. */
export function progressBar(
  output: Output,
  total: number,
  { env = process.env, now = Date.now }: { env?: NodeJS.ProcessEnv; now?: () => number } = {},
): ProgressBar {
  if (!isLiveTerminal(output, env)) return { show() {}, end() {} }
  const cells = 24
  let drawn = Number.NEGATIVE_INFINITY
  return {
    show(done, words) {
      if (done < total && now() - drawn < 100) return
      drawn = now()
      const full = Math.floor((done / Math.max(1, total)) * cells)
      const line = `[${'#'.repeat(full)}${'.'.repeat(cells - full)}] ${done}/${total}  ${words}`
      output.write(`\r\x1b[K${truncate(line, (output.columns ?? 80) - 1)}`)
    },
    end() {
      output.write('\r\x1b[K')
    },
  }
}
