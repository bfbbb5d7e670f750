/** The type of a module's argument, in the words of Ansible's argument specifications. `path` is a string in which `~` is expanded on the host. */
export type ArgType = 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'path' | 'raw'

/** One argument of a module. */
export interface ArgSpec {
  readonly type: ArgType
  readonly doc: string
  readonly required?: boolean
  readonly default?: unknown
  readonly choices?: readonly (string | number | boolean)[]
  readonly aliases?: readonly string[]
  /** Type of the items of a list. */
  readonly elements?: ArgType
  /** Floats are given as objects whose `valueOf` is the number, so that 1.0 can be told from 1. */
  readonly exact?: boolean
  /** A secret: masked in events and logs. */
  readonly secret?: boolean
  /** Accepted, with no effect here: the reason is said in the docs. */
  readonly ignored?: string
  /** Known in Ansible but not supported here: a load error with this reason when it is given. */
  readonly unsupported?: string
}

export type ArgTable = { readonly [name: string]: ArgSpec }

type Base<A extends ArgSpec> = A extends { choices: readonly (infer C)[] }
  ? A['type'] extends 'list'
    ? readonly C[]
    : C
  : {
      str: string
      path: string
      int: number
      float: number
      bool: boolean
      list: readonly Element<A>[]
      dict: Readonly<Record<string, unknown>>
      raw: unknown
    }[A['type']]

type Element<A extends ArgSpec> = A extends { elements: infer E extends ArgType }
  ? {
      str: string
      path: string
      int: number
      float: number
      bool: boolean
      list: unknown
      dict: Readonly<Record<string, unknown>>
      raw: unknown
    }[E]
  : unknown

/** The arguments as a module receives them: aliases resolved, types coerced, defaults filled in. */
export type ArgsOf<T extends ArgTable> = {
  readonly [K in keyof T as T[K] extends { required: true } | { default: {} } ? K : never]: Base<T[K]>
} & {
  readonly [K in keyof T as T[K] extends { required: true } | { default: {} } ? never : K]?: Base<T[K]> | undefined
}
