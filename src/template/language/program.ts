import { compileExpression, compileOpen, type Known } from './compile-expression.ts'
import { compileBody, compileStatement } from './compile-statement.ts'
import type { Evaluate, Execute, Frame, LoadedTemplate, RunningBlock, Start, Unit } from './frame.ts'
import type { Reading } from './lexer.ts'
import { truthAt } from './located.ts'
import { namesSet, visit } from './names.ts'
import type { Expression, Statement } from './nodes.ts'
import { parseBare, parseTemplate } from './parse.ts'
import type { Source } from './place.ts'

/** A template that was read and compiled once. */
export interface Program {
  readonly statements: readonly Statement[]
  readonly run: Execute
  /** Gives a value instead of text, when the template is one expression (or a condition between such). */
  readonly native: Evaluate | undefined
  readonly blocks: ReadonlyMap<string, { readonly run: Execute; readonly required: boolean }>
  /** It calls methods that change lists or dicts, so it must not get the originals. */
  readonly changes: boolean
}

/** A bare expression, compiled. */
export interface BareProgram {
  readonly expression: Expression
  readonly evaluate: Evaluate
  readonly changes: boolean
}

export type FiltersAndTests = Omit<Known, 'names'>

/** Throws `SyntaxFailure`. */
export function compileTemplate(text: string, reading: Reading, plugins: FiltersAndTests): Program {
  const statements = parseTemplate(text, reading)
  const known: Known = { ...plugins, names: namesSet(statements) }
  const blocks = new Map<string, { run: Execute; required: boolean }>()
  let changes = false
  visit(statements, {
    statement: node => {
      if (node.kind === 'block') blocks.set(node.name, { run: compileBody(node.body, known), required: node.required })
    },
    expression: node => {
      changes ||= isChange(node)
    },
  })
  return { statements, run: compileBody(statements, known), native: compileNative(statements, known), blocks, changes }
}

/** Throws `SyntaxFailure`. */
export function compileBare(
  text: string,
  reading: Pick<Reading, 'backslashes'>,
  plugins: FiltersAndTests,
): BareProgram {
  const expression = parseBare(text, reading)
  const output: Statement = { kind: 'output', expression, offset: 0 }
  let changes = false
  visit([output], {
    expression: node => {
      changes ||= isChange(node)
    },
  })
  return { expression, evaluate: compileOpen(expression, { ...plugins, names: namesSet([output]) }), changes }
}

/** The frame that a program starts in. */
export function begin(
  program: Pick<Program, 'blocks'> | undefined,
  source: Source,
  load: Unit['load'],
  { environment, outer, blocks, top }: Start,
): Frame {
  const unit: Unit = {
    source,
    environment,
    borrows: outer !== undefined || blocks !== undefined,
    outer,
    blocks: blocks ?? new Map<string, RunningBlock[]>(),
    top: top ?? new Map<string, unknown>(),
    load,
    parent: undefined,
    keptOutput: 0,
  }
  for (const [name, { run, required }] of program?.blocks ?? []) {
    const others = unit.blocks.get(name) ?? []
    // A block that is overridden need not be, whatever it says.
    unit.blocks.set(name, [...others, { unit, run, required: required && others.length === 0 }])
  }
  return { names: unit.top, parent: outer, unit }
}

/** Runs a program as text, and after it the template that it extends. */
export function runText(program: Program, frame: Frame, out: string[]): void {
  const { unit } = frame
  program.run(frame, out)
  const parent: LoadedTemplate | undefined = unit.parent
  if (!parent) return
  out.length = unit.keptOutput
  parent.run({ environment: unit.environment, outer: unit.outer, blocks: unit.blocks, top: unit.top }, out)
}

const silent: ReadonlySet<Statement['kind']> = new Set([
  'set',
  'set-block',
  'do',
  'macro',
  'import',
  'from-import',
  'break',
  'continue',
])

/** Whether a statement writes nothing, whatever it comes to: also a loop that only fills a list. */
function isSilent(node: Statement): boolean {
  switch (node.kind) {
    case 'for':
      return [...node.body, ...node.otherwise].every(isSilent)
    case 'if':
      return [...node.branches.flatMap(({ body }) => body), ...node.otherwise].every(isSilent)
    case 'with':
      return node.body.every(isSilent)
    default:
      return silent.has(node.kind)
  }
}

/** One visible statement that is an expression, or an `if` whose branches are such: its value, not its text. */
function compileNative(statements: readonly Statement[], known: Known): Evaluate | undefined {
  const visible = statements.filter(node => !isSilent(node))
  const [only] = visible
  if (visible.length !== 1 || (only?.kind !== 'output' && only?.kind !== 'if')) return undefined
  const steps = statements.map(node => (node === only ? undefined : compileStatement(node, known)))
  const value = only.kind === 'output' ? compileExpression(only.expression, known) : compileNativeIf(only, known)
  if (steps.length === 1) return value
  return frame => {
    let result: unknown
    for (const step of steps) {
      if (step) step(frame, [])
      else result = value(frame)
    }
    return result
  }
}

function compileNativeIf(node: Extract<Statement, { kind: 'if' }>, known: Known): Evaluate {
  const branch = (body: readonly Statement[]): Evaluate => {
    const run = compileBody(body, known)
    const text: Evaluate = frame => {
      const out: string[] = []
      run(frame, out)
      return out.join('')
    }
    return compileNative(body, known) ?? text
  }
  let otherwise = branch(node.otherwise)
  for (const { test, body } of node.branches.toReversed()) {
    const [holds, yes, no] = [compileExpression(test, known), branch(body), otherwise]
    otherwise = condition(holds, yes, no, test.offset)
  }
  return otherwise
}

function condition(holds: Evaluate, yes: Evaluate, no: Evaluate, offset: number): Evaluate {
  return frame => (truthAt(holds(frame), frame, offset) ? yes(frame) : no(frame))
}

const changing: ReadonlySet<string> = new Set([
  'append',
  'extend',
  'insert',
  'pop',
  'remove',
  'clear',
  'reverse',
  'sort',
  'update',
  'popitem',
  'setdefault',
])

function isChange(node: Expression): boolean {
  return node.kind === 'call' && node.of.kind === 'attribute' && changing.has(node.of.name)
}
