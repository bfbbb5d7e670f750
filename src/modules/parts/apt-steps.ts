import { section, sections } from '../../shell/sections.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { ModuleFailure, type State, type StateModule } from '../module.ts'
import {
  type AptArgs as Args,
  type aptArgs,
  aptPrelude,
  commands,
  isUrl,
  options,
  packagesOf,
  upgradeOf,
  withNew,
} from './apt-commands.ts'
import { type Asked, lookPackages, readPackages, type Seen } from './apt-look.ts'
import { aptEnvironment, updateLists, waitForPackages } from './apt-wait.ts'
import { globPattern } from './glob-pattern.ts'

const lists = 'package lists'
const listsTime = 'package lists of'
const pending = 'pending changes'
const cache = 'package cache'
const debKey = 'package file'

/** Look, want and change of packages under apt, for every module that brings packages. */
export const aptSteps = {
  check(args: Partial<Args>) {
    const given = [args.name?.length ? 'name' : '', args.deb === undefined ? '' : 'deb'].filter(n => n !== '')
    const problems = given.length > 1 ? [`\`${given.join('` and `')}\` exclude each other`] : []
    const acts =
      given.length > 0 ||
      args.update_cache ||
      (args.cache_valid_time ?? 0) > 0 ||
      upgradeOf(args) !== undefined ||
      args.autoremove ||
      args.autoclean ||
      args.clean ||
      args.state === 'fixed'
    // `name` may be there and empty: a list from a variable that turned out to have no items.
    if (!acts && args.name === undefined) {
      problems.push('one of `name`, `deb`, `update_cache`, `upgrade`, `autoremove`, `autoclean`, `clean` is needed')
    }
    return problems
  },
  look: args =>
    lookPackages({
      packages: packagesOf(args),
      candidates: args.state === 'latest' || args.default_release !== undefined,
      release: args.default_release,
      simulate: simulation(args),
      deb: args.deb === undefined || isUrl(args.deb) ? undefined : args.deb,
      cache: args.autoclean ? 'autoclean' : args.clean ? 'clean' : undefined,
    }),
  read({ status, stdout, stderr }, args, { checkMode }): State {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || 'dpkg does not answer', { rc: status })
    const seen = readPackages(stdout)
    const age = isFresh(args, seen) ? 'fresh' : 'old'
    const state: Record<string, string | number> = { [listsTime]: seen.listsTime, [lists]: age }
    if (simulation(args)) {
      if (seen.simulationError !== undefined && (checkMode || !updates(args) || age === 'fresh')) {
        throw new ModuleFailure(seen.simulationError)
      }
      state[pending] = seen.pending.join('\n')
    }
    for (const one of packagesOf(args)) {
      if (!one.glob || args.state === 'absent') state[one.spec] = packageStatus(one, args, seen)
    }
    if (args.deb !== undefined) state[debKey] = debStatus(args.deb, seen)
    if (args.autoclean || args.clean) state[cache] = seen.cached ? 'full' : 'clean'
    return state
  },
  want(args, state, { checkMode }): State {
    const wanted: Record<string, string> = {}
    // As in Ansible, new lists alone are no change where packages are asked for.
    if (updates(args) && !(checkMode && bringsMore(args))) wanted[lists] = 'fresh'
    if (simulation(args)) wanted[pending] = ''
    if (args.deb !== undefined) wanted[debKey] = 'installed'
    if (args.autoclean || args.clean) wanted[cache] = 'clean'
    for (const one of packagesOf(args)) {
      const is = state?.[one.spec]
      if (is === undefined) continue
      if (is === 'unknown' && !updates(args)) throw new ModuleFailure(`No package matching '${one.spec}' is available`)
      wanted[one.spec] = args.state === 'absent' || (args.only_upgrade && is === 'absent') ? 'absent' : 'installed'
    }
    return wanted
  },
  change(args, { from, to }) {
    const update = to?.[lists] === 'fresh' && from?.[lists] !== 'fresh'
    const { update_cache_retries: retries, update_cache_retry_max_delay: maxDelay, lock_timeout: lockTimeout } = args
    return {
      script: lines(
        aptEnvironment,
        waitForPackages(lockTimeout),
        aptPrelude(args),
        update &&
          lines(
            updateLists({ retries, maxDelay, lockTimeout }),
            section('lists'),
            sh`date +%s; [ "$(lists_digest)" = "$lists_before" ] || echo new`,
            section('rest'),
          ),
        ...commands(args, toInstall(args, from, update)),
      ),
    }
  },
  // apt-get's own status is the judge: after new lists there may be newer packages than the look knew.
  verify: false,
  diff(_args, { from, to }) {
    const keys = Object.keys(to ?? {}).filter(key => key !== lists && to?.[key] !== from?.[key])
    const text = (state: Partial<State> | undefined) =>
      keys.map(key => (key === pending ? `${state?.[key] ?? ''}\n` : `${key}: ${state?.[key] ?? 'absent'}\n`)).join('')
    return keys.length === 0 ? undefined : { before: text(from), after: text(to) }
  },
  returns(args, { from, changed, output }) {
    const stdout = output?.stdout ?? ''
    const update = sections(stdout).get('lists')?.split('\n')
    const news = update?.includes('new') === true && !bringsMore(args)
    return {
      ...(output !== undefined && !news && !acted(stdout) ? { changed: false } : {}),
      cache_updated: changed && update !== undefined,
      cache_update_time: Number(update?.[0] ?? from?.[listsTime] ?? 0),
      ...(output === undefined ? {} : { stdout: withoutSections(stdout), stderr: output.stderr }),
    }
  },
} satisfies Omit<StateModule<typeof aptArgs, State>, 'kind' | 'summary' | 'args' | 'examples'>

/** Whether apt-get says that it did something: a number before anything but `not upgraded`, or files removed from the cache. */
function acted(stdout: string): boolean {
  if (/^Del /m.test(stdout)) return true
  for (const line of stdout.split('\n')) {
    if (!/^\d+ upgraded, /.test(line)) continue
    if (/\b[1-9]\d* (?!not upgraded)/.test(line)) return true
  }
  return /^\d+ not fully installed or removed/m.test(stdout)
}

function withoutSections(stdout: string): string {
  return stdout.replace(/\x1elists\n\d*\n(new\n)?\x1erest\n/, '')
}

/** What is asked for beside new lists. */
function bringsMore(args: Args): boolean {
  return packagesOf(args).length > 0 || simulation(args) !== undefined || args.deb !== undefined
}

function toInstall(args: Args, from: State | undefined, update: boolean): readonly string[] {
  return packagesOf(args)
    .filter(({ spec, glob, version }) => {
      const is = from?.[spec]
      if (args.state === 'absent') return is !== 'absent'
      if (args.only_upgrade && is === 'absent') return false
      return is !== 'installed' || glob || (update && args.state === 'latest' && version === undefined)
    })
    .map(p => p.spec)
}

function updates(args: Partial<Args>): boolean {
  return args.update_cache ?? (args.cache_valid_time ?? 0) > 0
}

/** Without a time limit the lists are always fetched again. */
function isFresh(args: Args, { listsTime, now }: Seen): boolean {
  return args.cache_valid_time > 0 && listsTime + args.cache_valid_time > now
}

/** What apt would do, for what cannot be read from dpkg: upgrades, patterns, dependencies. */
function simulation(args: Args): Script | undefined {
  const upgrade = upgradeOf(args)
  const globs = packagesOf(args).filter(p => p.glob)
  if (upgrade !== undefined) return sh`apt-get -s -q ${withNew(upgrade)} ${options(args)} ${upgrade}`
  if (args.state === 'fixed') return sh`apt-get -s -q -f ${options(args)} install`
  if (args.state === 'build-dep') return sh`apt-get -s -q ${options(args)} build-dep -- ${args.name ?? []}`
  if (globs.length > 0 && args.state !== 'absent') {
    return sh`apt-get -s -q ${options(args)} install -- ${globs.map(g => g.spec)}`
  }
  if (args.autoremove && (args.name ?? []).length === 0 && args.deb === undefined) {
    return sh`apt-get -s -q ${args.purge ? ['--purge'] : []} autoremove`
  }
  return undefined
}

/** What is there of one package: `installed` (as wanted), `absent`, `unknown`, or what else. */
function packageStatus(one: Asked, args: Args, seen: Seen): string {
  if (one.glob) {
    const is = globPattern(one.name)
    const left = [...seen.installed].filter(
      ([name, { status }]) => is.test(name) && (status === 'installed' || args.purge),
    )
    return left.length > 0 ? 'installed' : 'absent'
  }
  const found = seen.installed.get(one.name)
  const candidate = seen.policy.get(one.name.replace(/:(any|native)$/, ''))
  if (found === undefined || found.status === 'config') {
    if (args.state === 'absent') return found !== undefined && args.purge ? 'configured' : 'absent'
    if (candidate !== undefined) return 'absent'
    return seen.provided.has(one.name) ? 'installed' : seen.policy.has(one.name) ? 'absent' : 'unknown'
  }
  if (args.state === 'absent') return 'installed'
  if (one.version !== undefined && !globPattern(one.version).test(found.version)) return `installed as ${found.version}`
  if (args.state === 'latest' && one.version === undefined && candidate !== undefined && candidate !== found.version) {
    return `installed as ${found.version}, ${candidate} is available`
  }
  return 'installed'
}

function debStatus(deb: string, { deb: fields, installed }: Seen): string {
  if (isUrl(deb)) return 'not looked at'
  const name = fields.get('Package')
  const version = fields.get('Version')
  if (name === undefined || name === '') throw new ModuleFailure(`${deb} is no package file, or it is not there`)
  const arch = fields.get('Architecture') ?? ''
  const found = installed.get(`${name}:${arch}`) ?? installed.get(name)
  return found?.status === 'installed' && found.version === version ? 'installed' : 'absent'
}
