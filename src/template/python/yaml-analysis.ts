/** How a text may be written in YAML. */
export interface Analysis {
  readonly multiline: boolean
  /** Without quotes inside `[…]` and `{…}`. */
  readonly flowPlain: boolean
  /** Without quotes elsewhere. */
  readonly blockPlain: boolean
  readonly singleQuoted: boolean
}

/** What stands in a text that a reader of YAML would take for something else. */
export function analyze(text: string): Analysis {
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, singleQuoted: true }
  const multiline = lineBreak.test(text)
  const document = /^(?:---|\.\.\.)/.test(text)
  const first = /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^-(?=\s|$)/.test(text) || document
  const comment = /[\s\0]#/.test(text)
  const blockMarks = first || /^[?:](?=\s|$)/.test(text) || /:(?=[\s\0]|$)/.test(text.slice(1)) || comment
  const flowMarks = blockMarks || /^[?:]/.test(text) || /[,?[\]{}:]/.test(text.slice(1))
  const edges = /^[ \n\x85\u2028\u2029]|[ \n\x85\u2028\u2029]$/.test(text)
  const breakThenSpace = /[\n\x85\u2028\u2029] /.test(text)
  const spaceThenBreak = / [\n\x85\u2028\u2029]/.test(text)
  const special = unprintable.test(text)
  const bare = !edges && !breakThenSpace && !spaceThenBreak && !special && !multiline
  return {
    multiline,
    flowPlain: bare && !flowMarks,
    blockPlain: bare && !blockMarks,
    singleQuoted: !breakThenSpace && !spaceThenBreak && !special,
  }
}

const lineBreak = /[\n\x85\u2028\u2029]/
/** What libyaml writes as an escape, characters beyond the basic plane among it. */
const unprintable = /[^\n\x20-\x7e\x85\u{a0}-\u{d7ff}\u{e000}-\u{fffd}]|\ufeff/u
