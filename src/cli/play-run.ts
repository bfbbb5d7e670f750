import { dirname, relative } from 'node:path'
import type { RunOptions } from '../engine/engine.ts'
import { run } from '../engine/run.ts'
import { MlopsError, MlopsErrors } from '../errors.ts'
import type { Event, HostSummary } from '../events.ts'
import { facts } from '../facts/all.ts'
import type { ModuleRegistry } from '../modules/module.ts'
import { type LoadedPlaybook, loadPlaybook } from '../playbook/load.ts'
import { appendJournal } from '../project/state.ts'
import { type HoldableReporter, reporterFor } from '../report/reporter.ts'
import { interruptSignal } from './interrupt.ts'
import { modulesFor } from './library.ts'
import { connectionOpener } from './open-connection.ts'
import type { PlayFlags } from './play.ts'
import { showLists } from './play-lists.ts'
import { ask } from './prompt.ts'
import { openSession, runOptions, type Session } from './session.ts'

/** Plays playbooks one after the other; gives the exit status. */
export async function play(playbooks: readonly string[], flags: PlayFlags): Promise<number> {
  const listing = flags.syntaxCheck === true || flags.listTasks === true || flags.listTags === true
  const [first = ''] = playbooks
  const session = openSession(flags, dirname(first), { inventoryNeeded: !listing && !flags.listHosts })
  const options = playOptions(flags, session)
  if (flags.output === 'live' && process.stdout.isTTY !== true)
    throw new MlopsError('cli.output', '--output live needs a terminal', { hint: 'use --output plain, json or junit' })
  const reporter = reporterFor(
    {
      json: flags.json === true,
      output: flags.output,
      profile: flags.profile === true,
      fold: flags.fold === true,
      verbosity: options.verbosity,
      displaySkipped: session.settings.displaySkipped,
    },
    process.stdout,
    process.stderr,
  )
  const warn = (message: string) => reporter.on({ type: 'warning', at: Date.now(), message })
  for (const message of [...session.settings.warnings, ...session.inventory.warnings]) warn(message)
  const modules = await modulesFor(dirname(first), session.settings)
  const loaded = loadAll(playbooks, session, { options, modules, warn })
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
  let status = 0
  for (const each of loaded) {
    status = await playOne(each, session, { options, modules, reporter })
    if (status !== 0) break
  }
  await reporter.close()
  return status
}

/** Loads all playbooks before the first is played, so that a mistake in the last is found in time. */
function loadAll(
  playbooks: readonly string[],
  session: Session,
  { options, modules, warn }: { options: RunOptions; modules: ModuleRegistry; warn: (message: string) => void },
): LoadedPlaybook[] {
  const loaded: LoadedPlaybook[] = []
  const errors: MlopsError[] = []
  for (const file of playbooks) {
    try {
      loaded.push(
        loadPlaybook(file, {
          modules,
          extraVars: options.extraVars,
          rolesPath: session.settings.rolesPath,
          onWarning: warning => warn(located(warning)),
        }),
      )
    } catch (error) {
      if (error instanceof MlopsErrors) errors.push(...error.errors)
      else if (error instanceof MlopsError) errors.push(error)
      else throw error
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new MlopsErrors(errors)
  for (const { warnings } of loaded) for (const warning of warnings) warn(located(warning))
  return loaded
}

async function playOne(
  { playbook, loader }: LoadedPlaybook,
  session: Session,
  { options, modules, reporter }: { options: RunOptions; modules: ModuleRegistry; reporter: HoldableReporter },
): Promise<number> {
  const start = Date.now()
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: ending what runs on the hosts\n'))
  const seen: { summary: Readonly<Record<string, HostSummary>> } = { summary: {} }
  const emit = (event: Event) => {
    if (event.type === 'run-finished') seen.summary = event.summary
    reporter.on(event)
  }
  const held = async <T>(question: () => Promise<T>): Promise<T> => {
    const release = reporter.hold()
    try {
      return await question()
    } finally {
      release()
    }
  }
  try {
    const result = await run({
      playbook,
      inventory: session.inventory,
      options: withQuestions(options, held),
      modules,
      facts,
      loader,
      open: connectionOpener(message => emit({ type: 'warning', at: Date.now(), message }), held),
      emit,
      signal: interrupt.signal,
    })
    if (session.project) {
      appendJournal(session.project, {
        at: start,
        command: 'play',
        ms: Date.now() - start,
        exitStatus: result.exitStatus,
        playbook: relative(session.project.directory, playbook.file) || playbook.file,
        summary: seen.summary,
      })
    }
    return result.exitStatus
  } finally {
    interrupt.done()
  }
}

function playOptions(flags: PlayFlags, session: Session): RunOptions {
  const base = runOptions(flags, session)
  return {
    ...base,
    limit: flags.limit,
    tags: flags.tags ?? [],
    skipTags: flags.skipTags ?? [],
    checkMode: flags.check === true,
    diffMode: flags.diff === true || session.settings.diff,
    verbosity: Math.max(base.verbosity, flags.verbose ?? 0),
    lookAhead: flags.lookAhead,
    startAtTask: flags.startAtTask,
    ...(flags.forceHandlers ? { forceHandlers: true } : {}),
    ...(flags.step ? { confirmTask: confirm } : {}),
  }
}

/** Questions hold the live view back while they stand on the terminal. */
function withQuestions(options: RunOptions, held: <T>(question: () => Promise<T>) => Promise<T>): RunOptions {
  const { become, confirmTask } = options
  return {
    ...options,
    ...(confirmTask ? { confirmTask: name => held(() => confirmTask(name)) } : {}),
    ...(become?.password
      ? { become: { ...become, password: () => held(become.password as () => Promise<string>) } }
      : {}),
    ask: prompt =>
      held(async () => {
        for (;;) {
          const question = `${prompt.text}${prompt.default === undefined ? '' : ` [${prompt.default}]`}: `
          const answer = (await ask(question, { secret: prompt.secret })) || (prompt.default ?? '')
          if (!prompt.confirm || answer === (await ask(`confirm ${question}`, { secret: prompt.secret }))) return answer
          process.stderr.write('***** VALUES ENTERED DO NOT MATCH ****\n')
        }
      }),
  }
}

async function confirm(name: string): Promise<'yes' | 'no' | 'continue'> {
  const answer = (await ask(`Perform task: ${name} (N)o/(y)es/(c)ontinue: `)).trim().toLowerCase()
  if (answer.startsWith('y')) return 'yes'
  return answer.startsWith('c') ? 'continue' : 'no'
}

function located({
  message,
  at,
}: {
  readonly message: string
  readonly at: { readonly file: string; readonly line: number; readonly column: number }
}): string {
  return `${message} (${at.file}:${at.line}:${at.column})`
}
