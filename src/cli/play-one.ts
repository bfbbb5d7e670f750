import { dirname, resolve } from 'node:path'
import { type Trip, timed } from '../connection/timed.ts'
import type { RunOptions, RunResult } from '../engine/engine.ts'
import { run } from '../engine/run.ts'
import { MlopsError, throwAll } from '../errors.ts'
import type { Event } from '../events.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { ModuleRegistry } from '../modules/module.ts'
import { type LoadedPlaybook, loadPlaybook } from '../playbook/load.ts'
import type { HoldableReporter } from '../report/reporter.ts'
import { Answers } from './answers.ts'
import { interruptSignal } from './interrupt.ts'
import { modulesFor } from './library.ts'
import { connectionOpener } from './open-connection.ts'
import { playDefaults } from './play-defaults.ts'
import { withQuestions } from './play-options.ts'
import type { Session } from './session.ts'

/** A playbook with the modules that it may use: ours, and those beside it. */
export interface ReadyPlaybook extends LoadedPlaybook {
  readonly modules: ModuleRegistry
  readonly answers: Answers
}

/** Loads all playbooks before the first is played, so that a mistake in the last is found in time. Throws the mistakes of all. */
export async function loadAll(
  playbooks: readonly string[],
  session: Session,
  options: RunOptions,
  warn: (message: string) => void,
): Promise<ReadyPlaybook[]> {
  const loaded: ReadyPlaybook[] = []
  const errors: MlopsError[] = []
  for (const file of playbooks) {
    try {
      const modules = await modulesFor(resolve(dirname(file)), session.settings)
      const playbook = loadPlaybook(file, {
        modules,
        extraVars: options.extraVars,
        rolesPath: session.settings.rolesPath,
        collectionsPath: session.settings.collectionsPath,
        defaults: playDefaults(session.settings),
        onRead: options.onRead,
        onWarning: warning => warn(located(warning)),
      })
      loaded.push({ ...playbook, modules, answers: new Answers() })
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error
      errors.push(error)
    }
  }
  throwAll(errors)
  for (const { warnings } of loaded) for (const warning of warnings) warn(located(warning))
  return loaded
}

/** Plays one playbook. Ctrl-C ends what runs on the hosts; questions hold the reporter back. `trips`: each trip to a host is an event. */
export async function playOne(
  { playbook, loader, modules, answers }: ReadyPlaybook,
  session: Session,
  options: RunOptions,
  reporter: HoldableReporter,
  { trips = false }: { readonly trips?: boolean } = {},
): Promise<RunResult> {
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: ending what runs on the hosts\n'))
  const emit = (event: Event) => reporter.on(event)
  const held = async <T>(question: () => Promise<T>): Promise<T> => {
    const release = reporter.hold()
    try {
      return await question()
    } finally {
      release()
    }
  }
  const asked = withQuestions(options, held)
  const opener = connectionOpener(message => emit({ type: 'warning', at: Date.now(), message }), held)
  const onTrip = (trip: Trip) => emit({ type: 'trip', at: performance.timeOrigin + performance.now(), ...trip })
  const beside = (inventory: Inventory) => inventory.beside?.(playbook.directory) ?? inventory
  try {
    return await run({
      playbook,
      inventory: beside(session.inventory),
      reload: () => beside(session.reload()),
      options: { ...asked, ...(asked.ask ? { ask: answers.again(asked.ask) } : {}) },
      modules,
      loader,
      open: trips ? timed(opener, onTrip) : opener,
      emit,
      signal: interrupt.signal,
    })
  } finally {
    interrupt.done()
  }
}

/** A warning of a file, with its place. */
export function located({
  message,
  at,
}: {
  readonly message: string
  readonly at: { readonly file: string; readonly line: number; readonly column: number }
}): string {
  return `${message} (${at.file}:${at.line}:${at.column})`
}
