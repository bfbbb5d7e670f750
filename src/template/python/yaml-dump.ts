import { order } from './compare.ts'
import { dictEntries } from './dict.ts'
import { defined, typeFailure } from './fail.ts'
import { reprFloat, str } from './print.ts'
import { typeName } from './types.ts'
import { Bytes, Float, Instance, isDict, Range } from './values.ts'
import { type Analysis, analyze } from './yaml-analysis.ts'
import { plainKind } from './yaml-scalar.ts'
import { type Writer, writer } from './yaml-writer.ts'

export interface YamlStyle {
  readonly indent?: number | undefined
  readonly width?: number | undefined
  readonly sortKeys?: boolean | undefined
  readonly explicitStart?: boolean | undefined
  /** undefined: in one line what holds only scalars. */
  readonly flow?: boolean | undefined
}

/** Python's `yaml.dump` with `allow_unicode`: the layout of PyYAML's emitter, without anchors. */
export function toYaml(value: unknown, style: YamlStyle = {}): string {
  const node = nodeOf(value, style)
  const { indent = 2, width = 80 } = style
  const out = writer({ indent: indent > 1 && indent < 10 ? indent : 2, width })
  if (style.explicitStart) out.write('---')
  if (style.explicitStart) out.state.whitespace = false
  writeNode(out, node, { place: 'root', simpleKey: false })
  out.line()
  return out.text()
}

type Node =
  | { readonly kind: 'scalar'; readonly text: string; readonly analysis: Analysis; readonly plain: boolean }
  | { readonly kind: 'list'; readonly flow: boolean; readonly items: readonly Node[] }
  | { readonly kind: 'dict'; readonly flow: boolean; readonly pairs: readonly (readonly [Node, Node])[] }

interface At {
  readonly place: 'root' | 'list' | 'dict'
  readonly simpleKey: boolean
}

function nodeOf(value: unknown, style: YamlStyle): Node {
  if (Array.isArray(value) || value instanceof Range) {
    const items = (Array.isArray(value) ? value : value.items()).map(item => nodeOf(item, style))
    return { kind: 'list', items, flow: style.flow ?? items.every(isScalar) }
  }
  if (isDict(value)) {
    const pairs = sorted(dictEntries(value), style).map(([k, v]) => [nodeOf(k, style), nodeOf(v, style)] as const)
    return { kind: 'dict', pairs, flow: style.flow ?? pairs.every(([k, v]) => isScalar(k) && isScalar(v)) }
  }
  const [text, plain] = scalarOf(value)
  return { kind: 'scalar', text, plain, analysis: analyze(text) }
}

function sorted(entries: [unknown, unknown][], { sortKeys = true }: YamlStyle): [unknown, unknown][] {
  if (!sortKeys) return entries
  try {
    return entries.toSorted(([a], [b]) => order(a, b))
  } catch {
    return entries
  }
}

function isScalar(node: Node): boolean {
  return node.kind === 'scalar'
}

/** The text of a scalar, and whether it may stand without quotes. */
function scalarOf(value: unknown): [string, boolean] {
  if (value === null) return ['null', true]
  if (typeof value === 'boolean') return [String(value), true]
  if (typeof value === 'bigint') return [String(value), true]
  if (typeof value === 'number' || value instanceof Float) return [numberText(value), true]
  if (typeof value === 'string') return [value, plainKind(value) === 'str']
  if (value instanceof Instance && value.type === 'datetime') return [str(value), true]
  if (value instanceof Bytes) return [value.bytes.toString('utf8'), false]
  throw typeFailure(`${typeName(defined(value))} cannot be written as YAML`)
}

function numberText(value: number | Float): string {
  const n = Number(value)
  if (Number.isNaN(n)) return '.nan'
  if (!Number.isFinite(n)) return n > 0 ? '.inf' : '-.inf'
  if (typeof value === 'number' && Number.isInteger(value)) return str(value)
  const text = reprFloat(n)
  return text.includes('.') ? text : text.replace('e', '.0e')
}

function writeNode(out: Writer, node: Node, at: At): void {
  const inLine = (flow: boolean, size: number): boolean => out.state.flow > 0 || flow || size === 0
  if (node.kind === 'scalar') writeScalar(out, node, at)
  else if (node.kind === 'list') {
    if (inLine(node.flow, node.items.length)) writeFlowList(out, node.items)
    else writeBlockList(out, node.items, at)
  } else if (inLine(node.flow, node.pairs.length)) writeFlowDict(out, node.pairs)
  else writeBlockDict(out, node.pairs)
}

/** A list in a dict stands at the dict's own indent. */
function writeBlockList(out: Writer, items: readonly Node[], { place }: At): void {
  const indentless = place === 'dict' && !out.state.indention
  out.deeper({ flow: false, indentless }, () => {
    for (const item of items) {
      out.indent()
      out.mark('-', { space: true, indention: true })
      writeNode(out, item, { place: 'list', simpleKey: false })
    }
  })
}

function writeBlockDict(out: Writer, pairs: readonly (readonly [Node, Node])[]): void {
  out.deeper({ flow: false, indentless: false }, () => {
    for (const [key, value] of pairs) {
      out.indent()
      writePair(out, key, value)
    }
  })
}

function writePair(out: Writer, key: Node, value: Node): void {
  if (isSimpleKey(key)) {
    writeNode(out, key, { place: 'dict', simpleKey: true })
    out.mark(':', {})
  } else {
    out.mark('?', { space: true, indention: true })
    writeNode(out, key, { place: 'dict', simpleKey: false })
    out.indent()
    out.mark(':', { space: true, indention: true })
  }
  writeNode(out, value, { place: 'dict', simpleKey: false })
}

function writeFlowList(out: Writer, items: readonly Node[]): void {
  out.mark('[', { space: true, whitespace: true })
  out.deeper({ flow: true, indentless: false }, () => {
    for (const [i, item] of items.entries()) {
      if (i > 0) out.mark(',', {})
      out.foldWhenFull()
      writeNode(out, item, { place: 'list', simpleKey: false })
    }
  })
  out.mark(']', {})
}

function writeFlowDict(out: Writer, pairs: readonly (readonly [Node, Node])[]): void {
  out.mark('{', { space: true, whitespace: true })
  out.deeper({ flow: true, indentless: false }, () => {
    for (const [i, [key, value]] of pairs.entries()) {
      if (i > 0) out.mark(',', {})
      out.foldWhenFull()
      if (isSimpleKey(key)) {
        writeNode(out, key, { place: 'dict', simpleKey: true })
        out.mark(':', {})
      } else {
        out.mark('?', { space: true })
        writeNode(out, key, { place: 'dict', simpleKey: false })
        out.foldWhenFull()
        out.mark(':', { space: true })
      }
      writeNode(out, value, { place: 'dict', simpleKey: false })
    }
  })
  out.mark('}', {})
}

/** Scalars of one line with at most 128 characters, and empty collections. */
function isSimpleKey(node: Node): boolean {
  if (node.kind === 'list') return node.items.length === 0
  if (node.kind === 'dict') return node.pairs.length === 0
  return node.text.length <= 128 && !node.analysis.multiline
}

type ScalarNode = Extract<Node, { kind: 'scalar' }>

/** What continues a scalar on a new line stands one step deeper. */
function writeScalar(out: Writer, { text, plain, analysis }: ScalarNode, { simpleKey }: At): void {
  const fits = out.state.flow > 0 ? analysis.flowPlain : analysis.blockPlain
  const awkward = text === '' ? simpleKey || out.state.flow > 0 : simpleKey && analysis.multiline
  out.deeper({ flow: out.state.depth === undefined, indentless: false }, () => {
    if (plain && !awkward && fits) out.plain(text, !simpleKey)
    else if (analysis.singleQuoted && !(simpleKey && analysis.multiline)) out.singleQuoted(text, !simpleKey)
    else out.doubleQuoted(text, !simpleKey)
  })
}
