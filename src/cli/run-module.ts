import { resolve } from 'node:path'
import type { RunOptions } from '../engine/engine.ts'
import { run } from '../engine/run.ts'
import { MlopsError } from '../errors.ts'
import type { Reporter } from '../events.ts'
import { select } from '../inventory/pattern.ts'
import { type Module, runsAsync } from '../modules/module.ts'
import { loadPlaybookText } from '../playbook/load.ts'
import { AdHocReporter } from '../report/ad-hoc.ts'
import { outlive } from '../report/output.ts'
import { paint, wantsColor } from '../report/paint.ts'
import { reporterFor } from '../report/reporter.ts'
import { factCache } from './fact-cache.ts'
import { interruptSignal } from './interrupt.ts'
import { modulesFor } from './library.ts'
import { connectionOpener } from './open-connection.ts'
import { playDefaults } from './play-defaults.ts'
import { withTree } from './result-tree.ts'
import { openSession, type ReachFlags, runOptions, type Session } from './session.ts'

/** Flags of `mlops run`, as `ansible` names them. */
export interface RunFlags extends ReachFlags {
  readonly moduleName: string
  readonly args: string
  readonly limit?: string
  readonly check?: boolean
  readonly diff?: boolean
  readonly background?: number
  readonly poll?: number
  readonly tree?: string
  readonly output?: 'plain' | 'json'
  readonly taskTimeout?: number
  readonly oneLine?: boolean
  readonly listHosts?: boolean
  readonly playbookDir?: string
  readonly verbose?: number
  readonly json?: boolean
}

/** Runs one module on the hosts of a pattern; gives the exit status. */
export async function runModule(pattern: string, flags: RunFlags): Promise<number> {
  const directory = resolve(flags.playbookDir ?? '.')
  const session = openSession(flags, directory)
  const options = moduleOptions(flags, session)
  if (flags.listHosts) {
    const { hosts } = select(session.inventory, pattern, { limit: flags.limit })
    process.stdout.write([`  hosts (${hosts.length}):`, ...hosts.map(host => `    ${host}`), ''].join('\n'))
    return 0
  }
  const shown = reporterOf(flags, options.verbosity)
  const reporter = flags.tree === undefined ? shown : withTree(shown, resolve(flags.tree))
  const warn = (message: string) => reporter.on({ type: 'warning', at: Date.now(), message })
  for (const message of [...session.settings.warnings, ...session.inventory.warnings]) warn(message)
  const modules = await modulesFor(directory, session.settings)
  const { playbook, warnings, loader } = loadPlaybookText(
    playText(pattern, flags, modules.find(flags.moduleName)),
    'command line',
    directory,
    {
      modules,
      extraVars: options.extraVars,
      rolesPath: session.settings.rolesPath,
      collectionsPath: session.settings.collectionsPath,
      defaults: playDefaults(session.settings),
    },
  )
  for (const { message } of warnings) warn(message)
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: ending what runs on the hosts\n'))
  try {
    const { exitStatus } = await run({
      playbook,
      inventory: session.inventory,
      options: { ...options, factCache: factCache(session.settings, warn) },
      modules,
      loader,
      open: connectionOpener(warn),
      emit: event => reporter.on(event),
      signal: interrupt.signal,
    })
    return exitStatus
  } finally {
    interrupt.done()
    await reporter.close()
  }
}

function moduleOptions(flags: RunFlags, session: Session): RunOptions {
  const base = runOptions(flags, session)
  return {
    ...base,
    limit: flags.limit,
    checkMode: flags.check === true,
    diffMode: flags.diff === true || session.settings.diff,
    verbosity: Math.max(base.verbosity, flags.verbose ?? 0),
  }
}

function reporterOf({ json, output, oneLine = false }: RunFlags, verbosity: number): Reporter {
  if (json || output === 'json') return reporterFor({ json: true }, process.stdout, process.stderr)
  outlive(process.stdout, process.stderr)
  const colors = paint(wantsColor(process.env, process.stdout.isTTY === true))
  return new AdHocReporter({ paint: colors, verbosity, oneLine }, process.stdout, process.stderr)
}

/** The play that a person would have written. JSON is YAML, so no text of theirs can break out of its place. */
function playText(
  pattern: string,
  { moduleName, args, background, poll, taskTimeout }: RunFlags,
  module: Module | undefined,
): string {
  if (/(^|\.)(include|import)_|(^|\.)meta$/.test(moduleName)) {
    throw new MlopsError('cli.run', `\`${moduleName}\` is for playbooks and cannot be run by itself`)
  }
  const isJob = background !== undefined && module !== undefined && runsAsync(module)
  const limit = isJob ? taskTimeout : (background ?? taskTimeout)
  const name = /^[\w.]+$/.test(moduleName) ? moduleName : JSON.stringify(moduleName)
  const isJson = /^\s*\{(?!\{)/.test(args)
  return [
    `- hosts: ${JSON.stringify(pattern)}`,
    '  gather_facts: false',
    '  tasks:',
    `    - ${name}: ${isJson ? args : JSON.stringify(args)}`,
    ...(isJob ? [`      async: ${background}`, `      poll: ${poll ?? 15}`] : []),
    ...(limit === undefined ? [] : [`      timeout: ${limit}`]),
    '',
  ].join('\n')
}
