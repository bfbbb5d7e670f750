import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml'
import { dictEntries, dictHas, dictOf, dictSet } from './dict.ts'
import { valueFailure } from './fail.ts'
import { isDict } from './values.ts'
import { plainValue } from './yaml-scalar.ts'

/** The documents of a YAML 1.1 text, read as PyYAML does. Throws `template.value`. */
export function fromYaml(text: string): unknown[] {
  const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, logLevel: 'error' })
  return Array.from(documents, document => {
    const [error] = document.errors
    if (error) throw valueFailure(`not YAML: ${error.message.split('\n')[0]}`)
    return convert(document.contents, document)
  })
}

function convert(node: Node | null, document: Document): unknown {
  if (node === null) return null
  if (isAlias(node)) return convert(node.resolve(document) ?? null, document)
  if (isSeq<Node>(node)) return node.items.map(item => convert(item, document))
  if (isMap<Node, Node | null>(node)) return convertMap(node.items, document)
  if (!isScalar(node)) return null
  const text = String(node.value ?? '')
  return node.type === 'PLAIN' && node.tag === undefined ? plainValue(text) : text
}

function convertMap(
  items: readonly { readonly key: Node; readonly value: Node | null }[],
  document: Document,
): unknown {
  const dict = dictOf()
  for (const { key, value } of items) {
    if (isScalar(key) && key.type === 'PLAIN' && key.value === '<<') merge(dict, convert(value, document))
    else dictSet(dict, convert(key, document), convert(value, document))
  }
  return dict
}

/** Keys that are there already win over merged ones. */
function merge(dict: Map<unknown, unknown>, value: unknown): void {
  for (const source of Array.isArray(value) ? value : [value]) {
    if (!isDict(source)) throw valueFailure('not YAML: `<<` needs a mapping, or a list of mappings')
    for (const [key, item] of dictEntries(source)) if (!dictHas(dict, key)) dictSet(dict, key, item)
  }
}
