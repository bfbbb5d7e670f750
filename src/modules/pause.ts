import { sh } from '../shell/sh.ts'
import { defineAction, ModuleFailure } from './module.ts'

export const pause = defineAction({
  summary: 'Waits for a while.',
  once: true,
  args: {
    seconds: { type: 'int', doc: 'How long, in seconds.' },
    minutes: { type: 'int', doc: 'How long, in minutes.' },
    prompt: { type: 'str', doc: 'What is said while waiting. Answers are not asked for; `vars_prompt` does that.' },
    echo: { type: 'bool', doc: 'Shows what is typed.', default: true, ignored: 'nothing is asked for' },
  },
  check: ({ seconds, minutes }) =>
    seconds !== undefined && minutes !== undefined ? ['`seconds` and `minutes` exclude each other'] : [],
  examples: `
- pause: seconds=1
- ansible.builtin.pause:
    minutes: 5
    prompt: The cluster elects its leader
`,
  returnDocs: { stdout: 'How long it waited.', user_input: 'Nothing.' },
  act({ seconds, minutes }) {
    const wait = seconds ?? (minutes === undefined ? undefined : minutes * 60)
    if (wait === undefined)
      throw new ModuleFailure('pause cannot ask and wait for an answer: give seconds or minutes, or use vars_prompt')
    return { script: sh`sleep ${Math.max(0, wait)}` }
  },
  read({ status, stderr }, { seconds, minutes, prompt }) {
    if (status !== 0) return { failed: true, msg: stderr.trim(), rc: status }
    const stdout = seconds === undefined ? `Paused for ${minutes} minutes` : `Paused for ${seconds} seconds`
    return { changed: false, rc: 0, stdout, stderr: '', user_input: '', ...(prompt === undefined ? {} : { prompt }) }
  },
})
