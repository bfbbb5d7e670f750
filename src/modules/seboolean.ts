import type { ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The boolean of the policy.' },
  state: { type: 'bool', required: true, doc: 'Its value.' },
  persistent: { type: 'bool', default: false, doc: 'Keeps the value over a restart.' },
  ignore_selinux_state: { type: 'bool', default: false, doc: 'Works where SELinux is not in force, too.' },
} as const satisfies ArgTable

type Value = { readonly running?: boolean; readonly kept?: boolean }

export const seboolean = defineState({
  summary: 'Sets a boolean of the SELinux policy.',
  details:
    'Fails with a clear text on hosts without SELinux. Tried with stand-ins for its tools only, not on a host with SELinux.',
  args: table,
  examples: `
- seboolean: name=httpd_can_network_connect state=yes persistent=yes
  when: ansible_selinux.status | default('disabled') == 'enabled'
`,
  look: ({ name }) =>
    lines(
      sh`PATH=$PATH:/sbin:/usr/sbin; LC_ALL=C; export LC_ALL
command -v getsebool >/dev/null 2>&1 || { echo 'SELinux is disabled on this host.' >&2; exit 3; }
selinuxenabled 2>/dev/null || echo off
getsebool -- ${name} || exit 4
! command -v semanage >/dev/null 2>&1 || semanage boolean -l -n 2>/dev/null | grep -F -- ${`${name} `}
:`,
    ),
  read({ status, stdout, stderr }, { name, ignore_selinux_state }): Value {
    if (status === 4) throw new ModuleFailure(stderr.trim() || `SELinux boolean ${name} does not exist.`)
    if (status !== 0) throw new ModuleFailure(stderr.trim())
    const [first, ...rest] = stdout.trim().split('\n')
    if (first === 'off' && !ignore_selinux_state) throw new ModuleFailure('SELinux is disabled on this host.')
    const answer = first === 'off' ? rest : [first, ...rest]
    const running = / --> (on|active)$/.test(answer[0] ?? '')
    const listed = answer.find(line => line?.startsWith(`${name} `))
    const kept = /\(\s*(on|off)\s*,\s*(on|off)\s*\)/.exec(listed ?? '')?.[2]
    return { running, ...(kept === undefined ? {} : { kept: kept === 'on' }) }
  },
  want: ({ state, persistent }, from) => ({
    running: state,
    ...(persistent && from?.kept !== undefined ? { kept: state } : {}),
  }),
  change: ({ name, state, persistent }) => ({
    script: sh`PATH=$PATH:/sbin:/usr/sbin
setsebool ${persistent ? ['-P'] : []} ${name} ${state ? 'on' : 'off'}`,
  }),
  returns: ({ name, state, persistent }, { changed }) => ({ changed, name, state, persistent }),
})
