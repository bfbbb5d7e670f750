/** Where a reporter writes: the part of a stream that it needs. */
export interface Output {
  write(text: string, done?: () => void): boolean
  on?(event: 'error', listener: (error: Error) => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly writableNeedDrain?: boolean
  readonly destroyed?: boolean
}

/** Whether the cursor may be moved about: a terminal of a known size, and nobody who records what it shows. */
export function isLiveTerminal(output: Output, env: Readonly<Record<string, string | undefined>>): boolean {
  // Some pseudo-terminals have no columns at all, in which nothing can be laid out.
  return output.isTTY === true && (output.columns ?? 0) > 0 && env.TERM !== 'dumb' && !env.CI
}

/** A reader that goes away (`| head`) must not end a play halfway: what it would have read is dropped. */
export function outlive(...outputs: readonly Output[]): void {
  for (const output of outputs) output.on?.('error', () => {})
}

/** Resolves when all that was written has left. */
export function flushed(output: Output): Promise<void> {
  if (output.destroyed) return Promise.resolve()
  return new Promise(resolve => {
    output.write('', () => resolve())
  })
}
