import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import {
  changeService,
  lookService,
  readService,
  type ServiceArgs,
  type ServiceState,
  serviceArgs,
  serviceResult,
  wantService,
} from './parts/service-steps.ts'

const table = {
  name: { type: 'str', aliases: ['service', 'unit'], doc: 'The unit; without a suffix, a `.service`.' },
  ...serviceArgs,
  masked: { type: 'bool', doc: 'Whether it can be started at all.' },
  force: { type: 'bool', default: false, doc: 'Overwrites links that are in the way.' },
  daemon_reload: {
    type: 'bool',
    default: false,
    aliases: ['daemon-reload'],
    doc: 'Has systemd read its unit files again: before anything else is done, or when some file is newer than what systemd knows.',
  },
  daemon_reexec: {
    type: 'bool',
    default: false,
    aliases: ['daemon-reexec'],
    doc: 'Starts systemd itself anew before anything else is changed.',
  },
  scope: { type: 'str', choices: ['system', 'user', 'global'], default: 'system', doc: 'Whose service manager.' },
  no_block: { type: 'bool', default: false, doc: 'Does not wait until it is done.' },
} as const satisfies ArgTable

export const systemd = defineState({
  summary: 'Starts, stops, restarts, enables and masks units of systemd.',
  args: table,
  examples: `
- name: Run the engine with its new settings
  become: true
  ansible.builtin.systemd:
    name: docker
    state: restarted
    enabled: true
    daemon_reload: true
- systemd_service:
    daemon_reload: true
`,
  returnDocs: {
    name: 'The unit.',
    state: '`started` or `stopped`.',
    enabled: 'As asked for.',
    status: 'The properties of the unit before.',
  },
  check: args =>
    args.name === undefined && (args.state !== undefined || args.enabled !== undefined || args.masked !== undefined)
      ? ['`name` is needed with `state`, `enabled` and `masked`']
      : [],
  look: args => lookService(named(args)),
  read({ stdout }): ServiceState {
    const state = readService(stdout)
    if (state.manager !== 'systemd') throw new ModuleFailure('systemd does not run on this host')
    return state
  },
  want: (args, state, inputs) => wantService(named(args), state, inputs),
  change: (args, { from, to }) => ({ script: changeService(named(args), from, to ?? {}) }),
  verify: false,
  returns: (args, step) => serviceResult(named(args), step),
})

function named(args: ArgsOf<typeof table>): ServiceArgs {
  const { daemon_reload: daemonReload, daemon_reexec: daemonReexec, no_block: noBlock, ...same } = args
  return { ...same, daemonReload, daemonReexec, noBlock }
}
