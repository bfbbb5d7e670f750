import { literal } from './escapes.ts'
import { type MarkPatterns, type Marks, patternsOf } from './marks.ts'

export type TokenType =
  | 'data'
  | 'variable_begin'
  | 'variable_end'
  | 'block_begin'
  | 'block_end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'eof'

/** A piece of a template; `offset` counts from the start of the text. */
export interface Token {
  readonly type: TokenType
  /** The text of data, name or operator; the content of a string; the digits of a number. */
  readonly value: string
  readonly offset: number
}

/** How a text is read: what marks its parts, and how white space around blocks is treated. */
export interface Reading {
  readonly trimBlocks: boolean
  readonly lstripBlocks: boolean
  readonly keepTrailingNewline: boolean
  /** What a line break of the text becomes. Default a line feed. */
  readonly newline?: string | undefined
  /** Default: those of Jinja2. */
  readonly marks?: Marks | undefined
  /** `kept`: in texts within `{{ }}` a backslash stands for itself. */
  readonly backslashes?: 'kept' | undefined
}

/** An error at an offset of the text; the caller knows the file. */
export class SyntaxFailure {
  readonly message: string
  readonly offset: number
  constructor(message: string, offset: number) {
    this.message = message
    this.offset = offset
  }
}

/** The tokens of a template. Throws `SyntaxFailure`. */
export function tokenize(source: string, reading: Reading): Token[] {
  const lexer: Lexer = {
    source: normalize(source, reading),
    at: 0,
    tokens: [],
    reading,
    patterns: patternsOf(reading.marks),
  }
  while (lexer.at < lexer.source.length) text(lexer)
  lexer.tokens.push({ type: 'eof', value: '', offset: lexer.source.trimEnd().length })
  return lexer.tokens
}

/** The tokens of a bare expression, as in `when`. Throws `SyntaxFailure`. */
export function tokenizeExpression(source: string, { backslashes }: Pick<Reading, 'backslashes'>): Token[] {
  const lexer: Lexer = {
    source,
    at: 0,
    tokens: [],
    reading: { trimBlocks: false, lstripBlocks: false, keepTrailingNewline: true, backslashes },
    patterns: patternsOf(undefined),
  }
  const open: string[] = []
  while (skipSpace(lexer)) expressionToken(lexer, open, true)
  lexer.tokens.push({ type: 'eof', value: '', offset: source.trimEnd().length })
  return lexer.tokens
}

interface Lexer {
  readonly source: string
  at: number
  readonly tokens: Token[]
  readonly reading: Reading
  readonly patterns: MarkPatterns
}

function normalize(source: string, { keepTrailingNewline }: Reading): string {
  const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source
  return keepTrailingNewline ? text : text.replace(/\n$/, '')
}

/** Reads data up to the next opening mark, and what the mark opens. */
function text(lexer: Lexer): void {
  const { source, patterns } = lexer
  const { opening, rawBegin, marks } = patterns
  opening.lastIndex = lexer.at
  const match = opening.exec(source)
  if (!match) {
    data(lexer, source.slice(lexer.at))
    lexer.at = source.length
    return
  }
  const begin = match.index
  const mark = match[0]
  const next = source[begin + mark.length]
  const sign = next === '-' || next === '+' ? next : ''
  data(lexer, before(lexer, begin, mark, sign))
  lexer.at = begin + mark.length
  rawBegin.lastIndex = begin
  const raw = mark === marks.blockStart ? rawBegin.exec(source) : null
  if (raw) readRaw(lexer, begin + raw[0].length, raw[1] ?? '')
  else if (mark === marks.commentStart) readComment(lexer, begin)
  else {
    lexer.at += sign ? 1 : 0
    readCode(lexer, begin, mark)
  }
}

/** The data before a mark, stripped as `-` or lstrip_blocks say. */
function before(lexer: Lexer, end: number, mark: string, sign: string): string {
  const part = lexer.source.slice(lexer.at, end)
  if (sign === '-') return part.trimEnd()
  if (!lexer.reading.lstripBlocks || sign === '+' || mark === lexer.patterns.marks.variableStart) return part
  const lineStart = part.lastIndexOf('\n') + 1
  const atLineStart = lineStart > 0 || lexer.at === 0 || lexer.source[lexer.at - 1] === '\n'
  return atLineStart && part.slice(lineStart).trim() === '' ? part.slice(0, lineStart) : part
}

function data(lexer: Lexer, value: string): void {
  if (value !== '') lexer.tokens.push({ type: 'data', value: broken(value, lexer), offset: lexer.at })
}

/** The text with the line breaks that are wanted. */
function broken(value: string, { reading: { newline = '\n' } }: Lexer): string {
  return newline === '\n' ? value : value.replaceAll('\n', newline)
}

function readComment(lexer: Lexer, begin: number): void {
  const { commentStart, commentEnd } = lexer.patterns.marks
  const start = begin + commentStart.length
  const end = lexer.source.indexOf(commentEnd, start)
  if (end === -1) throw new SyntaxFailure('Missing end of comment tag', begin)
  const sign = end > start ? lexer.source[end - 1] : ''
  lexer.at = end + commentEnd.length
  after(lexer, sign === '-' || sign === '+' ? sign : '', true)
}

/** Skips what a closing mark swallows: all space after `-`, one line break with trim_blocks. */
function after(lexer: Lexer, sign: string, block: boolean): void {
  if (sign === '-') skipSpace(lexer)
  else if (block && sign !== '+' && lexer.reading.trimBlocks && lexer.source[lexer.at] === '\n') lexer.at++
}

function readRaw(lexer: Lexer, start: number, sign: string): void {
  const { rawEnd, marks } = lexer.patterns
  lexer.at = start
  after(lexer, sign, false)
  rawEnd.lastIndex = lexer.at
  const match = rawEnd.exec(lexer.source)
  if (!match) throw new SyntaxFailure('Missing end of raw directive', start)
  data(lexer, before(lexer, match.index, marks.blockStart, match[1] ?? ''))
  lexer.at = match.index + match[0].length
  after(lexer, match[2] ?? '', true)
}

function readCode(lexer: Lexer, begin: number, mark: string): void {
  const { marks, blockEnd, variableEnd } = lexer.patterns
  const block = mark === marks.blockStart
  lexer.tokens.push({ type: block ? 'block_begin' : 'variable_begin', value: mark, offset: begin })
  const end = block ? blockEnd : variableEnd
  const open: string[] = []
  while (skipSpace(lexer)) {
    end.lastIndex = lexer.at
    const match = open.length === 0 ? end.exec(lexer.source) : null
    if (match) {
      lexer.tokens.push({ type: block ? 'block_end' : 'variable_end', value: match[0], offset: lexer.at })
      lexer.at += match[0].length
      after(lexer, match[1] ?? '', block)
      return
    }
    expressionToken(lexer, open, !block)
  }
}

const space = /\s*/y
const name = /[\p{L}_][\p{L}\p{N}\p{M}_]*/uy
const float = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy
const integer = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy
const string = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y
const operator = /\*\*|\/\/|==|!=|<=|>=|[-+/*%~[\](){}<>=.:|,;]/y
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** Skips white space; false at the end of the text. */
function skipSpace(lexer: Lexer): boolean {
  space.lastIndex = lexer.at
  lexer.at += space.exec(lexer.source)?.[0].length ?? 0
  return lexer.at < lexer.source.length
}

/** `shown`: within the marks of a variable, not of a block. */
function expressionToken(lexer: Lexer, open: string[], shown: boolean): void {
  const afterDot = lexer.source[lexer.at - 1] === '.'
  const found =
    (afterDot ? undefined : match(lexer, float, 'float')) ??
    match(lexer, integer, 'integer') ??
    match(lexer, name, 'name') ??
    match(lexer, string, 'string') ??
    match(lexer, operator, 'operator')
  if (!found) throw new SyntaxFailure(`unexpected char ${JSON.stringify(lexer.source[lexer.at])}`, lexer.at)
  if (found.type === 'operator') balance(found, open)
  lexer.at += found.value.length
  const kept = shown && lexer.reading.backslashes === 'kept'
  lexer.tokens.push(found.type === 'string' ? { ...found, value: unquoted(found.value, kept, lexer) } : found)
}

function unquoted(written: string, kept: boolean, lexer: Lexer): string {
  const content = broken(written.slice(1, -1), lexer)
  const quote = written.slice(0, 1)
  return kept ? content.replaceAll(`\\${quote}`, quote) : literal(content)
}

function match(lexer: Lexer, pattern: RegExp, type: TokenType): Token | undefined {
  pattern.lastIndex = lexer.at
  const found = pattern.exec(lexer.source)
  return found ? { type, value: found[0], offset: lexer.at } : undefined
}

function balance(token: Token, open: string[]): void {
  const closer = closers[token.value]
  if (closer !== undefined) open.push(closer)
  else if (token.value === ')' || token.value === ']' || token.value === '}') {
    const expected = open.pop()
    if (expected === undefined) throw new SyntaxFailure(`unexpected '${token.value}'`, token.offset)
    if (expected !== token.value) {
      throw new SyntaxFailure(`unexpected '${token.value}', expected '${expected}'`, token.offset)
    }
  }
}
