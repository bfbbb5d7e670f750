import { didYouMean } from '../../near.ts'
import type { Filter, Test } from '../environment.ts'
import { attribute, item } from '../python/attributes.ts'
import { contains, order } from '../python/compare.ts'
import { dictOf, equals } from '../python/dict.ts'
import { defined, typeFailure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'
import { negate } from '../python/numbers.ts'
import { operate } from '../python/operators.ts'
import { str } from '../python/print.ts'
import { slice } from '../python/slice.ts'
import { typeName } from '../python/types.ts'
import { numeric, tuple, Undefined } from '../python/values.ts'
import { call, compileArguments, compilePlugin, type Part } from './compile-call.ts'
import { type Evaluate, own } from './frame.ts'
import { at, placed, truthAt } from './located.ts'
import type { Comparison, Expression } from './nodes.ts'
import { place } from './place.ts'

/** What the compiler knows: the filters and tests there are, and the names that the template sets itself. */
export interface Known {
  readonly filter: (name: string) => Filter | undefined
  readonly test: (name: string) => Test | undefined
  readonly unknownFilter: (name: string) => Error
  readonly unknownTest: (name: string) => Error
  readonly names: ReadonlySet<string>
}

/** Turns an expression into a function of the frame it is evaluated in. */
export function compileExpression(node: Expression, known: Known): Evaluate {
  const evaluate = compileOpen(node, known)
  if (node.kind !== 'condition' || node.no) return evaluate
  return frame => {
    const value = evaluate(frame)
    return value instanceof Undefined && value.about.isEmpty ? '' : value
  }
}

/**
 * As `compileExpression`, but a condition without `else` that does not hold is undefined, not yet the empty text as which
 * Jinja2 prints it, whatever becomes of other undefined values: `default` and `is defined` want to know.
 */
export function compileOpen(node: Expression, known: Known): Evaluate {
  const part = (one: Expression): Evaluate => compileExpression(one, known)
  switch (node.kind) {
    case 'constant': {
      const { value } = node
      return () => value
    }
    case 'name':
      return compileName(node.name, node.offset, known.names.has(node.name))
    case 'list': {
      const items = node.items.map(part)
      return frame => items.map(evaluate => evaluate(frame))
    }
    case 'tuple': {
      const items = node.items.map(part)
      return frame => tuple(items.map(evaluate => evaluate(frame)))
    }
    case 'dict': {
      const pairs = node.pairs.map(([key, value]) => [part(key), part(value)] as const)
      return at(node.offset, frame => dictOf(pairs.map(([key, value]) => [key(frame), value(frame)] as const)))
    }
    case 'condition':
      return compileCondition(node, part)
    case 'and': {
      const [left, right, { offset }] = [part(node.left), part(node.right), node.left]
      return frame => {
        const value = left(frame)
        return truthAt(value, frame, offset) ? right(frame) : value
      }
    }
    case 'or': {
      const [left, right, { offset }] = [part(node.left), part(node.right), node.left]
      return frame => {
        const value = left(frame)
        return truthAt(value, frame, offset) ? value : right(frame)
      }
    }
    case 'not': {
      const operand = part(node.operand)
      return at(node.offset, frame => !truth(operand(frame)))
    }
    case 'negative': {
      const operand = part(node.operand)
      return at(node.offset, frame => negate(defined(operand(frame))))
    }
    case 'positive': {
      const operand = part(node.operand)
      return at(node.offset, frame => positive(operand(frame)))
    }
    case 'compare':
      return compileCompare(node.first, node.rest, node.offset, part)
    case 'binary': {
      const [left, right, { operator }] = [part(node.left), part(node.right), node]
      return at(node.offset, frame => operate(operator, left(frame), right(frame)))
    }
    case 'concat': {
      const parts = node.parts.map(part)
      return at(node.offset, frame => parts.map(evaluate => str(evaluate(frame))).join(''))
    }
    case 'attribute': {
      const [of, { name, offset }] = [compileOpen(node.of, known), node]
      return frame => placed(attribute(of(frame), name), frame, offset)
    }
    case 'item': {
      const [of, key, { offset }] = [compileOpen(node.of, known), part(node.key), node]
      return at(offset, frame => placed(item(of(frame), key(frame)), frame, offset))
    }
    case 'slice':
      return compileSlice(node, part)
    case 'call': {
      const [of, args] = [part(node.of), compileArguments(node.args, part)]
      return at(node.offset, frame => {
        const callee = of(frame)
        return call(callee, args.positional(frame), args.named(frame))
      })
    }
    case 'filter': {
      const filter = known.filter(node.name)
      if (!filter) return fails(node.offset, () => known.unknownFilter(node.name))
      return compilePlugin(node, filter, ofPlugin(node, known), part)
    }
    case 'test': {
      const test = known.test(node.name)
      if (!test) return fails(node.offset, () => known.unknownTest(node.name))
      return compilePlugin(node, test, ofPlugin(node, known), part)
    }
  }
}

/** Filters and tests that want to know of what is not there. */
const ofAbsence = new Set(['d', 'default', 'mandatory', 'defined', 'undefined'])

function ofPlugin({ of, name }: { readonly of: Expression; readonly name: string }, known: Known): Evaluate {
  const bare = name.replace(/^ansible\.builtin\./, '')
  return ofAbsence.has(bare) ? compileOpen(of, known) : compileExpression(of, known)
}

function compileName(name: string, offset: number, isOwn: boolean): Evaluate {
  return frame => {
    const { unit } = frame
    const inner = isOwn || unit.borrows ? own(frame, name) : undefined
    // a name of the template's own may hold None, which is a value
    const value = inner === undefined ? unit.environment.read(name) : inner
    if (value !== undefined) return value instanceof Undefined ? placed(value, frame, offset) : value
    return new Undefined(`'${name}' is undefined`, {
      name,
      at: () => place(unit.source, offset),
      hint: () => didYouMean(name, unit.environment.names()),
    })
  }
}

function compileCondition(node: Extract<Expression, { kind: 'condition' }>, part: Part): Evaluate {
  const [test, yes, no] = [part(node.test), part(node.yes), node.no && part(node.no)]
  const { offset } = node
  return frame => {
    if (truthAt(test(frame), frame, node.test.offset)) return yes(frame)
    if (no) return no(frame)
    return new Undefined('the inline if-expression evaluated to false and no else section was defined', {
      isEmpty: true,
      at: () => place(frame.unit.source, offset),
    })
  }
}

function compileCompare(first: Expression, rest: readonly Comparison[], offset: number, part: Part): Evaluate {
  const start = part(first)
  const steps = rest.map(({ operator, operand }) => ({ operator, operand: part(operand) }))
  return at(offset, frame => {
    let left = start(frame)
    for (const { operator, operand } of steps) {
      const right = operand(frame)
      if (!compare(operator, left, right)) return false
      left = right
    }
    return true
  })
}

function compare(operator: Comparison['operator'], a: unknown, b: unknown): boolean {
  switch (operator) {
    case '==':
      return equals(a, b)
    case '!=':
      return !equals(a, b)
    case 'in':
      return contains(b, defined(a))
    case 'not in':
      return !contains(b, defined(a))
    case '<':
      return order(a, b, operator) < 0
    case '<=':
      return order(a, b, operator) <= 0
    case '>':
      return order(a, b, operator) > 0
    case '>=':
      return order(a, b, operator) >= 0
  }
}

function compileSlice(node: Extract<Expression, { kind: 'slice' }>, part: Part): Evaluate {
  const { offset } = node
  const of = part(node.of)
  const [start, stop, step] = [node.start, node.stop, node.step].map(one => one && part(one))
  return at(offset, frame => {
    const value = of(frame)
    if (value instanceof Undefined) return value
    const result = slice(value, start?.(frame), stop?.(frame), step?.(frame))
    return (
      result ??
      new Undefined(`${typeName(value)} object cannot be sliced`, { at: () => place(frame.unit.source, offset) })
    )
  })
}

function positive(value: unknown): unknown {
  const n = numeric(defined(value))
  if (n === undefined) throw typeFailure(`bad operand type for unary +: '${typeName(value)}'`)
  return typeof value === 'boolean' ? n : value
}

function fails(offset: number, error: () => Error): Evaluate {
  return at(offset, () => {
    throw error()
  })
}
