import { isUtf8 } from 'node:buffer'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { MlopsError, throwAll } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { vaultTemplate } from '../vault/value.ts'
import { parseLoosely } from './loosely.ts'
import { type Entry, keyText, MapNode, ScalarNode, SeqNode, type SourceDocument, type SourceNode } from './node.ts'
import { plainScalar } from './scalars.ts'
import { syntaxErrors } from './syntax-errors.ts'
import type { SourceText } from './text.ts'

/**
 * Reads every YAML there is, with tags, anchors and merge keys, and tells several syntax errors at once. Slow: 0.4 ms a kilobyte.
 * Throws `source.*` errors.
 */
export function parseCarefully(source: SourceText): readonly SourceDocument[] {
  const documents = parseLoosely(source.text)
  throwAll(syntaxErrors(documents, source))
  const converted = documents.map(document => new Converter(source).convert(document))
  throwAll(converted.flatMap(document => document.errors))
  return converted
}

const knownTags = ['!vault', '!unsafe', '!!str', '!!int', '!!float', '!!bool', '!!null', '!!map', '!!seq', '!!binary']
const standardTag = /^tag:yaml\.org,2002:/
/** Aliases may repeat a document's nodes so often, in all. */
const maxAliasedNodes = 100_000

class Converter {
  readonly #source: SourceText
  readonly #errors: MlopsError[] = []
  readonly #warnings: { message: string; at: SourceNode['at'] }[] = []
  readonly #anchors = new Map<string, { node: SourceNode; size: number } | 'open'>()
  #size = 0
  #aliased = 0
  #unsafe = 0

  constructor(source: SourceText) {
    this.#source = source
  }

  convert(document: Document.Parsed): SourceDocument & { errors: readonly MlopsError[] } {
    const root = this.#node(document.contents, document.range[0])
    return { file: this.#source.file, root, warnings: this.#warnings, errors: this.#errors }
  }

  #node(node: ParsedNode | null, offset: number): SourceNode {
    if (node === null) return this.#scalar(null, offset, offset, 'plain')
    if (isAlias(node)) return this.#alias(node.source, node.range[0], node.range[1])
    const { anchor } = node
    const sizeBefore = this.#size
    if (anchor) this.#anchors.set(anchor, 'open')
    const unsafe = node.tag === '!unsafe'
    if (unsafe) this.#unsafe += 1
    const result = isMap(node) ? this.#map(node) : isSeq(node) ? this.#seq(node) : this.#leaf(node)
    if (unsafe) this.#unsafe -= 1
    this.#size += 1
    if (anchor) this.#anchors.set(anchor, { node: result, size: this.#size - sizeBefore })
    return result
  }

  #alias(name: string, start: number, end: number): SourceNode {
    const target = this.#anchors.get(name)
    if (target === undefined) {
      const hint = didYouMean(name, this.#anchors.keys())
      this.#error('source.alias', `there is no anchor \`&${name}\` before this alias`, start, end, hint)
    } else if (target === 'open') {
      this.#error('source.alias', `the alias \`*${name}\` stands inside of what it refers to`, start, end)
    } else {
      this.#aliased += target.size
      this.#size += target.size
      if (this.#aliased <= maxAliasedNodes) return target.node
      if (this.#aliased - target.size <= maxAliasedNodes) {
        this.#error('source.alias', 'the aliases of this file repeat too much', start, end)
      }
    }
    return this.#scalar(null, start, end, 'plain')
  }

  #map(node: YAMLMap.Parsed): SourceNode {
    const [start, end] = node.range
    const entries = new Map<string, Entry>()
    const merged: SourceNode[] = []
    this.#checkTag(node, 'map')
    for (const { key, value } of node.items) {
      const keyOffset = key?.range[0] ?? start
      const valueNode = this.#node(value, key?.range[1] ?? start)
      if (key !== null && !isScalar(key) && !isAlias(key)) {
        this.#collectionKey(key)
        continue
      }
      const keyNode = this.#node(key, keyOffset)
      if (keyNode.kind !== 'scalar') continue
      if (keyNode.style === 'plain' && keyNode.value === '<<') merged.push(valueNode)
      else this.#put(entries, { key: keyNode, value: valueNode })
    }
    for (const other of merged) this.#merge(entries, other)
    return new MapNode([...entries.values()], { source: this.#source, start, end })
  }

  #put(entries: Map<string, Entry>, entry: Entry): void {
    const id = `${typeof entry.key.value} ${keyText(entry.key)}`
    if (entries.has(id)) {
      const name = keyText(entry.key)
      this.#warnings.push({ message: `the key \`${name}\` is given twice; the last one counts`, at: entry.key.at })
    }
    entries.set(id, entry)
  }

  #merge(entries: Map<string, Entry>, other: SourceNode): void {
    const sources = other.kind === 'seq' ? other.items : [other]
    for (const map of sources) {
      if (map.kind !== 'map') {
        this.#errors.push(
          new MlopsError('source.merge', '`<<` takes a mapping or a list of mappings', { at: other.at }),
        )
        return
      }
      for (const entry of map.entries) {
        const id = `${typeof entry.key.value} ${keyText(entry.key)}`
        if (!entries.has(id)) entries.set(id, entry)
      }
    }
  }

  #seq(node: YAMLSeq.Parsed): SourceNode {
    const [start, end] = node.range
    this.#checkTag(node, 'seq')
    // a parsed sequence holds pairs only inside a flow collection (`[a: 1]`), as maps already
    const items = node.items.map(item => this.#node(item as ParsedNode, start))
    return new SeqNode(items, { source: this.#source, start, end })
  }

  #leaf(node: Scalar.Parsed): SourceNode {
    const [start, end] = node.range
    const style =
      node.type === 'PLAIN' || node.type === undefined ? 'plain' : node.type.startsWith('BLOCK') ? 'block' : 'quoted'
    return this.#scalar(this.#value(node, style), start, end, style)
  }

  #value(node: Scalar.Parsed, style: ScalarNode['style']): unknown {
    const text = String(node.value ?? '')
    const tag = node.tag?.replace(standardTag, '!!')
    if (tag === '!vault') return vaultTemplate(text)
    if (tag === '!unsafe' || this.#unsafe > 0) {
      const value = style === 'plain' && tag !== '!unsafe' ? plainScalar(text) : text
      return typeof value === 'string' ? literalTemplate(value) : value
    }
    if (tag === undefined) return style === 'plain' ? plainScalar(text) : text
    if (tag === '!' || tag === '!!str') return text
    if (tag === '!!binary') return binaryText(node.source)
    this.#checkTag(node, 'scalar')
    return plainScalar(text)
  }

  #checkTag(node: ParsedNode, kind: SourceNode['kind']): void {
    const tag = 'tag' in node ? node.tag?.replace(standardTag, '!!') : undefined
    if (tag === undefined || tag === '!unsafe' || tag === `!!${kind}`) return
    if (kind === 'scalar' && knownTags.includes(tag)) return
    const start = this.#source.text.lastIndexOf('!', node.range[0])
    const hint = didYouMean(tag, knownTags) ?? 'known tags are `!vault` and `!unsafe`'
    this.#error('source.tag', `unknown tag \`${tag}\``, Math.max(start, 0), Math.max(start, 0) + tag.length, hint)
  }

  /** `{{ x }}` without quotes is, to YAML, a mapping whose key is a mapping. */
  #collectionKey(key: ParsedNode): void {
    const [start, end] = key.range
    const inBraces = this.#source.text[start - 1] === '{' && this.#source.text[start] === '{'
    if (!inBraces) {
      this.#error('source.key', 'a mapping or list cannot be a key', start, end)
      return
    }
    const close = this.#source.text.indexOf('}}', start)
    this.#error(
      'source.unquoted-template',
      'a value that begins with a template must be quoted',
      start - 1,
      close === -1 ? end : close + 2,
      'write it as "{{ … }}"',
    )
  }

  #scalar(value: unknown, start: number, end: number, style: ScalarNode['style']): ScalarNode {
    return new ScalarNode(value, { source: this.#source, start, end, style })
  }

  #error(code: string, message: string, start: number, end: number, hint?: string): void {
    this.#errors.push(new MlopsError(code, message, { at: this.#source.position(start, end), hint }))
  }
}

/** The text that was marked `!unsafe`, of what stands for it. */
export function unsafeText(value: unknown): string | undefined {
  const [, inner] = (typeof value === 'string' && /^\{\{ ('.*) \}\}$/s.exec(value)) || []
  if (inner === undefined) return undefined
  const piece = /(?:('\\\\'\[0\])|('%c' \| format\(13\))|'((?:[^'\\]|\\')*)')(?: ~ |$)/y
  let text = ''
  while (piece.lastIndex < inner.length) {
    const found = piece.exec(inner)
    if (found === null) return undefined
    const [, backslash, carriageReturn, plain = ''] = found
    text += backslash ? '\\' : carriageReturn ? '\r' : plain.replaceAll("\\'", "'")
  }
  return /\{[{%#]/.test(text) ? text : undefined
}

/** What base64 stands for, as text: its UTF-8, or one character for each byte where it is none. */
function binaryText(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}

/**
 * A template that gives exactly `text`, whatever braces it holds. It means the same whether backslashes within `{{ }}` stand for
 * themselves, as in what people write in YAML, or escape.
 */
export function literalTemplate(text: string): string {
  if (!/\{[{%#]/.test(text)) return text
  const pieces = text.split(/(\\|\r)/).filter(piece => piece !== '')
  const written = pieces.map(piece => {
    if (piece === '\\') return String.raw`'\\'[0]`
    return piece === '\r' ? "'%c' | format(13)" : `'${piece.replaceAll("'", "\\'")}'`
  })
  return `{{ ${written.join(' ~ ')} }}`
}
