import { MlopsError, throwAll } from '../errors.ts'
import { directoryFlags } from './directory-flags.ts'
import { helmFlags } from './helm-flags.ts'
import { kustomizeFlags } from './kustomize-flags.ts'
import { type Fields, isFields, within } from './spec.ts'
import { syncFlags } from './sync-flags.ts'

/** A flag of `argocd app create` and `app set` that says something about the spec of an Application. */
export type SpecFlag = {
  readonly name: string
  /** One letter. */
  readonly short?: string
  readonly about: string
} & (
  | { readonly takes: 'text'; readonly value: string; readonly set: (spec: Fields, value: string) => void }
  | { readonly takes: 'texts'; readonly value: string; readonly set: (spec: Fields, value: readonly string[]) => void }
  | { readonly takes: 'number'; readonly value: string; readonly set: (spec: Fields, value: number) => void }
  | { readonly takes: 'switch'; readonly set: (spec: Fields, value: boolean) => void }
)

/** All of them, in the order in which they are applied: what others build upon comes first. */
export const specFlags: readonly SpecFlag[] = [
  {
    name: 'project',
    takes: 'text',
    value: '<name>',
    about: "Argo CD's project (default: default)",
    set: put('project'),
  },
  { name: 'repo', takes: 'text', value: '<url>', about: 'the Git or Helm repository', set: put('source.repoURL') },
  { name: 'path', takes: 'text', value: '<path>', about: 'the folder in the repository', set: put('source.path') },
  {
    name: 'revision',
    takes: 'text',
    value: '<revision>',
    about: 'a branch, tag or commit, or the version of a chart',
    set: put('source.targetRevision'),
  },
  { name: 'ref', takes: 'text', value: '<name>', about: 'how other sources name this one', set: put('source.ref') },
  {
    name: 'source-name',
    takes: 'text',
    value: '<name>',
    about: 'the name of this source among several',
    set: put('source.name'),
  },
  {
    name: 'revision-history-limit',
    takes: 'number',
    value: '<number>',
    about: 'how many revisions are remembered (default: 10)',
    set: (spec, value) => {
      spec['revisionHistoryLimit'] = value
    },
  },
  {
    name: 'dest-server',
    takes: 'text',
    value: '<url>',
    about: 'the cluster, by address (default: the one that Argo CD runs in)',
    set: (spec, value) => destination(spec, 'server', value),
  },
  {
    name: 'dest-name',
    takes: 'text',
    value: '<name>',
    about: 'the cluster, by name',
    set: (spec, value) => destination(spec, 'name', value),
  },
  {
    name: 'dest-namespace',
    takes: 'text',
    value: '<name>',
    about: 'the namespace in that cluster',
    set: put('destination.namespace'),
  },
  ...helmFlags,
  ...kustomizeFlags,
  ...directoryFlags,
  ...syncFlags,
]

/** What was given: name of a flag → its value, as a command line reader gives it. */
export type Given = Readonly<Record<string, unknown>>

/**
 * Fills in what the flags say. Throws all that cannot be said at once (`argocd.flag`).
 * `position` is the number of the source that flags are about, from 1, where an Application has several.
 */
export function applyFlags(spec: Fields, given: Given, position?: number): void {
  const errors: MlopsError[] = []
  const several = spec['sources']
  const source = Array.isArray(several) && several.length > 0 ? sourceAt(several, given, position) : undefined
  if (source !== undefined) spec['source'] = source
  for (const flag of specFlags) {
    const value = given[flag.name]
    if (value === undefined) continue
    try {
      applyOne(spec, flag, value)
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error
      errors.push(error)
    }
  }
  if (Array.isArray(several) && several.length > 0) delete spec['source']
  throwAll(errors)
}

function applyOne(spec: Fields, flag: SpecFlag, value: unknown): void {
  switch (flag.takes) {
    case 'text':
      flag.set(spec, String(value))
      break
    case 'texts':
      flag.set(spec, Array.isArray(value) ? value.map(String) : [String(value)])
      break
    case 'number':
      flag.set(spec, wholeNumber(flag.name, String(value)))
      break
    case 'switch':
      flag.set(spec, value === true)
      break
    default:
      flag satisfies never
  }
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new MlopsError('argocd.flag', `--${flag} ${text} is not a whole number`)
}

function sourceAt(sources: readonly unknown[], given: Given, position: number | undefined): Fields | undefined {
  const source = position === undefined ? undefined : sources[position - 1]
  if (isFields(source)) return source
  const about = specFlags.filter(({ name }) => given[name] !== undefined && !wholeSpec.test(name))
  if (about.length === 0 && position === undefined) return undefined
  throw new MlopsError(
    'argocd.source-position',
    position === undefined
      ? `the application has ${sources.length} sources: which one is --${about[0]?.name} about?`
      : `the application has no source ${position}`,
    { hint: `--source-position 1 to ${sources.length}` },
  )
}

/** Flags that are not about a source. */
const wholeSpec = /^(project|revision-history-limit|dest-.*|sync-.*|auto-prune|self-heal|allow-empty)$/

function put(path: string): (spec: Fields, value: string) => void {
  const parts = path.split('.')
  const name = parts.pop() ?? ''
  return (spec, value) => {
    const part = parts.length === 0 ? spec : within(spec, parts.join('.'))
    part[name] = value
  }
}

/** A cluster is named in one way only. */
function destination(spec: Fields, by: 'server' | 'name', value: string): void {
  const part = within(spec, 'destination')
  delete part[by === 'server' ? 'name' : 'server']
  part[by] = value
}
