import { MlopsError, type Position } from '../../errors.ts'

/** A template's text and where it stands. */
export interface Source {
  readonly text: string
  readonly at: Position | undefined
}

/** The position of an offset of the text; what is not known (an inner line of a folded scalar) falls back to where the text begins. */
export function place({ text, at }: Source, offset: number): Position | undefined {
  if (at === undefined) return undefined
  const before = text.slice(0, offset)
  const row = before.split('\n').length - 1
  const column = offset - (before.lastIndexOf('\n') + 1)
  const line = text.split('\n')[row] ?? ''
  if (at.text === undefined) {
    const whole = at.column === 1
    return {
      file: at.file,
      line: at.line + row,
      column: row === 0 ? at.column + column : column + 1,
      ...(whole ? { text: line } : {}),
    }
  }
  if (row === 0) {
    const start = at.text.indexOf(line.trim(), at.column - 1)
    const indent = line.length - line.trimStart().length
    if (start !== -1) return { file: at.file, line: at.line, column: start + 1 + column - indent, text: at.text }
  }
  if (/[|>][-+\d]*\s*(?:#.*)?$/.test(at.text)) {
    return { file: at.file, line: at.line + 1 + row, column: column + 1, text: line }
  }
  return at
}

/** The error with a position, when it is one of templates (or of this machine's files) and has none yet; anything else as it is. */
export function locate(error: unknown, source: Source, offset: number): unknown {
  if (error instanceof Error && 'syscall' in error) {
    return new MlopsError('template.lookup', error.message, { at: place(source, offset), cause: error })
  }
  if (!(error instanceof MlopsError) || error.at !== undefined || source.at === undefined) return error
  if (!error.code.startsWith('template.')) return error
  return new MlopsError(error.code, error.message, { at: place(source, offset), hint: error.hint, cause: error.cause })
}
