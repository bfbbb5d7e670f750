import { createHash } from 'node:crypto'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, type Inputs, ModuleFailure } from './module.ts'
import { commandArgs, commandGuard, commandResult, commandReturns, enter } from './parts/command.ts'
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
  returnDocs: commandReturns,
  needs: ({ cmd, decrypt }) => ({ files: { src: split(cmd).source, searchIn: 'files', decrypt } }),
  guard: (args, { checkMode }) => commandGuard(args, args.cmd, checkMode),
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
  read: (output, args) => commandResult(output, args.cmd),
})

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
