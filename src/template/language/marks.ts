/** What opens and closes the parts of a template. */
export interface Marks {
  readonly blockStart: string
  readonly blockEnd: string
  readonly variableStart: string
  readonly variableEnd: string
  readonly commentStart: string
  readonly commentEnd: string
}

export const usualMarks: Marks = {
  blockStart: '{%',
  blockEnd: '%}',
  variableStart: '{{',
  variableEnd: '}}',
  commentStart: '{#',
  commentEnd: '#}',
}

/** Marks as the lexer looks for them. */
export interface MarkPatterns {
  readonly marks: Marks
  /** The next mark that opens something; of two that begin alike, the longer. */
  readonly opening: RegExp
  readonly rawBegin: RegExp
  readonly rawEnd: RegExp
  readonly blockEnd: RegExp
  readonly variableEnd: RegExp
}

/** The patterns of some marks, made once. Throws nothing: any text can be a mark. */
export function patternsOf(marks: Marks | undefined): MarkPatterns {
  if (marks === undefined) return usual
  const key = JSON.stringify(marks)
  const known = made.get(key) ?? patterns(marks)
  made.set(key, known)
  return known
}

function patterns(marks: Marks): MarkPatterns {
  const openers = [marks.variableStart, marks.blockStart, marks.commentStart].sort((a, b) => b.length - a.length)
  const start = escaped(marks.blockStart)
  const end = escaped(marks.blockEnd)
  return {
    marks,
    opening: new RegExp(openers.map(escaped).join('|'), 'g'),
    rawBegin: new RegExp(`${start}[-+]?\\s*raw\\s*([-+]?)${end}`, 'y'),
    rawEnd: new RegExp(`${start}([-+]?)\\s*endraw\\s*([-+]?)${end}`, 'g'),
    blockEnd: new RegExp(`([-+]?)${end}`, 'y'),
    variableEnd: new RegExp(`(-?)${escaped(marks.variableEnd)}`, 'y'),
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

const usual = patterns(usualMarks)
const made = new Map<string, MarkPatterns>()
