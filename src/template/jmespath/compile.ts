import { equals } from '../python/dict.ts'
import { valueFailure } from '../python/fail.ts'
import { isList } from '../python/values.ts'
import { functionNamed, type Query } from './functions.ts'
import { type Token, tokens } from './tokens.ts'
import { compareNumbers, field, flat, isTrue, lists, sliced, valuesOf } from './values.ts'

/** How strongly a word binds what stands before it (the grammar of JMESPath, jmespath.org/specification.html). */
const power: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '[': 55,
}
/** What binds less ends a projection. */
const projectionEnd = 10

/** The query of a JMESPath expression. Throws for one that cannot be read. */
export function compile(text: string): Query {
  return new Compiler(text).whole()
}

const same: Query = value => value

class Compiler {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokens(text)
  }

  whole(): Query {
    const query = this.#expression(0)
    this.#take('end')
    return query
  }

  #expression(binding: number): Query {
    let left = this.#prefix()
    while (binding < (power[this.#kind()] ?? 0)) left = this.#infix(left)
    return left
  }

  #prefix(): Query {
    const token = this.#advance()
    switch (token.kind) {
      case 'literal':
        return () => token.value
      case 'name':
        return this.#kind() === '(' ? this.#call(String(token.value)) : field(String(token.value))
      case 'quoted':
        return field(String(token.value))
      case '@':
        return same
      case '*':
        return this.#values(same)
      case '!': {
        const query = this.#expression(45)
        return value => !isTrue(query(value))
      }
      case '(': {
        const query = this.#expression(0)
        this.#take(')')
        return query
      }
      case '{':
        return this.#hash()
      case '[?':
        return this.#filter(same)
      case '[]':
        return project(value => flat(value), this.#rest(9))
      case '[':
        return this.#bracket(same, true)
      default:
        throw this.#wrong(token)
    }
  }

  #infix(left: Query): Query {
    const { kind } = this.#advance()
    switch (kind) {
      case '.':
        if (this.#kind() === '*') {
          this.#advance()
          return this.#values(left)
        }
        return then(left, this.#behindDot(40))
      case '|':
        return then(left, this.#expression(1))
      case '||': {
        const right = this.#expression(2)
        return value => (isTrue(left(value)) ? left(value) : right(value))
      }
      case '&&': {
        const right = this.#expression(3)
        return value => (isTrue(left(value)) ? right(value) : left(value))
      }
      case '[?':
        return this.#filter(left)
      case '[]':
        return project(value => flat(left(value)), this.#rest(9))
      case '[':
        return this.#bracket(left, false)
      default: {
        const right = this.#expression(5)
        return value => compared(kind, left(value), right(value))
      }
    }
  }

  /** Behind `[`: an index, a slice, `*`, or, where nothing stands before it, a list of queries. */
  #bracket(left: Query, first: boolean): Query {
    if (this.#kind() === 'number' || this.#kind() === ':') return this.#index(left)
    if (this.#kind() === '*' && this.#tokens[this.#next + 1]?.kind === ']') {
      this.#next += 2
      return project(left, this.#rest(20))
    }
    if (first) return this.#list()
    throw this.#wrong(this.#advance())
  }

  #index(left: Query): Query {
    const parts: (number | undefined)[] = [undefined]
    for (let token = this.#advance(); token.kind !== ']'; token = this.#advance()) {
      if (token.kind === ':' && parts.length < 3) parts.push(undefined)
      else if (token.kind === 'number') parts[parts.length - 1] = Number(token.value)
      else throw this.#wrong(token)
    }
    const [start, end, step] = parts
    if (parts.length > 1) return project(value => sliced(left(value), start, end, step), this.#rest(20))
    return value => {
      const list = left(value)
      return isList(list) && start !== undefined ? (list.at(start) ?? null) : null
    }
  }

  #values(left: Query): Query {
    return project(value => valuesOf(left(value)), this.#kind() === ']' ? same : this.#rest(20))
  }

  #filter(left: Query): Query {
    const condition = this.#expression(0)
    this.#take(']')
    const right = this.#kind() === '[]' ? same : this.#rest(21)
    return project(value => lists(left(value))?.filter(item => isTrue(condition(item))) ?? null, right)
  }

  /** What each item of a projection goes through. */
  #rest(binding: number): Query {
    const kind = this.#kind()
    if ((power[kind] ?? 0) < projectionEnd) return same
    if (kind === '[' || kind === '[?') return this.#tail(binding)
    this.#take('.')
    return this.#behindDot(binding)
  }

  /** An expression that goes on from the item itself, as `[0]` and `[?…]` do. */
  #tail(binding: number): Query {
    let left: Query = this.#infix(same)
    while (binding < (power[this.#kind()] ?? 0)) left = this.#infix(left)
    return left
  }

  #behindDot(binding: number): Query {
    const kind = this.#kind()
    if (kind === 'name' || kind === 'quoted' || kind === '*') return this.#expression(binding)
    const token = this.#advance()
    if (kind === '[') return this.#list()
    if (kind === '{') return this.#hash()
    throw this.#wrong(token)
  }

  #list(): Query {
    const queries = this.#commas(']', () => this.#expression(0))
    return value => (value === null ? null : queries.map(query => query(value)))
  }

  #hash(): Query {
    const pairs = this.#commas('}', () => {
      const key = this.#advance()
      if (key.kind !== 'name' && key.kind !== 'quoted') throw this.#wrong(key)
      this.#take(':')
      return [String(key.value), this.#expression(0)] as const
    })
    return value => (value === null ? null : Object.fromEntries(pairs.map(([key, query]) => [key, query(value)])))
  }

  #call(name: string): Query {
    const run = functionNamed(name)
    this.#take('(')
    const args = this.#commas(')', () => {
      if (this.#kind() !== '&') return { query: this.#expression(0), reference: false }
      this.#advance()
      return { query: this.#expression(60), reference: true }
    })
    return value => run(args.map(({ query, reference }) => (reference ? query : query(value))))
  }

  #commas<T>(close: string, read: () => T): T[] {
    const found: T[] = []
    while (this.#kind() !== close) {
      if (found.length > 0) this.#take(',')
      found.push(read())
    }
    this.#advance()
    return found
  }

  #kind(): string {
    return this.#tokens[this.#next]?.kind ?? 'end'
  }

  #advance(): Token {
    const token = this.#tokens[this.#next]
    this.#next += 1
    return token ?? { kind: 'end', value: undefined, at: this.#text.length }
  }

  #take(kind: string): void {
    const token = this.#advance()
    if (token.kind !== kind) throw this.#wrong(token)
  }

  #wrong({ kind, at }: Token): Error {
    const where = kind === 'end' ? 'ends too early' : `cannot be read at its character ${at + 1}`
    return valueFailure(`json_query: \`${this.#text}\` ${where}`)
  }
}

function then(left: Query, right: Query): Query {
  return value => {
    const found = left(value)
    return found === null ? right(null) : right(found)
  }
}

/** `right` of each item of the list that `left` gives, without those that are null. */
function project(left: Query, right: Query): Query {
  return value =>
    lists(left(value))
      ?.map(right)
      .filter(item => item !== null) ?? null
}

function compared(sign: string, a: unknown, b: unknown): boolean | null {
  if (sign === '==') return equals(a, b) && (typeof a === 'boolean') === (typeof b === 'boolean')
  if (sign === '!=') return compared('==', a, b) !== true
  return compareNumbers(sign, a, b)
}
