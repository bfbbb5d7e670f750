import { ModuleFailure, type State } from '../module.ts'
import type { ComposeArgs } from './compose-args.ts'
import type { Container, SeenProject } from './compose-look.ts'

// What a project is, in words: a key a service, and these.
const before = 'containers before'
const orphans = 'orphans'
const all = 'all services'
const asWanted = 'as wanted'
const readiness = 'readiness'
const ready = 'ready'

/** A project as `docker_compose` compares it. Throws `ModuleFailure` for services that it does not have. */
export function stateOf(args: ComposeArgs, seen: SeenProject): State {
  for (const name of [...args.services, ...Object.keys(args.scale)]) {
    if (!seen.services.has(name)) {
      throw new ModuleFailure(`the project has no service ${name}; it has ${[...seen.services.keys()].join(', ')}`)
    }
  }
  const state: Record<string, string> = {}
  for (const name of chosen(args, seen)) state[name] = serviceState(name, args, seen)
  if (args.remove_orphans) {
    const lost = seen.containers.filter(c => !seen.services.has(c.service))
    state[orphans] = lost.map(c => c.name).join(', ')
  }
  if (args.wait && ['present', 'restarted'].includes(args.state)) state[readiness] = unready(args, seen)
  return { ...state, [before]: JSON.stringify(seen.containers) }
}

export function wantedOf(args: ComposeArgs, state: State | undefined, checkMode: boolean): State {
  const wanted: Record<string, string> = {}
  const names = Object.keys(state ?? {}).filter(name => ![before, orphans, readiness].includes(name))
  // Nothing could be looked at in a check: an earlier task would have installed the engine.
  for (const name of names.length > 0 ? names : [all]) {
    wanted[name] = { present: asWanted, absent: 'absent', stopped: 'stopped', restarted: 'restarted' }[args.state]
  }
  if (args.remove_orphans) wanted[orphans] = ''
  // Waiting changes nothing, so a check has nothing to say of it.
  if (!checkMode && state?.[readiness] !== undefined) wanted[readiness] = ready
  if (args.build === 'always' || args.build === 'True') wanted['images'] = 'built'
  if (args.pull === 'always') wanted['images of registries'] = 'pulled'
  if (args.recreate === 'always') wanted['containers'] = 'new'
  return wanted
}

/** Both states for `--diff`, a line a key. */
export function stateDiff(from: State | undefined, to: Partial<State> | undefined) {
  const keys = new Set(
    [...Object.keys(from ?? {}), ...Object.keys(to ?? {})].filter(key => ![before, readiness].includes(key)),
  )
  const text = (state: Partial<State> | undefined) =>
    [...keys].map(key => `${key}: ${state === undefined ? 'absent' : (state[key] ?? 'as it is')}\n`).join('')
  return { before: text(from), after: text(to) }
}

/** Whether nothing is left but to wait. */
export function onlyWaits(from: State | undefined, to: Partial<State> | undefined): boolean {
  const differing = Object.keys(to ?? {}).filter(name => from?.[name] !== to?.[name])
  return differing.length === 1 && differing[0] === readiness
}

/** The containers that the look saw. */
export function containersOf(state: State | undefined): readonly Container[] {
  const text = state?.[before]
  // written by `stateOf`
  return typeof text === 'string' ? (JSON.parse(text) as Container[]) : []
}

function chosen(args: ComposeArgs, seen: SeenProject): readonly string[] {
  if (args.services.length > 0) return args.services
  return args.state === 'absent' ? [...new Set(seen.containers.map(c => c.service))] : [...seen.services.keys()]
}

/** One service in words: `as wanted`, or what is not. */
function serviceState(name: string, args: ComposeArgs, seen: SeenProject): string {
  const asked = seen.services.get(name)
  const own = seen.containers.filter(c => c.service === name)
  const running = own.filter(c => c.running)
  if (args.state === 'stopped') return running.length === 0 && own.length > 0 ? 'stopped' : `${running.length} running`
  if (args.state === 'absent') return `${own.length} containers`
  const number = Number(args.scale[name] ?? asked?.replicas ?? 1)
  if (own.length === 0 && number > 0) return 'absent'
  if (own.length !== number || running.length !== number) return `${running.length} of ${number} running`
  if (args.recreate === 'never') return asWanted
  if (own.some(c => !asked?.hashes.includes(c.hash))) return 'made with other settings'
  if (own.some(c => c.imageNow !== undefined && c.image !== c.imageNow)) return 'made from another image'
  return asWanted
}

/** `ready`, or the containers that do not run or whose health is not known to be good yet. */
function unready(args: ComposeArgs, { containers }: SeenProject): string {
  const waited = containers.filter(c => args.services.length === 0 || args.services.includes(c.service))
  const late = waited.filter(c => c.running && c.health !== '' && c.health !== 'healthy')
  return late.length === 0 ? ready : late.map(c => `${c.name} is ${c.health}`).join(', ')
}
