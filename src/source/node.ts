import type { Position } from '../errors.ts'
import { isFloat } from './float.ts'
import type { SourceText } from './text.ts'

/** A value of a YAML file that knows where it stands. */
export type SourceNode = MapNode | SeqNode | ScalarNode

/** One YAML document of a file. An empty document's root is a null scalar. */
export interface SourceDocument {
  readonly file: string
  readonly root: SourceNode
  readonly warnings: readonly SourceWarning[]
}

/** Something that is not wrong but probably not meant. */
export interface SourceWarning {
  readonly message: string
  readonly at: Position
}

export interface Entry {
  readonly key: ScalarNode
  readonly value: SourceNode
}

/** A string, number, boolean or null. */
export class ScalarNode {
  readonly kind = 'scalar'
  readonly value: unknown
  readonly style: 'plain' | 'quoted' | 'block'
  readonly #source: SourceText
  readonly #start: number
  readonly #end: number

  constructor(
    value: unknown,
    { source, start, end, style }: { source: SourceText; start: number; end: number; style: ScalarNode['style'] },
  ) {
    this.value = value
    this.style = style
    this.#source = source
    this.#start = start
    this.#end = end
  }

  get at(): Position {
    return this.#source.position(this.#start, this.#end)
  }

  /** Where the text itself begins: behind the quote, or in the first line of a block. */
  get contentAt(): Position {
    if (this.style === 'plain') return this.at
    if (this.style === 'quoted') return this.#source.position(this.#start + 1, Math.max(this.#start + 2, this.#end - 1))
    const lineEnd = this.#source.text.indexOf('\n', this.#start)
    if (lineEnd === -1 || lineEnd >= this.#end) return this.at
    const indent = this.#source.text.slice(lineEnd + 1, this.#end).search(/[^\s]/)
    return indent === -1 ? this.at : this.#source.position(lineEnd + 1 + indent, this.#end)
  }

  /** The scalar's characters in the file, quotes and all. */
  get sourceText(): string {
    return this.#source.text.slice(this.#start, this.#end)
  }

  /** The place to give to templates: they find their own lines in a block from where it begins. */
  get templateAt(): Position {
    return this.style === 'block' ? this.at : this.contentAt
  }

  /** Where the characters of a text value from `offset` on are written; the scalar's own place when that cannot be told. */
  locate(offset: number, length = 1): Position {
    const start = this.#offsetOf(offset)
    return start === undefined ? this.at : this.#source.position(start, start + length)
  }

  /** Follows value and source side by side over folded lines, indentation and the common escapes. */
  #offsetOf(offset: number): number | undefined {
    if (typeof this.value !== 'string') return undefined
    const { text } = this.#source
    const content = this.contentAt
    let i = this.#source.offset(content.line, content.column)
    const indent = ' '.repeat(content.column - 1)
    for (let v = 0; v < offset; v++) {
      const is = text[i]
      const want = this.value[v]
      const fold = this.style === 'block' ? undefined : /\s*\n\s*/y
      if (fold) fold.lastIndex = i
      if (fold?.test(text)) i = fold.lastIndex
      else if (is === want) i += is === "'" && text[i + 1] === "'" && text[this.#start] === "'" ? 2 : 1
      else if (is === '\\' && (text[i + 1] === want || (text[i + 1] === 'n' && want === '\n'))) i += 2
      else if (is === '\n' && want === ' ') i += 1
      else return undefined
      if (this.style === 'block' && text[i - 1] === '\n' && text.startsWith(indent, i)) i += indent.length
    }
    return i < this.#end ? i : undefined
  }
}

/** A mapping. Merge keys (`<<`) are resolved, and of a key given twice the last one is kept. */
export class MapNode {
  readonly kind = 'map'
  readonly entries: readonly Entry[]
  readonly #source: SourceText
  readonly #start: number
  readonly #end: number
  #byName: ReadonlyMap<string, Entry> | undefined

  constructor(entries: readonly Entry[], { source, start, end }: { source: SourceText; start: number; end: number }) {
    this.entries = entries
    this.#source = source
    this.#start = start
    this.#end = end
  }

  get at(): Position {
    return this.#source.position(this.#start, this.#end)
  }

  /** The value of a key, by the key's text. */
  get(name: string): SourceNode | undefined {
    return this.entry(name)?.value
  }

  entry(name: string): Entry | undefined {
    if (this.entries.length <= FEW) return lastOf(this.entries, name)
    this.#byName ??= new Map(this.entries.map(entry => [keyText(entry.key), entry]))
    return this.#byName.get(name)
  }
}

/** Entries that are looked through sooner than an index of them is made. */
const FEW = 8

function lastOf(entries: readonly Entry[], name: string): Entry | undefined {
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]
    if (entry && keyText(entry.key) === name) return entry
  }
  return undefined
}

/** A sequence. */
export class SeqNode {
  readonly kind = 'seq'
  readonly items: readonly SourceNode[]
  readonly #source: SourceText
  readonly #start: number
  readonly #end: number

  constructor(
    items: readonly SourceNode[],
    { source, start, end }: { source: SourceText; start: number; end: number },
  ) {
    this.items = items
    this.#source = source
    this.#start = start
    this.#end = end
  }

  get at(): Position {
    return this.#source.position(this.#start, this.#end)
  }
}

/** A key as text: `yes` as a key is `true`, `80` is `80`. */
export function keyText(key: ScalarNode): string {
  return typeof key.value === 'string' ? key.value : isFloat(key.value) ? key.sourceText : String(key.value)
}

/** The value without places: plain objects for mappings whose keys are all strings, else a `Map`; integers beyond 2^53 are bigints. */
export function data(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'seq') return node.items.map(data)
  if (node.entries.every(({ key }) => typeof key.value === 'string')) {
    return record(node.entries.map(({ key, value }) => [keyText(key), data(value)]))
  }
  return new Map(node.entries.map(({ key, value }) => [key.value, data(value)]))
}

/** The value as JSON knows it: all keys are text, all numbers are JavaScript's. */
export function json(node: SourceNode): unknown {
  if (node.kind === 'seq') return node.items.map(json)
  if (node.kind === 'map') return record(node.entries.map(({ key, value }) => [keyText(key), json(value)]))
  if (isFloat(node.value) || typeof node.value === 'bigint') return Number(node.value)
  return node.value
}

/** The node at a path of keys and indexes, or undefined. */
export function at(node: SourceNode, path: readonly (string | number)[]): SourceNode | undefined {
  let current: SourceNode | undefined = node
  for (const step of path) {
    if (current?.kind === 'map') current = current.get(String(step))
    else if (current?.kind === 'seq') current = current.items[Number(step)]
    else return undefined
  }
  return current
}

/** A plain object in which `__proto__` is a key like any other. */
function record(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries)
}
