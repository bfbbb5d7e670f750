import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { globWord, pathWord } from '../../shell/words.ts'
import { ModuleFailure, type Result } from '../module.ts'

/** Arguments that every module running a command has. */
export const commandArgs = {
  creates: { type: 'str', doc: 'Nothing is run when this file, or a match of this pattern, exists on the host.' },
  removes: { type: 'str', doc: 'Nothing is run when no such file, and no match of this pattern, exists on the host.' },
  chdir: { type: 'path', doc: 'The folder to run in.' },
} as const satisfies ArgTable

/** Arguments of what a command reads, and of how its output is kept. */
export const streamArgs = {
  stdin: { type: 'str', doc: 'What the command reads; nothing by default.' },
  stdin_add_newline: { type: 'bool', doc: 'Ends `stdin` with a line break.', default: true },
  strip_empty_ends: { type: 'bool', doc: 'Drops line breaks from the end of stdout and stderr.', default: true },
} as const satisfies ArgTable

export const outputReturns = {
  rc: 'The exit status.',
  stdout: 'What it wrote to its standard output.',
  stderr: 'What it wrote to its standard error.',
  stdout_lines: '`stdout` as a list of lines.',
  stderr_lines: '`stderr` as a list of lines.',
} as const

export const commandReturns = {
  cmd: 'What was run.',
  ...outputReturns,
  start: 'When it began, by the clock here.',
  end: 'When it ended.',
  delta: 'How long it took.',
} as const

export interface Where {
  readonly creates?: string | undefined
  readonly removes?: string | undefined
  readonly chdir?: string | undefined
}

/** Looks for `creates` and `removes`: the guard of a module that runs a command. Undefined when neither is given. */
export function commandGuard(
  { creates, removes, chdir }: Where,
  cmd: unknown,
  checkMode: boolean,
): { look: Script; skip(output: ScriptResult): Result | undefined } | undefined {
  if (creates === undefined && removes === undefined) return undefined
  return {
    look: lines(
      enter(chdir),
      creates !== undefined && sh`set -- ${globWord(creates)}; if [ -e "$1" ] || [ -L "$1" ]; then echo creates; fi`,
      removes !== undefined &&
        sh`set -- ${globWord(removes)}; if [ -e "$1" ] || [ -L "$1" ]; then :; else echo removes; fi`,
    ),
    skip(output) {
      refuseFolder(output, cmd)
      const found = output.stdout.trim().split('\n')
      if (found.includes('creates')) return notRun(cmd, `${creates} exists`, `'${creates}' exists`, checkMode)
      if (found.includes('removes')) {
        return notRun(cmd, `${removes} does not exist`, `'${removes}' does not exist`, checkMode)
      }
      return undefined
    },
  }
}

const NO_FOLDER = 'Unable to change directory before execution'

/** Goes to the folder to run in, or ends the script. */
export function enter(chdir: string | undefined): Script | undefined {
  if (chdir === undefined) return undefined
  const folder = pathWord(chdir)
  return sh`CDPATH= cd -- ${folder} 2>/dev/null || { printf '%s: %s\n' ${NO_FOLDER} ${folder} >&2; exit 2; }`
}

/** What is registered of a command that ran. */
export function commandResult(output: ScriptResult, cmd: unknown, stripEnds = true): Result {
  refuseFolder(output, cmd)
  const missing = /^\[Errno \d+\] .*/.exec(output.status === 2 || output.status === 13 ? output.stderr : '')?.[0]
  const stdout = stripEnds ? stripped(output.stdout) : output.stdout
  const stderr = missing ? '' : stripEnds ? stripped(output.stderr) : output.stderr
  const result = {
    changed: true,
    cmd,
    rc: output.status,
    stdout,
    stderr,
    stdout_lines: textLines(stdout),
    stderr_lines: textLines(stderr),
    msg: '',
  }
  return output.status === 0 ? result : { ...result, failed: true, msg: missing ?? 'non-zero return code' }
}

/** What is registered of a command that was not run because of check mode: with `creates` or `removes` it would change something. */
export function unrunResult(output: ScriptResult, { creates, removes }: Where, cmd: unknown): Result {
  refuseFolder(output, cmd)
  const guarded = creates !== undefined || removes !== undefined
  return {
    changed: guarded,
    ...(guarded ? {} : { skipped: true }),
    ...notStarted(cmd),
    rc: 0,
    msg: 'Command would have run if not in check mode',
  }
}

/** Text as a list of lines, without their ends. */
export function textLines(text: string): string[] {
  const found = text.split(/\r\n|\r|\n/)
  if (found.at(-1) === '') found.pop()
  return found
}

/** What a command reads. */
export function inputOf({ stdin, stdin_add_newline }: { stdin?: string | undefined; stdin_add_newline: boolean }): {
  stdin?: string
} {
  if (stdin === undefined) return {}
  return { stdin: stdin_add_newline ? `${stdin}\n` : stdin }
}

function refuseFolder({ status, stderr }: ScriptResult, cmd: unknown): void {
  if (status === 2 && stderr.startsWith(NO_FOLDER)) throw new ModuleFailure(stderr.trim(), notStarted(cmd))
}

/** Keys of a command that did not run. */
function notStarted(cmd: unknown): Omit<Result, 'rc'> {
  return {
    cmd,
    rc: null,
    stdout: '',
    stderr: '',
    stdout_lines: [],
    stderr_lines: [],
    start: null,
    end: null,
    delta: null,
  }
}

/** Thrown where there is nothing to run. */
export function noCommand(): ModuleFailure {
  return new ModuleFailure('no command given', { ...notStarted(null), rc: 256 })
}

function stripped(text: string): string {
  return text.replace(/[\r\n]+$/, '')
}

function notRun(cmd: unknown, since: string, why: string, checkMode: boolean): Result {
  const stdout = `skipped, since ${since}`
  return {
    changed: false,
    ...notStarted(cmd),
    rc: 0,
    stdout,
    stdout_lines: [stdout],
    msg: `${checkMode ? 'Would' : 'Did'} not run command since ${why}`,
  }
}
