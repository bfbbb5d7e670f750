import { float, int } from '../python/values.ts'
import { SyntaxFailure } from './lexer.ts'
import type { Arguments, Expression, FilterCall } from './nodes.ts'
import { current, describe, expect, is, isName, isOperator, next, peek, skip, type Tokens } from './tokens.ts'

/** The parsers of whole expressions, which operands hold in brackets and arguments. */
export interface Parser {
  readonly expression: (tokens: Tokens) => Expression
  /** Up to `)`; empty, or with commas, it is a tuple. */
  readonly tuple: (tokens: Tokens) => Expression
}

/** `(…)` of a call, a filter or a test. */
export function readArguments(tokens: Tokens, parser: Parser): Arguments {
  const opening = expect(tokens, 'operator', '(')
  const positional: Expression[] = []
  const named: [string, Expression][] = []
  let rest: Expression | undefined
  let restNamed: Expression | undefined
  const check = (valid: boolean): void => {
    if (!valid) throw new SyntaxFailure('invalid syntax for function call expression', opening.offset)
  }
  for (let first = true; !isOperator(tokens, ')'); first = false) {
    if (!first) {
      expect(tokens, 'operator', ',')
      if (isOperator(tokens, ')')) break
    }
    if (skip(tokens, 'operator', '*')) {
      check(rest === undefined && restNamed === undefined)
      rest = parser.expression(tokens)
    } else if (skip(tokens, 'operator', '**')) {
      check(restNamed === undefined)
      restNamed = parser.expression(tokens)
    } else if (is(tokens, 'name') && peek(tokens).type === 'operator' && peek(tokens).value === '=') {
      check(restNamed === undefined)
      const { value } = next(tokens)
      next(tokens)
      named.push([value, parser.expression(tokens)])
    } else {
      check(rest === undefined && restNamed === undefined && named.length === 0)
      positional.push(parser.expression(tokens))
    }
  }
  expect(tokens, 'operator', ')')
  return { positional, named, rest, restNamed }
}

/** The filters of `{% filter a | b(c) %}`; with `inline`, the first one has no `|` before it. */
export function readFilterCalls(tokens: Tokens, inline: boolean, parser: Parser): FilterCall[] {
  const calls: FilterCall[] = []
  let bare = inline
  while (bare || isOperator(tokens, '|')) {
    if (!bare) next(tokens)
    bare = false
    const { offset } = current(tokens)
    const name = parseDotted(tokens)
    calls.push({ name, offset, args: isOperator(tokens, '(') ? readArguments(tokens, parser) : noArguments })
  }
  return calls
}

const noArguments: Arguments = { positional: [], named: [], rest: undefined, restNamed: undefined }

/** A literal, a name, or something in brackets. */
export function parsePrimary(tokens: Tokens, parser: Parser): Expression {
  const token = next(tokens)
  const { offset } = token
  switch (token.type) {
    case 'name':
      return constants.has(token.value)
        ? { kind: 'constant', value: constants.get(token.value), offset }
        : { kind: 'name', name: token.value, offset }
    case 'string': {
      let text = token.value
      while (is(tokens, 'string')) text += next(tokens).value
      return { kind: 'constant', value: text, offset }
    }
    case 'integer':
      return { kind: 'constant', value: int(BigInt(token.value.replaceAll('_', ''))), offset }
    case 'float':
      return { kind: 'constant', value: float(Number(token.value.replaceAll('_', ''))), offset }
    case 'operator':
      if (token.value === '(') {
        const inner = parser.tuple(tokens)
        expect(tokens, 'operator', ')')
        return inner
      }
      if (token.value === '[') return parseList(tokens, offset, parser)
      if (token.value === '{') return parseDict(tokens, offset, parser)
  }
  throw new SyntaxFailure(`unexpected '${describe(token)}'`, offset)
}

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])

function parseList(tokens: Tokens, offset: number, parser: Parser): Expression {
  const items: Expression[] = []
  while (!isOperator(tokens, ']')) {
    if (items.length > 0) expect(tokens, 'operator', ',')
    if (isOperator(tokens, ']')) break
    items.push(parser.expression(tokens))
  }
  expect(tokens, 'operator', ']')
  return { kind: 'list', items, offset }
}

function parseDict(tokens: Tokens, offset: number, parser: Parser): Expression {
  const pairs: [Expression, Expression][] = []
  while (!isOperator(tokens, '}')) {
    if (pairs.length > 0) expect(tokens, 'operator', ',')
    if (isOperator(tokens, '}')) break
    const key = parser.expression(tokens)
    expect(tokens, 'operator', ':')
    pairs.push([key, parser.expression(tokens)])
  }
  expect(tokens, 'operator', '}')
  return { kind: 'dict', pairs, offset }
}

/** What may follow an operand: `.name`, `[key]`, `(…)`. */
export function parsePostfix(tokens: Tokens, start: Expression, parser: Parser): Expression {
  let node = start
  while (true) {
    if (isOperator(tokens, '.')) node = parseDot(tokens, node)
    else if (isOperator(tokens, '[')) node = parseSubscript(tokens, node, parser)
    else if (isOperator(tokens, '(')) node = parseCall(tokens, node, parser)
    else return node
  }
}

function parseCall(tokens: Tokens, of: Expression, parser: Parser): Expression {
  return { kind: 'call', of, args: readArguments(tokens, parser), offset: of.offset }
}

function parseDot(tokens: Tokens, of: Expression): Expression {
  next(tokens)
  const token = next(tokens)
  if (token.type === 'name') return { kind: 'attribute', of, name: token.value, offset: token.offset }
  if (token.type !== 'integer') throw new SyntaxFailure('expected name or number', token.offset)
  const key: Expression = { kind: 'constant', value: Number(token.value), offset: token.offset }
  return { kind: 'item', of, key, offset: token.offset }
}

function parseSubscript(tokens: Tokens, of: Expression, parser: Parser): Expression {
  const { offset } = next(tokens)
  const keys: Expression[] = []
  while (!isOperator(tokens, ']')) {
    if (keys.length > 0) expect(tokens, 'operator', ',')
    const sliced = parseSlice(tokens, { of, offset }, parser)
    if (sliced && keys.length === 0) return sliced
    keys.push(parser.expression(tokens))
    const [start] = keys
    if (start && keys.length === 1 && isOperator(tokens, ':'))
      return parseSlice(tokens, { of, offset, start }, parser) ?? of
  }
  expect(tokens, 'operator', ']')
  const [key] = keys
  if (key === undefined) throw new SyntaxFailure('expected subscript expression', offset)
  return { kind: 'item', of, key: keys.length === 1 ? key : { kind: 'tuple', items: keys, offset }, offset: key.offset }
}

/** `:stop:step]` after what may stand before the first colon; undefined when no colon is there. */
function parseSlice(
  tokens: Tokens,
  { of, offset, start }: { of: Expression; offset: number; start?: Expression },
  parser: Parser,
): Expression | undefined {
  if (!skip(tokens, 'operator', ':')) return undefined
  const part = (): Expression | undefined =>
    isOperator(tokens, ']') || isOperator(tokens, ':') ? undefined : parser.expression(tokens)
  const stop = part()
  const step = skip(tokens, 'operator', ':') ? part() : undefined
  expect(tokens, 'operator', ']')
  return { kind: 'slice', of, start, stop, step, offset }
}

/** What may follow that: filters and tests. */
export function parseFilters(tokens: Tokens, start: Expression, parser: Parser): Expression {
  let node = start
  while (true) {
    if (skip(tokens, 'operator', '|')) {
      const { offset } = current(tokens)
      const name = parseDotted(tokens)
      const args = isOperator(tokens, '(') ? readArguments(tokens, parser) : noArguments
      node = { kind: 'filter', of: node, name, args, offset }
    } else if (isName(tokens, 'is')) node = parseTest(tokens, node, parser)
    else if (isOperator(tokens, '(')) node = parseCall(tokens, node, parser)
    else return node
  }
}

function parseDotted(tokens: Tokens): string {
  let name = expect(tokens, 'name').value
  while (skip(tokens, 'operator', '.')) name += `.${expect(tokens, 'name').value}`
  return name
}

function parseTest(tokens: Tokens, of: Expression, parser: Parser): Expression {
  next(tokens)
  const negated = skip(tokens, 'name', 'not')
  const { offset } = current(tokens)
  const name = parseDotted(tokens)
  const test: Expression = { kind: 'test', of, name, args: testArguments(tokens, parser), offset }
  return negated ? { kind: 'not', operand: test, offset } : test
}

function testArguments(tokens: Tokens, parser: Parser): Arguments {
  if (isOperator(tokens, '(')) return readArguments(tokens, parser)
  const { type, value, offset } = current(tokens)
  const begins =
    type === 'name'
      ? !['else', 'or', 'and', 'is', 'if', 'in', 'not', 'recursive'].includes(value)
      : type === 'string' ||
        type === 'integer' ||
        type === 'float' ||
        (type === 'operator' && (value === '[' || value === '{'))
  if (type === 'name' && value === 'is') {
    throw new SyntaxFailure('You cannot chain multiple tests with is', offset)
  }
  if (!begins) return noArguments
  return { ...noArguments, positional: [parsePostfix(tokens, parsePrimary(tokens, parser), parser)] }
}
