import { ModuleFailure, type Plain } from '../module.ts'
import type { ContainerArgs } from './container-args.ts'
import type { SeenFiles, Setting } from './container-setting.ts'
import { settings } from './container-settings.ts'

/** A setting as it is and as it is wanted, both cut down to what counts. */
export interface Compared {
  readonly is: Plain
  readonly want: Plain
}

/** What there is to compare with: a container and the image it is made from, as the engine inspects them. */
export interface Subject extends SeenFiles {
  readonly container: unknown
  readonly image: unknown
}

/** Every setting that the arguments ask for, as it is and as it is wanted. Throws `ModuleFailure` for values that are none. */
export function compare(args: ContainerArgs, subject: Subject): Map<string, Compared> {
  const found = new Map<string, Compared>()
  for (const [name, setting] of Object.entries(settings)) {
    const how = comparison(args, name, setting)
    const want = setting.want(args, subject)
    if (how === 'ignore' || want === undefined) continue
    const is = setting.is(subject.container, args)
    const forgiven = setting.fromImage?.(subject.image)
    found.set(name, counted(setting.kind, how === 'strict', { is, want, forgiven }))
  }
  return found
}

/** How a setting is compared: as `comparisons` says, for itself or for all. */
export function comparison(args: ContainerArgs, name: string, { kind }: Pick<Setting, 'kind'>): string {
  const usual = kind === 'set' || kind === 'dict' ? 'allow_more_present' : 'strict'
  const own = Object.entries(args.comparisons).find(([key]) => (otherNames[key] ?? key) === name)
  return String(own?.[1] ?? args.comparisons['*'] ?? usual)
}

/** What is wrong with `comparisons`, one line each. */
export function comparisonProblems(comparisons: Readonly<Record<string, unknown>> = {}): string[] {
  return Object.entries(comparisons).flatMap(([key, how]) => {
    if (key !== '*' && !known.has(otherNames[key] ?? key)) return [`\`comparisons\` has no \`${key}\``]
    return ['strict', 'ignore', 'allow_more_present'].includes(String(how))
      ? []
      : [`\`comparisons.${key}\` must be strict, ignore or allow_more_present`]
  })
}

/** Names of arguments that stand for a setting of another name. */
const otherNames: Readonly<Record<string, string>> = {
  ports: 'published_ports',
  exposed: 'exposed_ports',
  expose: 'exposed_ports',
  log_opt: 'log_options',
  entrypoint: 'command',
  env_file: 'env',
  restart_retries: 'restart_policy',
  cgroupns_mode: 'cgroup_ns_mode',
}
const known = new Set([...Object.keys(settings), 'image', 'networks', 'stop_timeout', 'platform'])

function counted(
  kind: Setting['kind'],
  strict: boolean,
  { is, want, forgiven }: Compared & { readonly forgiven: Plain | undefined },
): Compared {
  if (kind === 'set' && Array.isArray(is) && Array.isArray(want)) {
    const wanted = [...new Set(want.map(String))].sort()
    const extra: readonly unknown[] = Array.isArray(forgiven) ? forgiven : []
    const kept = is.map(String).filter(item => wanted.includes(item) || (strict && !extra.includes(item)))
    return { is: [...new Set(kept)].sort(), want: wanted }
  }
  if (kind === 'dict' && isRecord(is) && isRecord(want)) {
    const extra = isRecord(forgiven) ? forgiven : {}
    const kept = Object.entries(is).filter(
      ([key, value]) => Object.hasOwn(want, key) || (strict && extra[key] !== value && !isNothing(value)),
    )
    return { is: Object.fromEntries(kept), want }
  }
  if (kind === 'list' && !strict && Array.isArray(is) && Array.isArray(want)) {
    return includesInOrder(is, want) ? { is: want, want } : { is, want }
  }
  return { is, want }
}

function isNothing(value: Plain | undefined): boolean {
  return value === '' || value === 0
}

function includesInOrder(all: readonly Plain[], some: readonly Plain[]): boolean {
  let next = 0
  for (const item of all) if (next < some.length && item === some[next]) next++
  return next === some.length
}

function isRecord(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Words of `docker create` for all settings that are asked for. */
export function createWords(args: ContainerArgs): string[] {
  return Object.values(settings).flatMap(setting => setting.words(args))
}

/** Words of `docker update` for these settings, or undefined when one of them needs a new container. */
export function updateWords(args: ContainerArgs, differing: readonly string[]): string[] | undefined {
  const words: string[] = []
  for (const name of differing) {
    const setting = settings[name]
    if (!setting?.live) return undefined
    words.push(...setting.words(args))
  }
  return words
}

/** The `pull` argument in today's words. */
export function pullPolicy({ pull }: Partial<ContainerArgs>): 'missing' | 'always' | 'never' {
  const text = String(pull ?? 'missing').toLowerCase()
  if (['always', 'true', 'yes', '1'].includes(text)) return 'always'
  if (['missing', 'false', 'no', '0'].includes(text)) return 'missing'
  if (text === 'never') return 'never'
  throw new ModuleFailure(`\`pull\` must be missing, always or never, not ${text}`)
}
