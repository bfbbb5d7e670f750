import { lines, script, sh } from '../shell/sh.ts'
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

export const shell = defineAction({
  summary: 'Runs shell text.',
  details:
    'The text is given to `/bin/sh`, or to the shell named by `executable`: pipes, redirections and variables work. It always counts as changed; say otherwise with `changed_when`, `creates` or `removes`.',
  args: {
    cmd: { type: 'str', doc: 'The text to run.' },
    ...commandArgs,
    ...streamArgs,
    executable: { type: 'path', doc: 'The shell to use, such as `/bin/bash`; `/bin/sh` by default.' },
    warn: { type: 'bool', doc: 'Warnings about commands that modules can do.', ignored: 'there are no such warnings' },
  },
  freeForm: 'cmd',
  examples: `
- shell: ps ax | grep -c '[n]ode'
  register: processes
  changed_when: false
- shell: ./build.sh >> build.log 2>&1
  args:
    chdir: /srv/app
    creates: dist/main.js
- ansible.builtin.shell:
    cmd: set -o pipefail; journalctl -u app | tail -n 5
    executable: /bin/bash
`,
  returnDocs: commandReturns,
  guard: (args, { checkMode }) => commandGuard(args, args.cmd, checkMode),
  runsInCheckMode: true,
  act(args, { checkMode }) {
    if (args.cmd === undefined || args.cmd.trim() === '') throw noCommand()
    if (checkMode) return args.chdir === undefined ? {} : { script: lines(enter(args.chdir)) }
    const run = args.executable === undefined ? script(args.cmd) : sh`exec ${args.executable} -c ${args.cmd}`
    return { script: lines(enter(args.chdir), run), ...inputOf(args) }
  },
  read: (output, args, { checkMode }) =>
    checkMode ? unrunResult(output, args, args.cmd) : commandResult(output, args.cmd, args.strip_empty_ends),
})
