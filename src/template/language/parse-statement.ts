import { didYouMean } from '../../near.ts'
import { SyntaxFailure } from './lexer.ts'
import type { Expression, Parameter, Statement, Target } from './nodes.ts'
import { parseExpression, parseFilterCalls, parseTuple } from './parse-expression.ts'
import { current, expect, is, isName, isOperator, next, skip, type Tokens } from './tokens.ts'

/** Parses statements up to one of the tags `ends`; `opener` is the tag that they close. */
export type StatementParser = (
  tokens: Tokens,
  ends: readonly string[],
  opener: string | undefined,
) => { readonly body: readonly Statement[]; readonly end: string }

/** One `{% … %}`, from its tag's name on, up to its closing `%}` exclusively. */
export function parseStatement(tokens: Tokens, parseBody: StatementParser, opener: string | undefined): Statement {
  const token = expect(tokens, 'name')
  const parser = Object.hasOwn(tags, token.value) ? tags[token.value] : undefined
  if (!parser) throw unknownTag(token.value, token.offset, opener)
  return parser({ tokens, offset: token.offset, body: ends => bodyOf(tokens, parseBody, ends, token.value) })
}

interface Tag {
  readonly tokens: Tokens
  readonly offset: number
  /** Takes the `%}`, the statements, and the name of the tag that ends them. */
  readonly body: (ends: readonly string[]) => { readonly body: readonly Statement[]; readonly end: string }
}

function bodyOf(
  tokens: Tokens,
  parseBody: StatementParser,
  ends: readonly string[],
  opener: string,
): ReturnType<Tag['body']> {
  skip(tokens, 'operator', ':')
  expect(tokens, 'block_end')
  return parseBody(tokens, ends, opener)
}

function unknownTag(name: string, offset: number, opener: string | undefined): SyntaxFailure {
  const inside = opener === undefined ? '' : ` inside '${opener}'`
  const hint = didYouMean(name, Object.keys(tags))
  return new SyntaxFailure(`unknown tag '${name}'${inside}${hint === undefined ? '' : `: ${hint}`}`, offset)
}

const tags: Readonly<Record<string, (tag: Tag) => Statement>> = {
  for: parseFor,
  if: parseIf,
  set: parseSet,
  with: parseWith,
  macro: parseMacro,
  call: parseCallBlock,
  filter: parseFilterBlock,
  block: parseBlock,
  extends: ({ tokens, offset }) => ({ kind: 'extends', template: parseExpression(tokens), offset }),
  include: parseInclude,
  import: parseImport,
  from: parseFromImport,
  print: ({ tokens, offset }) => ({ kind: 'output', expression: parseTuple(tokens), offset }),
  do: ({ tokens, offset }) => ({ kind: 'do', expression: parseTuple(tokens), offset }),
  break: ({ offset }) => ({ kind: 'break', offset }),
  continue: ({ offset }) => ({ kind: 'continue', offset }),
  autoescape: parseAutoescape,
}

function parseFor({ tokens, offset, body }: Tag): Statement {
  const target = parseTarget(tokens, ['in'])
  expect(tokens, 'name', 'in')
  const over = parseTuple(tokens, { withCondition: false, ends: ['recursive', 'if'] })
  const filter = skip(tokens, 'name', 'if') ? parseExpression(tokens) : undefined
  const recursive = skip(tokens, 'name', 'recursive')
  const loop = body(['endfor', 'else'])
  const otherwise = loop.end === 'else' ? body(['endfor']).body : []
  return { kind: 'for', target, over, filter, recursive, body: loop.body, otherwise, offset }
}

function parseIf({ tokens, offset, body }: Tag): Statement {
  const branches: { test: Expression; body: readonly Statement[] }[] = []
  while (true) {
    const test = parseTuple(tokens, { withCondition: false })
    const branch = body(['elif', 'else', 'endif'])
    branches.push({ test, body: branch.body })
    if (branch.end === 'elif') continue
    const otherwise = branch.end === 'else' ? body(['endif']).body : []
    return { kind: 'if', branches, otherwise, offset }
  }
}

function parseSet({ tokens, offset, body }: Tag): Statement {
  const target = parseTarget(tokens, [])
  if (skip(tokens, 'operator', '=')) return { kind: 'set', target, value: parseTuple(tokens), offset }
  const filters = parseFilterCalls(tokens, false)
  return { kind: 'set-block', target, filters, body: body(['endset']).body, offset }
}

function parseWith({ tokens, offset, body }: Tag): Statement {
  const assignments: [Target, Expression][] = []
  while (!is(tokens, 'block_end')) {
    if (assignments.length > 0) expect(tokens, 'operator', ',')
    const target = parseSingleTarget(tokens)
    expect(tokens, 'operator', '=')
    assignments.push([target, parseExpression(tokens)])
  }
  return { kind: 'with', assignments, body: body(['endwith']).body, offset }
}

function parseMacro({ tokens, offset, body }: Tag): Statement {
  const name = expect(tokens, 'name').value
  const parameters = parseParameters(tokens)
  return { kind: 'macro', name, parameters, body: body(['endmacro']).body, offset }
}

function parseCallBlock({ tokens, offset, body }: Tag): Statement {
  const parameters = isOperator(tokens, '(') ? parseParameters(tokens) : []
  const call = parseExpression(tokens)
  if (call.kind !== 'call') throw new SyntaxFailure("expected a call after 'call'", offset)
  return { kind: 'call-block', call, parameters, body: body(['endcall']).body, offset }
}

function parseFilterBlock({ tokens, offset, body }: Tag): Statement {
  const filters = parseFilterCalls(tokens, true)
  return { kind: 'filter-block', filters, body: body(['endfilter']).body, offset }
}

function parseBlock({ tokens, offset, body }: Tag): Statement {
  const name = expect(tokens, 'name').value
  const scoped = skip(tokens, 'name', 'scoped')
  const required = skip(tokens, 'name', 'required')
  const block = body(['endblock'])
  skip(tokens, 'name', name)
  return { kind: 'block', name, scoped, required, body: block.body, offset }
}

function parseInclude({ tokens, offset }: Tag): Statement {
  const template = parseExpression(tokens)
  let ignoreMissing = false
  if (isName(tokens, 'ignore')) {
    next(tokens)
    expect(tokens, 'name', 'missing')
    ignoreMissing = true
  }
  return { kind: 'include', template, ignoreMissing, withContext: parseContext(tokens, true), offset }
}

function parseImport({ tokens, offset }: Tag): Statement {
  const template = parseExpression(tokens)
  expect(tokens, 'name', 'as')
  const as = expect(tokens, 'name').value
  return { kind: 'import', template, as, withContext: parseContext(tokens, false), offset }
}

function parseFromImport({ tokens, offset }: Tag): Statement {
  const template = parseExpression(tokens)
  expect(tokens, 'name', 'import')
  const names: { name: string; as: string }[] = []
  while (is(tokens, 'name')) {
    if (names.length > 0 && (isName(tokens, 'with') || isName(tokens, 'without'))) break
    const name = expect(tokens, 'name').value
    names.push({ name, as: skip(tokens, 'name', 'as') ? expect(tokens, 'name').value : name })
    if (!skip(tokens, 'operator', ',')) break
  }
  if (names.length === 0) expect(tokens, 'name')
  return { kind: 'from-import', template, names, withContext: parseContext(tokens, false), offset }
}

/** `with context`, `without context`, or neither. */
function parseContext(tokens: Tokens, standard: boolean): boolean {
  if (!isName(tokens, 'with') && !isName(tokens, 'without')) return standard
  const { value } = next(tokens)
  expect(tokens, 'name', 'context')
  return value === 'with'
}

/** Text is never escaped here, so the block is its content. */
function parseAutoescape({ tokens, offset, body }: Tag): Statement {
  parseExpression(tokens)
  return { kind: 'with', assignments: [], body: body(['endautoescape']).body, offset }
}

function parseParameters(tokens: Tokens): Parameter[] {
  expect(tokens, 'operator', '(')
  const parameters: Parameter[] = []
  while (!isOperator(tokens, ')')) {
    if (parameters.length > 0) expect(tokens, 'operator', ',')
    if (isOperator(tokens, ')')) break
    const { value: name, offset } = expect(tokens, 'name')
    const fallback = skip(tokens, 'operator', '=') ? parseExpression(tokens) : undefined
    if (fallback === undefined && parameters.at(-1)?.fallback) {
      throw new SyntaxFailure('a parameter without default follows one with a default', offset)
    }
    parameters.push({ name, fallback })
  }
  expect(tokens, 'operator', ')')
  return parameters
}

/** `a`, `a, b`, `(a, (b, c))` or `namespace.name`. */
function parseTarget(tokens: Tokens, ends: readonly string[]): Target {
  const targets: Target[] = []
  let comma = false
  while (targets.length === 0 || comma) {
    const { type, value } = current(tokens)
    const ended = (type === 'name' && ends.includes(value)) || isOperator(tokens, '=') || isOperator(tokens, ')')
    if (targets.length > 0 && ended) break
    targets.push(parseSingleTarget(tokens))
    comma = skip(tokens, 'operator', ',')
  }
  const [only] = targets
  return !comma && targets.length === 1 && only ? only : { kind: 'several', targets }
}

function parseSingleTarget(tokens: Tokens): Target {
  if (skip(tokens, 'operator', '(')) {
    const inner = parseTarget(tokens, [])
    expect(tokens, 'operator', ')')
    return inner
  }
  const { value: name, offset } = expect(tokens, 'name')
  if (reserved.has(name)) throw new SyntaxFailure(`can't assign to '${name}'`, offset)
  if (!skip(tokens, 'operator', '.')) return { kind: 'name', name }
  return { kind: 'member', of: name, name: expect(tokens, 'name').value, offset }
}

const reserved: ReadonlySet<string> = new Set(['true', 'false', 'none', 'True', 'False', 'None'])
