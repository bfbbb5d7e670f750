import { sh } from '../shell/sh.ts'
import { defineAction } from './module.ts'

export const waitForConnection = defineAction({
  summary: 'Waits until the host can be reached and its shell answers.',
  details: 'The connection itself is opened again and again by the engine until the time is over.',
  args: {
    timeout: { type: 'int', default: 600, doc: 'Longest wait, in seconds.' },
    delay: { type: 'int', default: 0, doc: 'Seconds before the first try.' },
    sleep: { type: 'int', default: 1, doc: 'Seconds between two tries.' },
    connect_timeout: { type: 'int', default: 5, doc: 'Longest wait for one try, in seconds.' },
  },
  examples: `
- name: Wait until the server is up
  wait_for_connection:
    timeout: 300
`,
  returnDocs: { elapsed: 'Seconds that were waited.' },
  reconnects: ({ delay, timeout, sleep }) => ({
    delayMs: delay * 1000,
    timeoutMs: timeout * 1000,
    sleepMs: sleep * 1000,
  }),
  act: () => ({ script: sh`echo pong` }),
  read: ({ status, stdout }) =>
    status === 0 && stdout.includes('pong') ? {} : { failed: true, msg: 'the shell of the host does not answer' },
})
