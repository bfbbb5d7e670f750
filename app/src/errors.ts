/** An error that a person can put right. `code` is stable (`model.missing`, `settings.invalid`, …). */
export class PredictorError extends Error {
  override readonly name = 'PredictorError'
  readonly code: string
  readonly hint: string | undefined

  constructor(code: string, message: string, { hint, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }
}

/** The message of anything that was thrown; jsfive throws bare strings. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
