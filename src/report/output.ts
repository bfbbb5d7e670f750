/** Where a reporter writes: the part of a stream that it needs. */
export interface Output {
  write(text: string, done?: () => void): boolean
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly writableNeedDrain?: boolean
  readonly destroyed?: boolean
}

/** Resolves when all that was written has left. */
export function flushed(output: Output): Promise<void> {
  if (output.destroyed) return Promise.resolve()
  return new Promise(resolve => {
    output.write('', () => resolve())
  })
}
