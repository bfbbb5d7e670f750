/** A word of a line, with its quotes taken away, and where it stands (from 0). */
export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Splits a line into words as a POSIX shell does: quotes, backslashes, and comments (`#`, inside words as well: Python's shlex).
 * Returns the column of a quote that is never closed instead of the words.
 */
export function words(line: string): { words: Word[] } | { unclosed: number } {
  if (!/['"\\#]/.test(line)) return { words: plainWords(line) }
  const found: Word[] = []
  let i = 0
  for (;;) {
    while (isBlank(line[i])) i++
    const start = i
    if (line[i] === undefined || line[i] === '#') return { words: found }
    let text = ''
    for (; line[i] !== undefined && !isBlank(line[i]) && line[i] !== '#'; i++) {
      const c = line[i]
      if (c === '\\') {
        i++
        text += line[i] ?? ''
      } else if (c === "'" || c === '"') {
        const quoted = readQuoted(line, i)
        if (quoted === undefined) return { unclosed: i }
        text += quoted.text
        i = quoted.end
      } else text += c
    }
    found.push({ text, start, end: i })
  }
}

function plainWords(line: string): Word[] {
  const found: Word[] = []
  for (const match of line.matchAll(/[^ \t\r\n]+/g)) {
    found.push({ text: match[0], start: match.index, end: match.index + match[0].length })
  }
  return found
}

/** `end` is the closing quote. A backslash counts within double quotes only, before `"` and itself. */
function readQuoted(line: string, start: number): { text: string; end: number } | undefined {
  const quote = line[start]
  let text = ''
  for (let i = start + 1; i < line.length; i++) {
    const c = line[i]
    if (c === quote) return { text, end: i }
    if (quote === '"' && c === '\\' && (line[i + 1] === '"' || line[i + 1] === '\\')) i++
    text += line[i] ?? ''
  }
  return undefined
}

function isBlank(c: string | undefined): boolean {
  return c === ' ' || c === '\t' || c === '\r' || c === '\n'
}
