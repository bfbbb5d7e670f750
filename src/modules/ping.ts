import { sh } from '../shell/sh.ts'
import { defineAction } from './module.ts'

export const ping = defineAction({
  summary: 'Asks a host whether it answers.',
  details: 'Needs a working connection and shell on the host, and nothing else. It is no ICMP ping.',
  args: {
    data: { type: 'str', doc: 'What is sent back as `ping`. `crash` makes the step fail.', default: 'pong' },
  },
  examples: `
- ping:
- name: Say hello
  ansible.builtin.ping:
    data: hello
`,
  returnDocs: { ping: 'The text of `data`.' },
  readOnly: true,
  act: ({ data }) => ({ script: sh`printf %s ${data}` }),
  read: ({ status, stdout }, { data }) => {
    if (data === 'crash') return { failed: true, msg: 'boom' }
    if (status !== 0) return { failed: true, msg: 'the shell of the host does not answer', rc: status }
    return { ping: stdout }
  },
})
