import { SyntaxFailure } from './lexer.ts'
import type { Arguments, Comparison, Expression, FilterCall } from './nodes.ts'
import {
  type Parser,
  parseFilters,
  parsePostfix,
  parsePrimary,
  readArguments,
  readFilterCalls,
} from './parse-operand.ts'
import { current, describe, isName, isOperator, next, peek, skip, type Tokens } from './tokens.ts'

/** `a if b else c`, the widest expression. */
export function parseExpression(tokens: Tokens, withCondition = true): Expression {
  return withCondition ? parseCondition(tokens) : parseOr(tokens)
}

/** Expressions joined by commas; one without comma is itself. `ends` are names that end the list. */
export function parseTuple(
  tokens: Tokens,
  { withCondition = true, parentheses = false, ends = [] as readonly string[] } = {},
): Expression {
  const { offset } = current(tokens)
  const items: Expression[] = []
  let comma = false
  while (true) {
    if (items.length > 0 && !comma) break
    if (endsTuple(tokens, ends)) break
    items.push(parseExpression(tokens, withCondition))
    comma = skip(tokens, 'operator', ',')
  }
  const [only] = items
  if (!comma && items.length === 1 && only) return only
  if (items.length === 0 && !parentheses) {
    throw new SyntaxFailure(`Expected an expression, got '${describe(current(tokens))}'`, offset)
  }
  return { kind: 'tuple', items, offset }
}

/** `(…)` of a call, a filter or a test. */
export function parseArguments(tokens: Tokens): Arguments {
  return readArguments(tokens, parser)
}

/** The filters of `{% filter a | b(c) %}`; with `inline`, the first one has no `|` before it. */
export function parseFilterCalls(tokens: Tokens, inline: boolean): FilterCall[] {
  return readFilterCalls(tokens, inline, parser)
}

const parser: Parser = { expression: parseExpression, tuple: tokens => parseTuple(tokens, { parentheses: true }) }

function endsTuple(tokens: Tokens, ends: readonly string[]): boolean {
  const { type, value } = current(tokens)
  if (type === 'variable_end' || type === 'block_end' || type === 'eof') return true
  return (type === 'operator' && value === ')') || (type === 'name' && ends.includes(value))
}

function parseCondition(tokens: Tokens): Expression {
  let expression = parseOr(tokens)
  while (skip(tokens, 'name', 'if')) {
    const test = parseOr(tokens)
    const no = skip(tokens, 'name', 'else') ? parseCondition(tokens) : undefined
    expression = { kind: 'condition', test, yes: expression, no, offset: expression.offset }
  }
  return expression
}

function parseOr(tokens: Tokens): Expression {
  let left = parseAnd(tokens)
  while (skip(tokens, 'name', 'or')) left = { kind: 'or', left, right: parseAnd(tokens), offset: left.offset }
  return left
}

function parseAnd(tokens: Tokens): Expression {
  let left = parseNot(tokens)
  while (skip(tokens, 'name', 'and')) left = { kind: 'and', left, right: parseNot(tokens), offset: left.offset }
  return left
}

function parseNot(tokens: Tokens): Expression {
  const { offset } = current(tokens)
  if (skip(tokens, 'name', 'not')) return { kind: 'not', operand: parseNot(tokens), offset }
  return parseCompare(tokens)
}

function parseCompare(tokens: Tokens): Expression {
  const first = parseSum(tokens)
  const rest: Comparison[] = []
  while (true) {
    const operator = comparison(tokens)
    if (operator === undefined) break
    rest.push({ operator, operand: parseSum(tokens) })
  }
  return rest.length === 0 ? first : { kind: 'compare', first, rest, offset: first.offset }
}

function comparison(tokens: Tokens): Comparison['operator'] | undefined {
  const { type, value } = current(tokens)
  if (type === 'operator') {
    switch (value) {
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        next(tokens)
        return value
    }
    return undefined
  }
  if (skip(tokens, 'name', 'in')) return 'in'
  const following = peek(tokens)
  if (isName(tokens, 'not') && following.type === 'name' && following.value === 'in') {
    next(tokens)
    next(tokens)
    return 'not in'
  }
  return undefined
}

function parseSum(tokens: Tokens): Expression {
  let left = parseConcat(tokens)
  while (true) {
    const { value, offset } = current(tokens)
    if (!isOperator(tokens, value) || (value !== '+' && value !== '-')) return left
    next(tokens)
    left = { kind: 'binary', operator: value, left, right: parseConcat(tokens), offset }
  }
}

/** `~` binds tighter than `+`, as Jinja2 has it. */
function parseConcat(tokens: Tokens): Expression {
  const first = parseProduct(tokens)
  if (!isOperator(tokens, '~')) return first
  const parts = [first]
  while (skip(tokens, 'operator', '~')) parts.push(parseProduct(tokens))
  return { kind: 'concat', parts, offset: first.offset }
}

function parseProduct(tokens: Tokens): Expression {
  let left = parsePower(tokens)
  while (true) {
    const { value, offset } = current(tokens)
    if (!isOperator(tokens, value) || (value !== '*' && value !== '/' && value !== '//' && value !== '%')) return left
    next(tokens)
    left = { kind: 'binary', operator: value, left, right: parsePower(tokens), offset }
  }
}

/** Left-associative, and weaker than a unary minus: Jinja2's own precedence, not Python's. */
function parsePower(tokens: Tokens): Expression {
  let left = parseUnary(tokens)
  while (isOperator(tokens, '**')) {
    const { offset } = next(tokens)
    left = { kind: 'binary', operator: '**', left, right: parseUnary(tokens), offset }
  }
  return left
}

function parseUnary(tokens: Tokens, withFilters = true): Expression {
  const { offset } = current(tokens)
  let node: Expression
  if (skip(tokens, 'operator', '-')) node = { kind: 'negative', operand: parseUnary(tokens, false), offset }
  else if (skip(tokens, 'operator', '+')) node = { kind: 'positive', operand: parseUnary(tokens, false), offset }
  else node = parsePrimary(tokens, parser)
  node = parsePostfix(tokens, node, parser)
  return withFilters ? parseFilters(tokens, node, parser) : node
}
