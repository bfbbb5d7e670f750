/** Writes pieces of YAML and knows where in the line it is. */
export interface Writer {
  readonly state: WriterState
  write(text: string): void
  /** A mark such as `-` or `:`; with `space`, one stands before it. */
  mark(mark: string, options: { space?: boolean; whitespace?: boolean; indention?: boolean }): void
  /** A new line at the present indent, unless it is there already. */
  indent(): void
  /** A new line inside `[…]` and `{…}` when the present one is full. */
  foldWhenFull(): void
  /** Ends the line. */
  line(): void
  deeper(options: { flow: boolean; indentless: boolean }, inside: () => void): void
  plain(text: string, split: boolean): void
  singleQuoted(text: string, split: boolean): void
  doubleQuoted(text: string, split: boolean): void
  text(): string
}

interface WriterState {
  column: number
  /** The last thing written was white space. */
  whitespace: boolean
  /** Only indents and `-`, `?`, `:` stand in this line so far. */
  indention: boolean
  /** Depth of `[…]` and `{…}`. */
  flow: number
  /** undefined: outside of everything. */
  depth: number | undefined
}

export function writer({ indent: step, width }: { readonly indent: number; readonly width: number }): Writer {
  const pieces: string[] = []
  const state: WriterState = { column: 0, whitespace: true, indention: true, flow: 0, depth: undefined }

  const write = (text: string): void => {
    pieces.push(text)
    const end = text.lastIndexOf('\n')
    state.column = end === -1 ? state.column + Array.from(text).length : Array.from(text.slice(end + 1)).length
  }
  const breakLine = (mark = '\n'): void => {
    pieces.push(mark)
    state.whitespace = true
    state.indention = true
    state.column = 0
  }
  const indent = (): void => {
    const depth = state.depth ?? 0
    if (!state.indention || state.column > depth || (state.column === depth && !state.whitespace)) breakLine()
    if (state.column < depth) {
      state.whitespace = true
      write(' '.repeat(depth - state.column))
    }
  }
  const mark: Writer['mark'] = (text, { space = false, whitespace = false, indention = false }) => {
    write(state.whitespace || !space ? text : ` ${text}`)
    state.whitespace = whitespace
    state.indention = state.indention && indention
  }
  const piece = (text: string): void => {
    write(text)
    state.whitespace = false
    state.indention = false
  }
  /** A single space may become a line break when the line is full. */
  const spaces = (run: string, mayFold: boolean): void => {
    if (run === ' ' && state.column > width && mayFold) {
      indent()
      state.whitespace = false
      state.indention = false
    } else write(run)
  }
  return {
    state,
    write,
    mark,
    indent,
    foldWhenFull: () => {
      if (state.column > width) indent()
    },
    line: () => {
      if (state.column > 0) breakLine()
    },
    deeper: ({ flow, indentless }, inside) => {
      const before = state.depth
      if (before === undefined) state.depth = flow ? step : 0
      else if (!indentless) state.depth = before + step
      state.flow += flow ? 1 : 0
      inside()
      state.flow -= flow ? 1 : 0
      state.depth = before
    },
    plain: (text, split) => {
      if (text === '') return
      if (!state.whitespace) write(' ')
      state.whitespace = false
      state.indention = false
      for (const run of text.match(/ +|[^ ]+/g) ?? []) run[0] === ' ' ? spaces(run, split) : piece(run)
    },
    singleQuoted: (text, split) => {
      mark("'", { space: true })
      let at = 0
      for (const run of text.match(/ +|[\n\x85\u2028\u2029]+|[^ \n\x85\u2028\u2029]+/g) ?? []) {
        const last = at + run.length === text.length
        if (run[0] === ' ') spaces(run, split && at > 0 && !last)
        else if (lineBreak.test(run)) {
          if (run.startsWith('\n')) breakLine()
          for (const char of run) breakLine(char)
          indent()
        } else piece(run.replaceAll("'", "''"))
        at += run.length
      }
      mark("'", {})
    },
    doubleQuoted: (text, split) => {
      mark('"', { space: true })
      writeDouble(text, split)
      mark('"', {})
    },
    text: () => pieces.join(''),
  }

  function writeDouble(text: string, split: boolean): void {
    const chars = Array.from(text)
    let start = 0
    for (let end = 0; end <= chars.length; end++) {
      const char = chars[end]
      if (char === undefined || mustEscape.test(char)) {
        if (start < end) {
          write(chars.slice(start, end).join(''))
          start = end
        }
        if (char !== undefined) {
          write(escaped(char))
          start = end + 1
        }
      }
      const full = state.column + (end - start) > width
      if (end > 0 && end < chars.length - 1 && (char === ' ' || start >= end) && full && split) {
        write(`${chars.slice(start, end).join('')}\\`)
        if (start < end) start = end
        indent()
        state.whitespace = false
        state.indention = false
        if (chars[start] === ' ') write('\\')
      }
    }
  }
}

const lineBreak = /[\n\x85\u2028\u2029]/
const mustEscape = /["\\\x85\u2028\u2029\ufeff]|[^\x20-\x7e\u{a0}-\u{d7ff}\u{e000}-\u{fffd}]/u

const named: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escaped(char: string): string {
  const short = named[char]
  if (short !== undefined) return short
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
