import type { State } from '../modules/module.ts'

type Same = { readonly [key: string]: ((is: never, want: never) => boolean) | undefined }

/**
 * The keys in which `is` differs from `want`. Keys that `want` leaves out (or gives as undefined) do not count.
 * `presence` stands for a whole state that is missing, or that should be.
 */
export function differing(is: State | undefined, want: Partial<State> | undefined, same: Same = {}): string[] {
  if (want === undefined) return is === undefined ? [] : ['presence']
  if (is === undefined) return ['presence']
  return Object.keys(want).filter(key => {
    const wanted = want[key]
    if (wanted === undefined) return false
    const compare = same[key] as ((is: unknown, want: unknown) => boolean) | undefined // typed per module, erased in the registry
    return compare ? !compare(is[key], wanted) : !equal(is[key], wanted)
  })
}

/** Deep equality of plain data. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]))
  }
  const left = Object.entries(a)
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(b, key) && equal(value, Reflect.get(b, key)))
  )
}
