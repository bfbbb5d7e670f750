import { defined, failure, typeFailure } from './fail.ts'
import { formatPercent } from './format-percent.ts'
import { type Arithmetic, arithmetic } from './numbers.ts'
import { typeName } from './types.ts'
import { Instance, isInt, isList, isTuple, tuple } from './values.ts'

/** Longest text or list that `*` may make. */
const longest = 50_000_000

/** Python's binary operators, for all types. */
export function operate(operator: Arithmetic, a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number' && operator === '+') {
    const sum = a + b
    if (Number.isSafeInteger(sum) && Number.isInteger(a) && Number.isInteger(b)) return sum
  }
  const result = arithmetic(operator, a, b)
  if (result !== undefined) return result
  defined(a)
  if (operator === '%' && typeof a === 'string') return formatPercent(a, b)
  defined(b)
  return (
    (operator === '+' ? add(a, b) : operator === '*' ? repeat(a, b) : subtract(operator, a, b)) ?? fail(operator, a, b)
  )
}

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'string') {
    if (typeof b === 'string') return a + b
    throw typeFailure(`can only concatenate str (not "${typeName(b)}") to str`)
  }
  if (isList(a)) {
    if (isList(b)) return [...a, ...b]
    throw typeFailure(`can only concatenate list (not "${typeName(b)}") to list`)
  }
  if (isTuple(a)) {
    if (isTuple(b)) return tuple([...a, ...b])
    throw typeFailure(`can only concatenate tuple (not "${typeName(b)}") to tuple`)
  }
  return ofInstance('__add__', a, b)
}

function subtract(operator: Arithmetic, a: unknown, b: unknown): unknown {
  return operator === '-' ? ofInstance('__sub__', a, b) : undefined
}

function ofInstance(method: string, a: unknown, b: unknown): unknown {
  if (!(a instanceof Instance)) return undefined
  const call = a.get(method)
  return typeof call === 'function' ? call([b], {}) : undefined
}

function repeat(a: unknown, b: unknown): unknown {
  const [what, times] = isInt(b) || typeof b === 'boolean' ? [a, b] : [b, a]
  if (!isInt(times) && typeof times !== 'boolean') return undefined
  const count = Math.max(0, Number(times))
  if (typeof what === 'string') {
    if (what.length * count > longest) throw failure('limit', 'the repeated text would be too long')
    return what.repeat(count)
  }
  if (!isList(what) && !isTuple(what)) return undefined
  if (what.length * count > longest) throw failure('limit', 'the repeated list would be too long')
  const items = Array.from({ length: what.length * count }, (_, i) => what[i % what.length])
  return isTuple(what) ? tuple(items) : items
}

function fail(operator: string, a: unknown, b: unknown): never {
  throw typeFailure(`unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`)
}
