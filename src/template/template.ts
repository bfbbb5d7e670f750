import type { Position } from '../errors.ts'

/**
 * Names that a template can read. Values are data: null, boolean, number (int when integral, else float), bigint (large ints),
 * string, arrays, plain objects (dict with string keys), Map (dict with other keys), and the classes of `values.ts`
 * (Float for floats with an integral value, Tuple).
 */
export interface Scope {
  /** The value, and whether strings in it are templates to be opened when read (true for what people wrote, false for what hosts said). Undefined: no such name. */
  get(name: string): { readonly value: unknown; readonly open: boolean; readonly at?: Position | undefined } | undefined
  /** All names, for near names in errors and for `vars`. */
  names(): Iterable<string>
}
