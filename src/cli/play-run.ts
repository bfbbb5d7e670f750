import { dirname, relative } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import type { Event } from '../events.ts'
import type { Project } from '../project/project.ts'
import { appendJournal } from '../project/state.ts'
import { type HoldableReporter, reporterFor } from '../report/reporter.ts'
import { factCache } from './fact-cache.ts'
import { readPlan } from './plan-file.ts'
import type { PlayFlags } from './play.ts'
import { showLists } from './play-lists.ts'
import { loadAll, playOne, type ReadyPlaybook } from './play-one.ts'
import { playOptions } from './play-options.ts'
import { asPlanned, confirmPlan, gate } from './play-plan.ts'
import { Leftovers } from './play-resume.ts'
import { noInventory, openSession } from './session.ts'
import { traced } from './traced.ts'

/** Where a play takes place when another command plays. */
export interface PlayWithin {
  /** Instead of the project of the current folder. */
  readonly project?: Project
  /** Where the run is shown; default: standard output. */
  readonly output?: NodeJS.WriteStream
  /** Told of each file of this machine that the play reads. */
  readonly onRead?: (path: string) => void
  /** Told of everything that happens. */
  readonly onEvent?: (event: Event) => void
}

/** Plays playbooks one after the other; gives the exit status. */
export async function play(
  given: readonly string[],
  givenFlags: PlayFlags,
  { project: within, output = process.stdout, onRead, onEvent }: PlayWithin = {},
): Promise<number> {
  const plan = givenFlags.plan === undefined ? undefined : readPlan(givenFlags.plan)
  const { playbooks, flags } = plan ? asPlanned(plan, given, givenFlags) : { playbooks: given, flags: givenFlags }
  const listing = flags.syntaxCheck === true || flags.listTasks === true || flags.listTags === true
  const { cloudConfig, forceCommands } = flags
  const [first = cloudConfig ?? ''] = playbooks
  if (first === '') throw new MlopsError('cli.playbook', 'no playbook is given', { hint: 'mlops play site.yml' })
  const session = openSession(flags, dirname(first), { inventoryNeeded: false, ...(within ? { project: within } : {}) })
  const said = playOptions(flags, session)
  if (flags.output === 'live' && output.isTTY !== true)
    throw new MlopsError('cli.output', '--output live needs a terminal', { hint: 'use --output plain, json or junit' })
  const shown = reporterFor(
    {
      json: flags.json === true,
      output: flags.output,
      profile: flags.profile === true,
      fold: flags.fold === true,
      verbosity: said.verbosity,
      displaySkipped: session.settings.displaySkipped,
      showCustomStats: session.settings.showCustomStats,
    },
    output,
    process.stderr,
  )
  const heard = onEvent ? watched(shown, onEvent) : shown
  const reporter = flags.trace === undefined ? heard : traced(heard, flags.trace)
  const warn = (message: string) => reporter.on({ type: 'warning', at: Date.now(), message })
  for (const message of [...session.settings.warnings, ...session.inventory.warnings]) warn(message)
  const options = { ...said, onRead, factCache: factCache(session.settings, warn) }
  if (forceCommands && cloudConfig === undefined)
    throw new MlopsError('cli.cloud-config', '--force-commands belongs to --cloud-config FILE')
  const userData = cloudConfig === undefined ? [] : [await userDataPlay(cloudConfig)]
  const loaded = [...userData, ...(await loadAll(playbooks, session, options, warn))]
  if (session.sources.length === 0 && !listing && !flags.listHosts && !loaded.every(isOfThisMachine))
    throw noInventory(session.project)
  if (listing || flags.listHosts) {
    await reporter.close()
    showLists(
      loaded.map(each => each.playbook),
      session.inventory,
      options,
      flags,
    )
    return 0
  }
  if (flags.flushCache) for (const host of session.inventory.hosts.keys()) options.factCache?.forget(host)
  if (plan) await confirmPlan(plan, loaded, session, options)
  const leftovers = new Leftovers(session)
  const from = flags.resume ? loaded.findIndex(each => leftovers.of(each)) : 0
  if (from === -1)
    throw new MlopsError('play.resume', 'there is nothing to resume: the last run left nothing undone', {
      hint: 'play without --resume; what was left undone is remembered for each playbook with each inventory (-i)',
    })
  let status = 0
  for (const [i, each] of [...loaded.entries()].slice(from)) {
    status = await journaled(each, plan ? { ...options, approve: gate(plan, i) } : options)
    if (status !== 0) break
  }
  await reporter.close()
  return status

  async function userDataPlay(file: string): Promise<ReadyPlaybook> {
    // cloud-init's schema is large
    const { loadCloudConfig } = await import('./play-cloud-config.ts')
    return loadCloudConfig(file, session, { forceCommands, warn })
  }

  async function journaled(each: ReadyPlaybook, settings: typeof options): Promise<number> {
    const start = Date.now()
    const isRead = flags.resume || !options.checkMode
    const resume = isRead ? leftovers.resume(each, flags.resume === true, warn) : undefined
    const trips = flags.profile === true || flags.trace !== undefined
    const result = await playOne(each, session, { ...settings, resume }, reporter, { trips })
    const { exitStatus, summary } = result
    if (!options.checkMode) leftovers.keep(each, result, warn)
    const { project } = session
    const { file } = each.playbook
    if (project) {
      const playbook = relative(project.directory, file) || file
      try {
        appendJournal(project, { at: start, command: 'play', ms: Date.now() - start, exitStatus, playbook, summary })
      } catch (cause) {
        // the hosts are what they are
        warn(`the journal does not know of this run: ${reasonOf(cause)}`)
      }
    }
    return exitStatus
  }
}

/** A reporter whose events somebody else hears, too. */
function watched(reporter: HoldableReporter, onEvent: (event: Event) => void): HoldableReporter {
  const on = (event: Event) => {
    onEvent(event)
    reporter.on(event)
  }
  return { on, close: () => reporter.close(), hold: () => reporter.hold() }
}

/** Whether all plays are for `localhost`, which is there without an inventory. */
function isOfThisMachine({ playbook }: ReadyPlaybook): boolean {
  return playbook.plays.every(play => /^(?:localhost|127\.0\.0\.1|::1)$/.test(play.hosts.value))
}
