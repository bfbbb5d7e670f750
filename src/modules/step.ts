import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { localConnection } from '../connection/local.ts'
import { readTree } from '../engine/local-files.ts'
import { perform, type StepResult } from '../engine/perform.ts'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { coerceArgs } from '../schema/coerce.ts'
import { type Inputs, type Module, ModuleFailure } from './module.ts'

/** The shells that scripts are judged by. */
export type Shell = 'dash' | 'busybox'

export interface StepOptions {
  readonly check?: boolean
  readonly diff?: boolean
  readonly shell?: Shell
  /** The rendered text of the template that the module asks for. */
  readonly template?: string
  readonly templateMode?: number
  readonly facts?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
  /** What expressions mean, for modules that run on the controller. */
  readonly expression?: (text: string) => unknown
  readonly verbosity?: number
}

type RawArgs = Readonly<Record<string, unknown>>

/** Does what the engine does for one host and one task, through a real shell, and says what became of it. */
export async function step(module: Module, args: RawArgs, options: StepOptions = {}): Promise<StepResult['outcome']> {
  const { outcome, result } = await attempt(module, args, options)
  if (outcome === 'failed') throw new Error(`the step failed: ${result.msg}\n${JSON.stringify(result)}`)
  return outcome
}

/** As `step`, with the registered result; a failure is a result too. */
export async function attempt(module: Module, raw: RawArgs, options: StepOptions = {}): Promise<StepResult> {
  const { args, problems } = module.freeArgs ? { args: { ...raw }, problems: [] } : coerceArgs(module.args, raw)
  // coerceArgs has given the arguments the types of the module's own table
  const typed = args as ArgsOf<ArgTable>
  problems.push(...(module.check?.(typed) ?? []))
  if (problems.length > 0) throw new Error(`the arguments are not the module's: ${problems.join('; ')}`)
  const inputs = inputsFor(options)
  if (module.kind === 'controller') return onController(module, typed, inputs, options)
  const needs = module.needs?.(typed)
  return perform(
    module,
    typed,
    {
      ...inputs,
      ...(needs?.files ? { files: { source: needs.files.src, ...readTree(needs.files.src) } } : {}),
      ...(needs?.template
        ? {
            template: { text: options.template ?? '', source: needs.template.src, mode: options.templateMode ?? 0o644 },
          }
        : {}),
    },
    shellConnection(options.shell),
    { checkMode: inputs.checkMode, diffMode: inputs.diffMode, environment: options.environment },
  )
}

/** A folder of the test's own, removed when the test ends. */
export function tmp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-step-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A connection to this machine whose scripts are run by that shell; closed when the test ends. */
export function shellConnection(shell: Shell = 'dash'): Connection {
  const applets = shell === 'busybox' ? appletFolder() : undefined
  const connection = localConnection({
    shell: applets === undefined ? program(shell) : join(applets, 'sh'),
    path: [...(applets === undefined ? [] : [applets]), process.env.PATH].join(':'),
  })
  onTestFinished(() => connection.close())
  return connection
}

function inputsFor({ check = false, diff = false, facts = {} }: StepOptions): Inputs {
  return {
    checkMode: check,
    diffMode: diff,
    facts,
    host: { name: 'testhost', address: '127.0.0.1', connection: 'local' },
  }
}

function onController(
  module: Extract<Module, { kind: 'controller' }>,
  args: ArgsOf<ArgTable>,
  inputs: Inputs,
  { expression = text => text, verbosity = 0 }: StepOptions,
): StepResult {
  try {
    const result = module.run(args, { ...inputs, expression, test: text => expression(text) === true, verbosity })
    if (result.failed) return { outcome: 'failed', result }
    return { outcome: result.skipped ? 'skipped' : result.changed ? 'changed' : 'ok', result }
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error
    return { outcome: 'failed', result: { ...error.result, failed: true, msg: error.message } }
  }
}

let applets: string | undefined

/** BusyBox finds its own applets first, so that no other tool of this machine answers for them. */
function appletFolder(): string {
  if (applets !== undefined) return applets
  const folder = mkdtempSync(join(tmpdir(), 'mlops-applets-'))
  execFileSync('busybox', ['--install', '-s', folder])
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  applets = folder
  return folder
}

const programs = new Map<string, string>()

function program(name: string): string {
  const known = programs.get(name)
  if (known !== undefined) return known
  const found = execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim()
  programs.set(name, found)
  return found
}
