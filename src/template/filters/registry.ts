import type { MlopsError } from '../../errors.ts'
import { didYouMean } from '../../near.ts'
import type { Filter } from '../environment.ts'
import { failure } from '../python/fail.ts'
import { dictFilters } from './dict.ts'
import { encodeFilters } from './encode.ts'
import { generalFilters } from './general.ts'
import { queryFilters } from './json-query.ts'
import { listFilters } from './lists.ts'
import { numberFilters } from './number.ts'
import { pathFilters } from './path.ts'
import { randomFilters } from './random.ts'
import { regexFilters } from './regex.ts'
import { selectFilters } from './select.ts'
import { sequenceFilters } from './sequence.ts'
import { textFilters } from './text.ts'
import { timeFilters } from './time.ts'
import { unsupportedFilters } from './unsupported.ts'
import { vaultFilters } from './vault.ts'
import { yamlFilters } from './yaml.ts'

const filters = new Map<string, Filter>(
  Object.entries({
    ...textFilters,
    ...sequenceFilters,
    ...selectFilters,
    ...numberFilters,
    ...generalFilters,
    ...dictFilters,
    ...listFilters,
    ...encodeFilters,
    ...yamlFilters,
    ...regexFilters,
    ...pathFilters,
    ...timeFilters,
    ...randomFilters,
    ...vaultFilters,
    ...queryFilters,
  }),
)

/** Bare names of all filters. */
export const filterNames: readonly string[] = [...filters.keys()].filter(name => /^\w+$/.test(name))

/** A filter by its name, which may be `ansible.builtin.…`. */
export function filterNamed(name: string): Filter | undefined {
  return filters.get(name.replace(/^ansible\.(builtin|legacy)\./, ''))
}

/** Tests that were filters before Ansible 2.9, and what is written today. */
const formerTests: ReadonlyMap<string, string> = new Map([
  ['version_compare', 'version(…)'],
  ...[
    'changed',
    'failed',
    'skipped',
    'success',
    'succeeded',
    'match',
    'search',
    'file',
    'directory',
    'link',
    'exists',
  ].map((name): [string, string] => [name, name]),
])

export function unknownFilter(name: string): MlopsError {
  const bare = name.slice(name.lastIndexOf('.') + 1)
  const reason = unsupportedFilters.get(bare)
  if (reason !== undefined) return failure('unsupported', `the filter \`${name}\` is not supported`, { hint: reason })
  const former = formerTests.get(bare)
  const hint = former === undefined ? didYouMean(bare, filterNames) : `tests are written \`x is ${former}\``
  return failure('unknown', `there is no filter \`${name}\``, { hint })
}
