import { didYouMean } from '../../near.ts'
import { failure } from '../python/fail.ts'
import { iterate } from '../python/iterate.ts'
import { str } from '../python/print.ts'
import { Instance, isList, isTuple, Undefined } from '../python/values.ts'
import { compileExpression, type Known } from './compile-expression.ts'
import type { Execute, Frame, LoadedTemplate, RunningBlock, Unit } from './frame.ts'
import { act } from './located.ts'
import type { Expression, Statement } from './nodes.ts'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

/** `{% block %}`: the most derived one runs; in a template that extends another, the other decides. */
export function compileBlock(node: Of<'block'>): Execute {
  return act(node.offset, (frame, out) => {
    const { unit } = frame
    if (unit.parent) return
    runBlock(unit.blocks, node.name, 0, node.scoped ? frame : undefined, out)
  })
}

export function compileExtends(node: Of<'extends'>, known: Known): Execute {
  const find = compileLoad(node.template, known)
  return act(node.offset, (frame, out) => {
    if (frame.unit.parent) throw failure('value', 'extended multiple times')
    const loaded = find(frame, false)
    frame.unit.parent = loaded
    frame.unit.keptOutput = out.length
  })
}

export function compileInclude(node: Of<'include'>, known: Known): Execute {
  const find = compileLoad(node.template, known)
  return act(node.offset, (frame, out) => {
    find(frame, node.ignoreMissing)?.run(started(frame, node.withContext), out)
  })
}

export function compileImport(node: Of<'import'>, known: Known): Execute {
  const find = compileLoad(node.template, known)
  return act(node.offset, frame => {
    const names = find(frame, false)?.run(started(frame, node.withContext), [])
    const get = (name: string): unknown => names?.get(name)
    frame.names.set(node.as, new Instance({ type: 'TemplateModule', get }))
  })
}

export function compileFromImport(node: Of<'from-import'>, known: Known): Execute {
  const find = compileLoad(node.template, known)
  return act(node.offset, frame => {
    const found = find(frame, false)?.run(started(frame, node.withContext), [])
    for (const { name, as } of node.names) {
      const missing = new Undefined(`the imported template does not export '${name}'`, {
        name,
        hint: () => didYouMean(name, found?.keys() ?? []),
      })
      const value = found?.get(name)
      frame.names.set(as, value === undefined ? missing : value)
    }
  })
}

/** With context, the other template sees this one's names; without, not even the variables. */
function started(frame: Frame, withContext: boolean): { environment: Unit['environment']; outer: Frame | undefined } {
  const { environment } = frame.unit
  return withContext ? { environment, outer: frame } : { environment: environment.bare(), outer: undefined }
}

function compileLoad(node: Expression, known: Known): (frame: Frame, mayMiss: boolean) => LoadedTemplate | undefined {
  const evaluate = compileExpression(node, known)
  return (frame, mayMiss) => {
    const value = evaluate(frame)
    const names = isList(value) || isTuple(value) ? iterate(value).map(str) : [str(value)]
    const loaded = frame.unit.load(names)
    if (!loaded && !mayMiss) {
      const searched = frame.unit.environment.options.searchPath ?? []
      throw failure('not-found', `template not found: ${names.join(', ')}`, {
        hint: searched.length > 0 ? `searched in ${searched.join(', ')}` : undefined,
      })
    }
    return loaded
  }
}

/** Runs the block at one level of derivation, with `super` and `self`. */
function runBlock(blocks: Unit['blocks'], name: string, level: number, scope: Frame | undefined, out: string[]): void {
  const block = blocks.get(name)?.[level]
  if (!block)
    throw failure('value', level > 0 ? `there is no parent block called '${name}'` : `there is no block '${name}'`)
  if (block.required) throw failure('value', `the required block '${name}' is not overridden`)
  const capture = (of: string, at: number): string => {
    const text: string[] = []
    runBlock(blocks, of, at, scope, text)
    return text.join('')
  }
  const hasParent = (blocks.get(name)?.length ?? 0) > level + 1
  const names = new Map<string, unknown>([
    [
      'self',
      new Instance({ type: 'TemplateReference', get: of => (blocks.has(of) ? () => capture(of, 0) : undefined) }),
    ],
    [
      'super',
      hasParent
        ? () => capture(name, level + 1)
        : new Undefined(`there is no parent block called '${name}'`, { name: 'super' }),
    ],
  ])
  block.run({ names, parent: scope ?? topFrame(block), unit: block.unit }, out)
}

function topFrame({ unit }: RunningBlock): Frame {
  return { names: unit.top, parent: unit.outer, unit }
}
