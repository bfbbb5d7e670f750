import { type Reading, SyntaxFailure, type Token, tokenize, tokenizeExpression } from './lexer.ts'
import type { Expression, Statement } from './nodes.ts'
import { parseExpression, parseTuple } from './parse-expression.ts'
import { parseStatement, type StatementParser } from './parse-statement.ts'
import { current, describe, expect, next, type Tokens } from './tokens.ts'

/** The statements of a template. Throws `SyntaxFailure`. */
export function parseTemplate(source: string, reading: Reading): readonly Statement[] {
  const tokens: Tokens = { list: tokenize(source, reading), at: 0 }
  const { body } = parseBody(tokens, [], undefined)
  return body
}

/** A bare expression, as in `when`. Throws `SyntaxFailure`. */
export function parseBare(source: string, reading: Pick<Reading, 'backslashes'>): Expression {
  const tokens: Tokens = { list: tokenizeExpression(source, reading), at: 0 }
  const expression = parseExpression(tokens)
  const rest = current(tokens)
  if (rest.type !== 'eof') throw new SyntaxFailure(`unexpected '${describe(rest)}' after the expression`, rest.offset)
  return expression
}

/** Statements up to one of the tags `ends`, which is taken; up to the end of the text when there are none. */
const parseBody: StatementParser = (tokens, ends, opener) => {
  const body: Statement[] = []
  while (true) {
    const token = next(tokens)
    if (token.type === 'data') body.push({ kind: 'data', text: token.value, offset: token.offset })
    else if (token.type === 'variable_begin') body.push(parseOutput(tokens, token))
    else if (token.type === 'block_begin') {
      const { type, value } = current(tokens)
      if (type === 'name' && ends.includes(value)) return { body, end: next(tokens).value }
      body.push(parseStatement(tokens, parseBody, opener))
      expect(tokens, 'block_end')
    } else {
      if (opener !== undefined) throw unclosed(ends, opener, token)
      return { body, end: '' }
    }
  }
}

function parseOutput(tokens: Tokens, begin: Token): Statement {
  const expression = parseTuple(tokens)
  expect(tokens, 'variable_end')
  return { kind: 'output', expression, offset: begin.offset }
}

function unclosed(ends: readonly string[], opener: string, { offset }: Token): SyntaxFailure {
  const tags = ends.map(end => `'${end}'`).join(' or ')
  return new SyntaxFailure(`unexpected end of template: '${opener}' is not closed, ${tags} is missing`, offset)
}
