import { defineState } from './module.ts'
import {
  changeService,
  lookService,
  readService,
  type ServiceState,
  serviceArgs,
  serviceResult,
  wantService,
} from './parts/service-steps.ts'

export const service = defineState({
  summary: 'Starts, stops, restarts and enables services, whatever manages them.',
  details: 'Works with systemd, OpenRC and scripts of `/etc/init.d`, chosen by looking.',
  args: {
    name: { type: 'str', required: true, doc: 'The service.' },
    ...serviceArgs,
    arguments: { type: 'str', aliases: ['args'], doc: 'Further words for a script of `/etc/init.d` or OpenRC.' },
    sleep: { type: 'int', doc: 'Pause of a restart, in seconds.', ignored: 'a restart is left to the service manager' },
    pattern: { type: 'str', doc: 'Text to find in the process list.', ignored: 'the service manager is asked' },
    runlevel: { type: 'str', default: 'default', doc: 'The runlevel of OpenRC in which it is enabled.' },
    use: { type: 'str', default: 'auto', doc: 'The service manager.', ignored: 'it is found by looking' },
  },
  examples: `
- name: Run the web server, now and after a boot
  become: true
  ansible.builtin.service:
    name: nginx
    state: started
    enabled: true
- service: name=docker state=restarted
`,
  returnDocs: {
    name: 'The service.',
    state: '`started` or `stopped`.',
    enabled: 'As asked for.',
    status: 'What systemd knew of it before.',
  },
  look: args => lookService(args),
  read: ({ stdout }): ServiceState => readService(stdout),
  want: (args, state, inputs) => wantService(args, state, inputs),
  change: (args, { from, to }) => ({ script: changeService(args, from, to ?? {}) }),
  verify: false,
  returns: (args, step) => serviceResult(args, step),
})
