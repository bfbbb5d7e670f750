import type { MapNode, SourceNode } from '../../source/node.ts'

/** The text of a scalar, also one that YAML takes for a number; undefined for none. */
export function textOf(node: SourceNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || node.value === null) return undefined
  return typeof node.value === 'string' ? node.value : node.sourceText
}

/** Whether a value is true as cloud-init takes it. */
export function isTrue(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && ['true', '1', 'on', 'yes'].includes(String(node.value).toLowerCase())
}

/** Whether a value is there and false. */
export function isFalse(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && ['false', '0', 'off', 'no'].includes(String(node.value).toLowerCase())
}

/** The items of a list; a single value is a list of one. */
export function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return []
  return node.kind === 'seq' ? node.items : [node]
}

/** Texts of a list, or of a text with commas. */
export function wordsOf(node: SourceNode | undefined): string[] {
  return itemsOf(node).flatMap(item =>
    (textOf(item) ?? '')
      .split(',')
      .map(word => word.trim())
      .filter(word => word !== ''),
  )
}

/** The value of a key, or of its older spelling with hyphens. */
export function settingOf(map: MapNode, name: string): SourceNode | undefined {
  return map.get(name) ?? map.get(name.replaceAll('_', '-'))
}
