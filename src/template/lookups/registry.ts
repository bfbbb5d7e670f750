import type { MlopsError } from '../../errors.ts'
import { didYouMean } from '../../near.ts'
import type { Lookup, TemplateOptions } from '../environment.ts'
import { failure } from '../python/fail.ts'
import { dataLookups } from './data.ts'
import { fileLookups } from './file.ts'
import { listLookups } from './list.ts'
import { unsupportedLookups } from './unsupported.ts'

const lookups = new Map<string, Lookup>(Object.entries({ ...listLookups, ...fileLookups, ...dataLookups }))

/** Bare names of all lookups; `inventory_hostnames` is given by the engine. */
export const lookupNames: readonly string[] = [...lookups.keys(), 'inventory_hostnames']

/** A lookup by its name, which may be `ansible.builtin.…`; plugins come first. */
export function lookupNamed(name: string, { plugins }: TemplateOptions): Lookup | undefined {
  const bare = name.replace(/^ansible\.(builtin|legacy)\./, '')
  const given = plugins?.lookups
  return given && Object.hasOwn(given, bare) ? given[bare] : lookups.get(bare)
}

export function unknownLookup(name: string, { plugins }: TemplateOptions): MlopsError {
  const bare = name.slice(name.lastIndexOf('.') + 1)
  const reason = unsupportedLookups.get(bare)
  if (reason !== undefined) return failure('unsupported', `the lookup \`${name}\` is not supported`, { hint: reason })
  return failure('unknown', `there is no lookup \`${name}\``, {
    hint: didYouMean(bare, [...lookupNames, ...Object.keys(plugins?.lookups ?? {})]),
  })
}
