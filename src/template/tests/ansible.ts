import { lstatSync, statSync } from 'node:fs'
import { type Test, test } from '../environment.ts'
import { text } from '../filters/coerce.ts'
import { toBool } from '../filters/general.ts'
import { contains } from '../python/compare.ts'
import { defined } from '../python/fail.ts'
import { iterate, truth } from '../python/iterate.ts'
import { asNumber } from '../python/numbers.ts'
import { regex } from '../python/regex.ts'
import { isFloat, Undefined } from '../python/values.ts'
import { compareVersions } from './version.ts'

const subset = test(['b'], (value, [other]) => iterate(value).every(one => contains(iterate(other), one)))
const superset = test(['b'], (value, [other]) => iterate(other).every(one => contains(iterate(value), one)))
const version = test(
  ['version', 'operator', 'strict', 'version_type'],
  (value, [other, operator = 'eq', strict, type]) =>
    compareVersions({ left: text(value), right: text(other), operator: text(operator), strict, type }),
)
const directory = test([], value => statSync(text(value), { throwIfNoEntry: false })?.isDirectory() === true)
const file = test([], value => statSync(text(value), { throwIfNoEntry: false })?.isFile() === true)
const link = test([], value => lstatSync(text(value), { throwIfNoEntry: false })?.isSymbolicLink() === true)
const exists = test([], value => statSync(text(value), { throwIfNoEntry: false }) !== undefined)
const absolute = test([], value => text(value).startsWith('/'))
const sameFile = test(['dest'], (value, [other]) => {
  const [a, b] = [statSync(text(value)), statSync(text(other))]
  return a.ino === b.ino && a.dev === b.dev
})
const mount = test([], value => {
  const path = statSync(text(value), { throwIfNoEntry: false })
  const parent = statSync(`${text(value)}/..`, { throwIfNoEntry: false })
  return path !== undefined && parent !== undefined && (path.dev !== parent.dev || path.ino === parent.ino)
})
const nan = test([], value => isFloat(defined(value)) && Number.isNaN(asNumber(value)))

/** Ansible's other tests; those of files look at this machine. */
export const ansibleTests: Readonly<Record<string, Test>> = {
  match: matching('match'),
  search: matching('search'),
  regex: test(['pattern', 'ignorecase', 'multiline', 'match_type'], (value, [pattern, ignoreCase, multiline, kind]) =>
    meets(kind === undefined ? 'search' : text(kind), value, { pattern, ignoreCase, multiline }),
  ),
  version,
  version_compare: version,
  contains: test(['item'], (value, [item]) => contains(value, defined(item))),
  subset,
  issubset: subset,
  superset,
  issuperset: superset,
  any: test([], value => iterate(value).some(truth)),
  all: test([], value => iterate(value).every(truth)),
  truthy: test(['convert_bool'], (value, [convert = false]) => truth(converted(value, convert))),
  falsy: test(['convert_bool'], (value, [convert = false]) => !truth(converted(value, convert))),
  vault_encrypted: test(
    [],
    value => typeof value === 'string' && /^\$ANSIBLE_VAULT;[^;]+;[^;]+(;[^\n]+)?\n/.test(value),
  ),
  directory,
  is_dir: directory,
  file,
  is_file: file,
  link,
  is_link: link,
  exists,
  link_exists: test([], value => lstatSync(text(value), { throwIfNoEntry: false }) !== undefined),
  abs: absolute,
  is_abs: absolute,
  same_file: sameFile,
  is_same_file: sameFile,
  mount,
  is_mount: mount,
  nan,
  isnan: nan,
  url: test(['schemes'], (value, [schemes]) => isUrl(text(value), schemes)),
  uri: test(['schemes'], (value, [schemes]) => isUri(text(value), schemes)),
  urn: test([], value => isUri(text(value), ['urn'])),
}

function matching(kind: 'match' | 'search'): Test {
  return test(['pattern', 'ignorecase', 'multiline'], (value, [pattern, ignoreCase, multiline]) =>
    meets(kind, value, { pattern, ignoreCase, multiline }),
  )
}

function meets(
  kind: string,
  value: unknown,
  {
    pattern = '',
    ignoreCase = false,
    multiline = false,
  }: { pattern?: unknown; ignoreCase?: unknown; multiline?: unknown },
): boolean {
  if (value instanceof Undefined) defined(value)
  const find = regex(text(pattern), { ignoreCase: truth(ignoreCase), multiline: truth(multiline) })
  const match = find.exec(text(value))
  if (kind === 'search') return match !== null
  if (kind === 'match') return match?.index === 0 || [...text(value).matchAll(find)].some(one => one.index === 0)
  return match !== null && match[0] === text(value)
}

function converted(value: unknown, convert: unknown): unknown {
  defined(value)
  if (!truth(convert) || typeof value !== 'string') return value
  return /^(y|yes|on|1|true|t|1\.0|n|no|off|0|false|f|0\.0)$/i.test(value) ? toBool(value) : value
}

function isUri(value: string, schemes: unknown): boolean {
  const scheme = /^([a-z][a-z\d+.-]*):(?=.)/i.exec(value)?.[1]?.toLowerCase()
  if (scheme === undefined) return false
  return schemes === undefined || schemes === null || iterate(schemes).some(one => text(one).toLowerCase() === scheme)
}

function isUrl(value: string, schemes: unknown): boolean {
  const given = schemes ?? ['http', 'https', 'ftp', 'ftps', 'ssh', 'git', 'file', 'sftp', 'ws', 'wss']
  return isUri(value, given) && /^[a-z\d+.-]+:\/\/[^/]+/i.test(value)
}
