/** Where something stands in a file. Lines and columns count from 1; `length` is the width of the caret in characters. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length?: number
  /** The source line itself, shown above the caret. */
  readonly text?: string
}

export interface ErrorDetails {
  readonly at?: Position | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** An error that a person can put right. `code` is stable (`inventory.no-host`, `module.unknown-argument`, …). */
export class MlopsError extends Error {
  override readonly name: string = 'MlopsError'
  readonly code: string
  readonly at: Position | undefined
  readonly hint: string | undefined

  constructor(code: string, message: string, { at, hint, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.at = at
    this.hint = hint
  }
}

/** Several errors of one input, reported at once. */
export class MlopsErrors extends MlopsError {
  override readonly name = 'MlopsErrors'
  readonly errors: readonly MlopsError[]

  constructor(errors: readonly MlopsError[]) {
    super(errors[0]?.code ?? 'errors', errors.map(e => e.message).join('\n'))
    this.errors = errors
  }
}

/** Throws nothing for an empty list, the error itself for one, `MlopsErrors` for more. */
export function throwAll(errors: readonly MlopsError[]): void {
  const [first, second] = errors
  if (first === undefined) return
  throw second === undefined ? first : new MlopsErrors(errors)
}

/** Why something was refused, in words for people where it was the system that did; else in the error's own. */
export function reasonOf(cause: unknown): string {
  const known = systemReasons[String(Object(cause).code)]
  return known ?? (cause instanceof Error ? cause.message : String(cause))
}

/** By the codes of errno(3): what a person can put right, or wait for. */
const systemReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the quota is used up',
  EEXIST: 'it is there already',
  EFBIG: 'it may not become that large',
  EIO: 'the disk does not do it (input/output error)',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead round in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'there is no space left',
  ENOTDIR: 'a part of the path is no folder',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
}

/** What the system refused, as one line: undefined for errors that are not its own, and for a file that is missing, which is ours to foresee. */
export function refusalOf(error: unknown): string | undefined {
  const { code, path, syscall } = Object(error)
  if (syscall === 'uv_cwd') return 'the folder in which this was called is not there any more'
  if (!(error instanceof Error) || typeof syscall !== 'string' || code === 'ENOENT') return undefined
  if (systemReasons[String(code)] === undefined) return undefined
  return `${typeof path === 'string' ? `${path}: ` : ''}${reasonOf(error)} (${syscall})`
}

/** The text for people: message, place with caret, hint. The only place that draws carets. */
export function explain(error: MlopsError): string {
  if (error instanceof MlopsErrors) return error.errors.map(explain).join('\n\n')
  const lines = [`error: ${error.message}`]
  const { at, hint } = error
  if (at) {
    lines.push(`  --> ${at.file}:${at.line}:${at.column}`)
    if (at.text !== undefined) {
      const gutter = `${at.line} | `
      const before = at.text.slice(0, at.column - 1).replace(/[^\t]/g, ' ')
      const width = Math.max(1, Math.min(at.length ?? 1, at.text.length - at.column + 1))
      lines.push(gutter + at.text, `${' '.repeat(gutter.length - 2)}| ${before}${'^'.repeat(width)}`)
    }
  }
  if (hint) lines.push(`hint: ${hint}`)
  return lines.join('\n')
}
