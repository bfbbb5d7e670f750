import { createHash } from 'node:crypto'
import type { ScriptResult } from '../connection/connection.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, type Inputs, ModuleFailure, type Result } from './module.ts'
import { commandArgs, commandGuard, commandResult, enter, outputReturns, type Where } from './parts/command.ts'
import { commandWords } from './parts/command-words.ts'

export const script = defineAction({
  summary: 'Runs a script of the controller on the host.',
  details:
    'The script is copied to a temporary file, run with its arguments, and removed. Its first line says what runs it, unless `executable` does.',
  args: {
    cmd: { type: 'str', doc: 'The path of the script, followed by its arguments.' },
    ...commandArgs,
    executable: { type: 'str', doc: 'The program that runs the script, with arguments of its own if need be.' },
    decrypt: { type: 'bool', doc: 'Opens a script that is in a vault.', default: true },
  },
  freeForm: 'cmd',
  examples: `
- script: setup-swap.sh --size 2G
  args:
    creates: /swapfile
- ansible.builtin.script:
    cmd: report.py
    executable: python3
`,
  returnDocs: outputReturns,
  needs: ({ cmd, decrypt }) => ({ files: { src: split(cmd).source, searchIn: 'files', decrypt } }),
  guard(args, { checkMode }) {
    const guard = commandGuard(args, args.cmd, checkMode)
    if (guard === undefined) return undefined
    const skip = (output: ScriptResult) => (guard.skip(output) ? notRun(args, output) : undefined)
    return { look: guard.look, skip }
  },

  act(args, inputs) {
    const { words } = split(args.cmd)
    const file = scriptFile(inputs)
    const to = `/tmp/.mlops-${createHash('sha1').update(`${inputs.host.name} ${file.sha1} ${args.cmd}`).digest('hex')}.tmp`
    return {
      uploads: [{ to, mode: 0o700, content: file.read() }],
      script: lines(
        sh`trap ${sh`rm -f -- ${to}`.text} EXIT`,
        enter(args.chdir),
        sh`${runner(args.executable)} ${to} ${words}`,
      ),
    }
  },
  read(output) {
    const { cmd: _, msg, ...result } = commandResult(output, undefined, false)
    return result.failed ? { ...result, msg } : result
  },
})

function notRun({ creates, removes }: Where, output: ScriptResult): Result {
  const found = output.stdout.includes('creates')
  return {
    skipped: true,
    msg: found ? `${creates} exists, matching creates option` : `${removes} does not exist, matching removes option`,
  }
}

function runner(executable: string | undefined): readonly (Script | string)[] {
  const [program, ...args] = executable === undefined ? [] : commandWords(executable)
  return program === undefined ? [] : [pathWord(program), ...args]
}

function split(cmd: string | undefined): { source: string; words: readonly string[] } {
  const [source, ...words] = commandWords(cmd ?? '')
  if (source === undefined) throw new ModuleFailure('no script given')
  return { source, words }
}

function scriptFile({ files }: Inputs): { sha1: string; read: () => Uint8Array } {
  const [file] = files?.entries ?? []
  if (file === undefined || files?.root === 'directory') throw new ModuleFailure(`${files?.source} is not a file`)
  return file
}
