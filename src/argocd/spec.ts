import { MlopsError } from '../errors.ts'

/** A part of an Application as it is written: plain data that flags fill in. */
export type Fields = Record<string, unknown>

/** The mapping at a path such as `source.helm`, made where it is missing. */
export function within(fields: Fields, path: string): Fields {
  let part = fields
  for (const name of path.split('.')) part = part[name] = isFields(part[name]) ? part[name] : {}
  return part
}

/** The list of a name, made where it is missing; its entries are mappings. */
export function listOf(fields: Fields, name: string): Fields[] {
  const found = fields[name]
  const list = Array.isArray(found) ? found.filter(isFields) : []
  fields[name] = list
  return list
}

/** Puts an entry in the place of the one of the same name, or behind all others. */
export function putNamed(list: Fields[], entry: Fields & { readonly name: string }): void {
  const at = list.findIndex(({ name }) => name === entry.name)
  if (at < 0) list.push(entry)
  else list[at] = entry
}

/** `key=value` in two. Throws `argocd.flag`. */
export function pair(flag: string, text: string): readonly [key: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new MlopsError('argocd.flag', `--${flag} ${text} is not KEY=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** Several `key=value` as a mapping. */
export function pairs(flag: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map(text => pair(flag, text)))
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
