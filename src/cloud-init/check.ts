import { readFileSync } from 'node:fs'
import { MlopsError, MlopsErrors, type Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { type Violation, violations } from '../schema/validate.ts'
import { shownPath } from '../source/load.ts'
import { at, type MapNode, type SourceDocument, type SourceNode } from '../source/node.ts'
import { parseOne } from '../source/parse.ts'
import { type Deprecation, deprecations } from './deprecated.ts'
import { meantKey } from './meant.ts'
import { cloudConfigSchema } from './schema.ts'
import { type CloudConfigText, cloudConfigs, unpacked } from './user-data.ts'
import { withoutTemplates } from './without-templates.ts'

/** What user data has against it. */
export interface UserDataFindings {
  /** cloud-init would ignore the file, or stumble over it. */
  readonly errors: readonly MlopsError[]
  /** cloud-init would go on without it, and say nothing or little. */
  readonly warnings: readonly MlopsError[]
}

/** Checks a file of user data against cloud-init's own schema. Throws `user-data.unreadable`. */
export function checkUserDataFile(file: string): UserDataFindings {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    const reason =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'there is no such file' : cause
    throw new MlopsError('user-data.unreadable', `cannot read ${shownPath(file)}: ${reason}`, { cause })
  }
  return checkUserData(bytes, shownPath(file))
}

/** The same for the bytes of a file. */
export function checkUserData(bytes: Uint8Array, file: string): UserDataFindings {
  try {
    const found = cloudConfigs(unpacked(bytes), file).map(config => checkConfig(config, file))
    return { errors: found.flatMap(each => each.errors), warnings: found.flatMap(each => each.warnings) }
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    return { errors: error instanceof MlopsErrors ? error.errors : [error], warnings: [] }
  }
}

/** The document of a cloud-config; templates stand as texts of the same length. Throws `source.*`. */
export function configDocument({ text, isTemplate }: CloudConfigText, file: string): SourceDocument {
  return parseOne(withoutTemplates(text, isTemplate), file)
}

function checkConfig(config: CloudConfigText, file: string): UserDataFindings {
  const lines = config.text.split('\n')
  const asWritten = (error: MlopsError) => withLine(error, lines)
  let document: SourceDocument
  try {
    document = configDocument(config, file)
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    const errors = (error instanceof MlopsErrors ? error.errors : [error]).map(asWritten)
    // what a template gives, only the server knows
    return config.isTemplate ? { errors: [], warnings: errors } : { errors, warnings: [] }
  }
  const { root } = document
  if (root.kind === 'scalar' && root.value === null) return { errors: [], warnings: [] }
  if (root.kind !== 'map') {
    const message = 'cloud-init would ignore this file: a cloud-config is a mapping of keys'
    return { errors: [asWritten(new MlopsError('cloud-config.not-a-mapping', message, { at: root.at }))], warnings: [] }
  }
  const errors: MlopsError[] = []
  const warnings = config.isTemplate
    ? []
    : document.warnings.map(
        ({ message, at: place }) => new MlopsError('cloud-config.twice', message, { at: place, hint: 'leave one out' }),
      )
  for (const violation of withoutUnions(violations(root, cloudConfigSchema))) {
    const isWarning = config.isTemplate || goesOn(root, violation)
    ;(isWarning ? warnings : errors).push(worded(root, violation))
  }
  const fits = (node: SourceNode, shape: typeof cloudConfigSchema) => violations(node, shape).length === 0
  warnings.push(...deprecations(root, cloudConfigSchema, fits).map(each => deprecated(root, each)))
  warnings.push(...tooEarly(root))
  return { errors: errors.map(asWritten).sort(byPlace), warnings: warnings.map(asWritten).sort(byPlace) }
}

/** That a value has none of its shapes says nothing where it is told what is wrong inside of the shape that was meant. */
function withoutUnions(found: readonly Violation[]): Violation[] {
  return found.filter(({ keyword, path }, i) => {
    if (keyword !== 'oneOf' && keyword !== 'anyOf') return true
    return !found.some((other, j) => j !== i && path.every((step, k) => other.path[k] === step))
  })
}

const TRUTHS = ['true', '1', 'on', 'yes', 'false', '0', 'off', 'no']

/** Whether cloud-init goes on without the value or takes it all the same, instead of stumbling over it. */
function goesOn(root: SourceNode, { path, keyword, params }: Violation): boolean {
  const node = at(root, path)
  switch (keyword) {
    case 'additionalProperties':
    case 'enum':
    case 'const':
    case 'minItems':
    case 'minProperties':
      return true
    case 'type': {
      if (node?.kind !== 'scalar') return false
      const wanted = [params['type']].flat()
      if (node.value === null) return !['runcmd', 'bootcmd'].includes(path[0] ?? '')
      if (wanted.includes('boolean')) return TRUTHS.includes(String(node.value).toLowerCase())
      if (wanted.includes('string')) return true
      return wanted.includes('array') && path.join('.') === 'packages'
    }
    case 'oneOf':
    case 'anyOf':
      return node?.kind === 'scalar' && node.value !== null && path[0] !== 'runcmd' && path[0] !== 'bootcmd'
    default:
      return false
  }
}

/** The schema's complaint in words about cloud-init. */
function worded(root: SourceNode, { error, path, keyword, params, known }: Violation): MlopsError {
  if (keyword !== 'additionalProperties') {
    const isCommand = ['runcmd', 'bootcmd'].includes(path[0] ?? '') && at(root, path)?.kind === 'map'
    const hint = isCommand ? 'quote the whole line: it holds `: `' : error.hint && firstSentence(error.hint)
    const message = /passw/i.test(path.at(-1) ?? '') ? error.message.replace(/, not `.*`$/s, '') : error.message
    return new MlopsError(error.code.replace(/^schema\./, 'cloud-config.'), message, { at: error.at, hint })
  }
  const key = String(params['additionalProperty'])
  const meant = meantKey(key, known)
  const owner = path.length === 0 ? '' : ` in \`${shown(root, path)}\``
  return new MlopsError('cloud-config.unknown-key', `cloud-init knows no key \`${key}\`${owner}, and would ignore it`, {
    at: error.at,
    hint: meant ? `did you mean \`${meant}\`?` : (didYouMean(key, known) ?? 'leave it out'),
  })
}

function deprecated(root: SourceNode, { path, description, version }: Deprecation): MlopsError {
  const key = path.at(-1) ?? ''
  const parent = at(root, path.slice(0, -1))
  const place = (parent?.kind === 'map' ? parent.entry(key)?.key.at : undefined) ?? at(root, path)?.at
  const instead = /^Use \*\*([\w-]+)\*\* instead\.?$/.exec(description)?.[1]
  return new MlopsError('cloud-config.deprecated', `\`${key}\` is deprecated since cloud-init ${version}`, {
    at: place,
    hint: instead ? `write \`${instead}\`` : firstSentence(description),
  })
}

/** Files that are given to users which cloud-init makes only after it has written the files. */
function tooEarly(root: MapNode): MlopsError[] {
  const items = (name: string) => {
    const node = root.get(name)
    return node?.kind === 'seq' ? node.items : []
  }
  const users = items('users').flatMap(user => (user.kind === 'map' ? (textOf(user.get('name')) ?? []) : []))
  return items('write_files').flatMap(file => {
    if (file.kind !== 'map') return []
    const owner = file.get('owner')
    const name = textOf(owner)?.split(':')[0] ?? ''
    const defer = file.get('defer')
    const isLater = defer?.kind === 'scalar' && defer.value === true
    if (owner === undefined || isLater || name === 'root' || !users.includes(name)) return []
    const message = `the user \`${name}\` does not exist yet when cloud-init writes this file`
    return [new MlopsError('cloud-config.owner', message, { at: owner.at, hint: 'add `defer: true`' })]
  })
}

function textOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
}

function shown(root: SourceNode, path: readonly string[]): string {
  return path
    .map((step, i) => (at(root, path.slice(0, i))?.kind === 'seq' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('')
}

/** The schema's own words, without their markup. */
function firstSentence(text: string): string {
  const [sentence = ''] = text.trim().split(/\.\s/)
  return sentence
    .replace(/\.$/, '')
    .replaceAll('``', '`')
    .replace(/\*\*([\w-]+)\*\*/g, '`$1`')
}

/** The line as it stands in the file: templates were replaced for reading. */
function withLine(error: MlopsError, lines: readonly string[]): MlopsError {
  const { at: place } = error
  const text = place && lines[place.line - 1]?.replace(/\r$/, '')
  if (place === undefined || text === undefined) return error
  const shown = withoutSecret({ ...place, text })
  return new MlopsError(error.code, error.message, { at: shown, hint: error.hint, cause: error.cause })
}

/** A place without its line, when a password stands in it. */
export function withoutSecret({ text, ...place }: Position): Position {
  const isSecret = text === undefined || /passw(?:or)?d["']?\s*:/i.test(text)
  return isSecret ? place : { ...place, text }
}

/** Errors in the order of the file. */
export function byPlace(a: MlopsError, b: MlopsError): number {
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
}
