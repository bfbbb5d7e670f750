import { lines, type Script, script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction } from './module.ts'
import {
  commandArgs,
  commandGuard,
  commandResult,
  commandReturns,
  enter,
  inputOf,
  noCommand,
  streamArgs,
  unrunResult,
} from './parts/command.ts'
import { commandWords } from './parts/command-words.ts'

export const command = defineAction({
  summary: 'Runs a program, without a shell in between.',
  details:
    'Words are split as a shell splits them, then handed to the program as they are: pipes, redirections, `;` and `*` have no meaning. For those, use `shell`. It always counts as changed; say otherwise with `changed_when`, `creates` or `removes`.',
  args: {
    cmd: { type: 'str', doc: 'The program and its arguments in one text.' },
    argv: { type: 'list', elements: 'str', doc: 'The program and its arguments as a list: nothing is split.' },
    ...commandArgs,
    ...streamArgs,
    expand_argument_vars: {
      type: 'bool',
      doc: 'Puts the values of the host’s environment variables in for `$NAME`, and a home folder for a leading `~`.',
      default: true,
    },
    executable: { type: 'path', doc: 'A shell.', ignored: 'no shell takes part' },
    warn: { type: 'bool', doc: 'Warnings about commands that modules can do.', ignored: 'there are no such warnings' },
  },
  freeForm: 'cmd',
  check: args => (args.cmd !== undefined && args.argv !== undefined ? ['`cmd` and `argv` exclude each other'] : []),
  examples: `
- command: cat /etc/motd
  register: motd
  changed_when: false
- command: /usr/sbin/make-database.sh db_user db_name
  args:
    chdir: /srv/data
    creates: /srv/data/database
- ansible.builtin.command:
    argv: [mkdir, "with blanks and 'quotes'"]
    removes: /srv/old
- command:
    cmd: tee greeting
    stdin: hello
`,
  returnDocs: commandReturns,
  guard: (args, { checkMode }) => commandGuard(args, wordsOf(args), checkMode),
  runsInCheckMode: true,
  act(args, { checkMode }) {
    const words = wordsOf(args)
    if (checkMode) return args.chdir === undefined ? {} : { script: lines(enter(args.chdir)) }
    const [program = script("''"), ...rest] = words.map(word => (args.expand_argument_vars ? pathWord(word) : word))
    return { script: lines(enter(args.chdir), runProgram(program, rest)), ...inputOf(args) }
  },
  read(output, args, { checkMode }) {
    if (checkMode) return unrunResult(output, args, wordsOf(args))
    const result = commandResult(output, wordsOf(args), args.strip_empty_ends)
    // a program that could not be started has changed nothing
    return output.stderr.startsWith('[Errno ') ? { ...result, changed: false, cmd: wordsOf(args).join(' ') } : result
  },
})

function wordsOf({ cmd, argv }: { cmd?: string | undefined; argv?: readonly string[] | undefined }): readonly string[] {
  const words = argv ?? commandWords(cmd ?? '')
  if (words.length === 0) throw noCommand()
  return words
}

/** `exec` keeps the shell's own `echo` and `test` out of it. A program that is not there fails with Python's words, which playbooks test for. */
function runProgram(program: Script | string, args: readonly (Script | string)[]): Script {
  return sh`if [ -d ${program} ] || { [ -e ${program} ] && ! [ -x ${program} ]; }; then
  case ${program} in */*) printf "[Errno 13] Permission denied: b'%s'\n" ${program} >&2; exit 13;; esac
fi
command -v ${program} >/dev/null 2>&1 || { printf "[Errno 2] No such file or directory: b'%s'\n" ${program} >&2; exit 2; }
exec ${program} ${args}`
}
