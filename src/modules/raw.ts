import { script, sh } from '../shell/sh.ts'
import { defineAction, ModuleFailure } from './module.ts'
import { commandResult, outputReturns } from './parts/command.ts'

export const raw = defineAction({
  summary: 'Runs shell text as it is, with no arguments around it.',
  details:
    'For hosts on which hardly anything works yet. Use `shell` or `command` otherwise: they know `creates` and `chdir`.',
  args: {
    cmd: { type: 'str', doc: 'The text to run.' },
    executable: { type: 'str', doc: 'The shell to use; that of the connection by default.' },
  },
  freeForm: 'cmd',
  examples: `
- raw: test -e /usr/bin/sudo || apk add sudo
- ansible.builtin.raw: set -o pipefail; true | true
  args:
    executable: /bin/bash
`,
  returnDocs: outputReturns,
  act({ cmd, executable }) {
    if (cmd === undefined) throw new ModuleFailure('no command given', { rc: 256 })
    return { script: executable === undefined ? script(cmd) : sh`exec ${executable} -c ${cmd}` }
  },
  read(output) {
    const { cmd: _, msg, ...result } = commandResult(output, undefined, false)
    return result.failed ? { ...result, msg } : result
  },
})
