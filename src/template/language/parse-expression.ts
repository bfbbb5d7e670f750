import { float, int } from '../python/values.ts'
import { SyntaxFailure } from './lexer.ts'
import type { Arguments, Comparison, Expression, FilterCall } from './nodes.ts'
import { current, describe, expect, is, isName, isOperator, next, peek, skip, type Tokens } from './tokens.ts'

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
      rest = parseExpression(tokens)
    } else if (skip(tokens, 'operator', '**')) {
      check(restNamed === undefined)
      restNamed = parseExpression(tokens)
    } else if (is(tokens, 'name') && peek(tokens).type === 'operator' && peek(tokens).value === '=') {
      check(restNamed === undefined)
      const { value } = next(tokens)
      next(tokens)
      named.push([value, parseExpression(tokens)])
    } else {
      check(rest === undefined && restNamed === undefined && named.length === 0)
      positional.push(parseExpression(tokens))
    }
  }
  expect(tokens, 'operator', ')')
  return { positional, named, rest, restNamed }
}

/** The filters of `{% filter a | b(c) %}`; with `inline`, the first one has no `|` before it. */
export function parseFilterCalls(tokens: Tokens, inline: boolean): FilterCall[] {
  const calls: FilterCall[] = []
  let bare = inline
  while (bare || isOperator(tokens, '|')) {
    if (!bare) next(tokens)
    bare = false
    const { offset } = current(tokens)
    const name = parseDotted(tokens)
    calls.push({ name, offset, args: isOperator(tokens, '(') ? parseArguments(tokens) : noArguments })
  }
  return calls
}

const noArguments: Arguments = { positional: [], named: [], rest: undefined, restNamed: undefined }

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
  else node = parsePrimary(tokens)
  node = parsePostfix(tokens, node)
  return withFilters ? parseFilters(tokens, node) : node
}

function parsePrimary(tokens: Tokens): Expression {
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
        const inner = parseTuple(tokens, { parentheses: true })
        expect(tokens, 'operator', ')')
        return inner
      }
      if (token.value === '[') return parseList(tokens, offset)
      if (token.value === '{') return parseDict(tokens, offset)
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

function parseList(tokens: Tokens, offset: number): Expression {
  const items: Expression[] = []
  while (!isOperator(tokens, ']')) {
    if (items.length > 0) expect(tokens, 'operator', ',')
    if (isOperator(tokens, ']')) break
    items.push(parseExpression(tokens))
  }
  expect(tokens, 'operator', ']')
  return { kind: 'list', items, offset }
}

function parseDict(tokens: Tokens, offset: number): Expression {
  const pairs: [Expression, Expression][] = []
  while (!isOperator(tokens, '}')) {
    if (pairs.length > 0) expect(tokens, 'operator', ',')
    if (isOperator(tokens, '}')) break
    const key = parseExpression(tokens)
    expect(tokens, 'operator', ':')
    pairs.push([key, parseExpression(tokens)])
  }
  expect(tokens, 'operator', '}')
  return { kind: 'dict', pairs, offset }
}

function parsePostfix(tokens: Tokens, start: Expression): Expression {
  let node = start
  while (true) {
    if (isOperator(tokens, '.')) node = parseDot(tokens, node)
    else if (isOperator(tokens, '[')) node = parseSubscript(tokens, node)
    else if (isOperator(tokens, '(')) node = parseCall(tokens, node)
    else return node
  }
}

function parseCall(tokens: Tokens, of: Expression): Expression {
  return { kind: 'call', of, args: parseArguments(tokens), offset: of.offset }
}

function parseDot(tokens: Tokens, of: Expression): Expression {
  next(tokens)
  const token = next(tokens)
  if (token.type === 'name') return { kind: 'attribute', of, name: token.value, offset: token.offset }
  if (token.type !== 'integer') throw new SyntaxFailure('expected name or number', token.offset)
  const key: Expression = { kind: 'constant', value: Number(token.value), offset: token.offset }
  return { kind: 'item', of, key, offset: token.offset }
}

function parseSubscript(tokens: Tokens, of: Expression): Expression {
  const { offset } = next(tokens)
  const keys: Expression[] = []
  while (!isOperator(tokens, ']')) {
    if (keys.length > 0) expect(tokens, 'operator', ',')
    const sliced = parseSlice(tokens, of, offset)
    if (sliced && keys.length === 0) return sliced
    keys.push(parseExpression(tokens))
    if (isOperator(tokens, ':') && keys.length === 1) return parseSlice(tokens, of, offset, keys[0]) ?? of
  }
  expect(tokens, 'operator', ']')
  const [key] = keys
  if (key === undefined) throw new SyntaxFailure('expected subscript expression', offset)
  return { kind: 'item', of, key: keys.length === 1 ? key : { kind: 'tuple', items: keys, offset }, offset: key.offset }
}

/** `:stop:step]` after what may stand before the first colon; undefined when no colon is there. */
function parseSlice(tokens: Tokens, of: Expression, offset: number, start?: Expression): Expression | undefined {
  if (!skip(tokens, 'operator', ':')) return undefined
  const part = (): Expression | undefined =>
    isOperator(tokens, ']') || isOperator(tokens, ':') ? undefined : parseExpression(tokens)
  const stop = part()
  const step = skip(tokens, 'operator', ':') ? part() : undefined
  expect(tokens, 'operator', ']')
  return { kind: 'slice', of, start, stop, step, offset }
}

function parseFilters(tokens: Tokens, start: Expression): Expression {
  let node = start
  while (true) {
    if (skip(tokens, 'operator', '|')) {
      const { offset } = current(tokens)
      const name = parseDotted(tokens)
      const args = isOperator(tokens, '(') ? parseArguments(tokens) : noArguments
      node = { kind: 'filter', of: node, name, args, offset }
    } else if (isName(tokens, 'is')) node = parseTest(tokens, node)
    else if (isOperator(tokens, '(')) node = parseCall(tokens, node)
    else return node
  }
}

function parseDotted(tokens: Tokens): string {
  let name = expect(tokens, 'name').value
  while (skip(tokens, 'operator', '.')) name += `.${expect(tokens, 'name').value}`
  return name
}

function parseTest(tokens: Tokens, of: Expression): Expression {
  next(tokens)
  const negated = skip(tokens, 'name', 'not')
  const { offset } = current(tokens)
  const name = parseDotted(tokens)
  const test: Expression = { kind: 'test', of, name, args: testArguments(tokens), offset }
  return negated ? { kind: 'not', operand: test, offset } : test
}

function testArguments(tokens: Tokens): Arguments {
  if (isOperator(tokens, '(')) return parseArguments(tokens)
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
  return { ...noArguments, positional: [parsePostfix(tokens, parsePrimary(tokens))] }
}
