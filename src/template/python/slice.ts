import { valueFailure } from './fail.ts'
import { iterate } from './iterate.ts'
import { asInt } from './numbers.ts'
import { isTuple, tuple } from './values.ts'

/** Python's `value[start:stop:step]` of a text, list or tuple; JavaScript's undefined for what cannot be sliced. */
export function slice(value: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) return undefined
  const plain = typeof value === 'string' && !/[\ud800-\udfff]/.test(value)
  const items = plain ? value : iterate(value)
  const stride = bound(step) ?? 1
  if (stride === 0) throw valueFailure('slice step cannot be zero')
  const size = items.length
  const [from, to] = limits(size, bound(start), bound(stop), stride)
  if (plain && stride === 1) return value.slice(from, Math.max(from, to))
  const picked: unknown[] = []
  for (let i = from; stride > 0 ? i < to : i > to; i += stride) picked.push(items[i])
  if (typeof value === 'string') return picked.join('')
  return isTuple(value) ? tuple(picked) : picked
}

function bound(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : asInt(value, 'slice indices must be integers or None')
}

function limits(size: number, start: number | undefined, stop: number | undefined, step: number): [number, number] {
  const low = step > 0 ? 0 : -1
  const high = step > 0 ? size : size - 1
  const clamp = (n: number): number => Math.min(high, Math.max(low, n < 0 ? n + size : n))
  return [
    start === undefined ? (step > 0 ? low : high) : clamp(start),
    stop === undefined ? (step > 0 ? high : low) : clamp(stop),
  ]
}
