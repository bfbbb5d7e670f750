import type { MlopsError, Position } from '../../errors.ts'

/** A Python float whose value is integral (3.0), which a JavaScript number cannot tell from an int. */
export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
  valueOf(): number {
    return this.value
  }
  toJSON(): number {
    return this.value
  }
}

/** A Python tuple: an array to everyone, but printed and compared as a tuple. */
export class Tuple extends Array<unknown> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** What `dict.items()`, `.keys()` and `.values()` give: iterable, but without index. */
export class DictView extends Tuple {}
export class DictItems extends DictView {}
export class DictKeys extends DictView {}
export class DictValues extends DictView {}

/** `range(start, stop, step)`: its items are made when they are asked for. */
export class Range {
  readonly start: number
  readonly stop: number
  readonly step: number
  constructor(start: number, stop: number, step: number) {
    this.start = start
    this.stop = stop
    this.step = step
  }
  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step))
  }
  items(): number[] {
    return Array.from({ length: this.length }, (_, i) => this.start + i * this.step)
  }
}

/** Python's `bytes`, as `str.encode` gives them. */
export class Bytes {
  readonly bytes: Buffer
  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

/** An object of a class of Python's or Jinja's: `loop`, a namespace, a date, an imported template. */
export class Instance {
  readonly type: string
  /** An attribute's value; JavaScript's undefined when there is none. */
  readonly get: (name: string) => unknown
  readonly text: () => string
  readonly call: Callable | undefined
  readonly set: ((name: string, value: unknown) => void) | undefined
  /** What it stands for, when it stands for something: milliseconds, seconds. */
  readonly value: number | undefined
  constructor(of: {
    type: string
    get: (name: string) => unknown
    text?: () => string
    call?: Callable
    set?: (name: string, value: unknown) => void
    value?: number
  }) {
    this.type = of.type
    this.get = of.get
    this.text = of.text ?? (() => `<${of.type} object>`)
    this.call = of.call
    this.set = of.set
    this.value = of.value
  }
}

/** The value of the variable `omit`: an argument that has it is left out. */
export class Omit {
  toString(): string {
    return 'omit'
  }
}

/** The only instance of `Omit`. */
export const omit = new Omit()

/** What is known of an undefined value beside its message; what costs time is made when the error is thrown. */
export interface Absence {
  /** The name that is missing, when there is one. */
  readonly name?: string | undefined
  readonly at?: (() => Position | undefined) | undefined
  readonly hint?: (() => string | undefined) | undefined
  /** The error that made it undefined: a variable whose template could not be opened. */
  readonly cause?: MlopsError | undefined
  /** What a condition without `else` is when it does not hold: false, and the empty text when printed. */
  readonly isEmpty?: true | undefined
}

/** A name, key or index that is not there: an error as soon as it is used. */
export class Undefined {
  readonly message: string
  readonly about: Absence
  constructor(message: string, about: Absence = {}) {
    this.message = message
    this.about = about
  }
}

/** Arguments by keyword. */
export type Keywords = Readonly<Record<string, unknown>>

/** Everything that a template can call: macros, methods, globals. */
export type Callable = (args: readonly unknown[], kwargs: Keywords) => unknown

/** A dict: a plain object when all keys are strings, a Map otherwise. */
export type Dict = Record<string, unknown> | Map<unknown, unknown>

export function isCallable(value: unknown): value is Callable {
  return typeof value === 'function'
}

export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && !(value instanceof Tuple)
}

/** Plain objects, Maps and proxies of them; not the classes of this file. */
export function isDict(value: unknown): value is Dict {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (value instanceof Map) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Int: integral number or bigint; booleans are ints too, as in Python. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
}

export function isFloat(value: unknown): value is number | Float {
  return value instanceof Float || (typeof value === 'number' && !Number.isInteger(value))
}

/** A float as a value: a bare number where JavaScript can tell, else a `Float`. */
export function float(n: number): number | Float {
  return Number.isInteger(n) ? new Float(n) : n
}

/** An int as a value: a number while it is exact, else a bigint. */
export function int(n: bigint): number | bigint {
  return n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n
}

export function tuple(items: Iterable<unknown>): Tuple {
  const result = new Tuple()
  for (const item of items) result.push(item)
  return result
}

export function isTuple(value: unknown): value is Tuple {
  return value instanceof Tuple && !(value instanceof DictView)
}

/** The number that a value is to Python (booleans are 0 and 1). */
export function numeric(value: unknown): number | bigint | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return value
    case 'boolean':
      return value ? 1 : 0
    default:
      return value instanceof Float ? Number(value) : undefined
  }
}
