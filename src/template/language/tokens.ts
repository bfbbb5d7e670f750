import { SyntaxFailure, type Token, type TokenType } from './lexer.ts'

/** A place in a list of tokens, and the questions a parser asks there. */
export interface Tokens {
  readonly list: readonly Token[]
  at: number
}

export function current({ list, at }: Tokens): Token {
  const token = list[at] ?? list.at(-1)
  if (!token) throw new Error('a list of tokens ends with eof')
  return token
}

export function peek({ list, at }: Tokens): Token {
  return list[at + 1] ?? current({ list, at: list.length - 1 })
}

export function next(tokens: Tokens): Token {
  const token = current(tokens)
  if (token.type !== 'eof') tokens.at++
  return token
}

export function is(tokens: Tokens, type: TokenType, value?: string): boolean {
  const token = current(tokens)
  return token.type === type && (value === undefined || token.value === value)
}

export function isOperator(tokens: Tokens, value: string): boolean {
  return is(tokens, 'operator', value)
}

export function isName(tokens: Tokens, value: string): boolean {
  return is(tokens, 'name', value)
}

/** Takes the token when it is this one. */
export function skip(tokens: Tokens, type: TokenType, value?: string): boolean {
  if (!is(tokens, type, value)) return false
  next(tokens)
  return true
}

/** Takes the token, which must be this one. */
export function expect(tokens: Tokens, type: TokenType, value?: string): Token {
  if (is(tokens, type, value)) return next(tokens)
  const token = current(tokens)
  const wanted = value ?? names[type]
  if (token.type === 'eof') throw new SyntaxFailure(`unexpected end of template, expected '${wanted}'`, token.offset)
  throw new SyntaxFailure(`expected token '${wanted}', got '${describe(token)}'`, token.offset)
}

/** What a token is called in an error. */
export function describe(token: Token): string {
  if (token.type === 'name' || token.type === 'operator' || token.type === 'integer' || token.type === 'float') {
    return token.value
  }
  return names[token.type]
}

const names: Readonly<Record<TokenType, string>> = {
  data: 'text',
  variable_begin: 'begin of print statement',
  variable_end: 'end of print statement',
  block_begin: 'begin of statement block',
  block_end: 'end of statement block',
  name: 'name',
  string: 'string',
  integer: 'integer',
  float: 'float',
  operator: 'operator',
  eof: 'end of template',
}
