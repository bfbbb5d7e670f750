import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  state: { type: 'str', required: true, choices: ['disabled', 'enforcing', 'permissive'], doc: 'The mode.' },
  policy: { type: 'str', doc: 'The policy, such as `targeted`. Needed unless it is to be disabled.' },
  configfile: { type: 'path', default: '/etc/selinux/config', aliases: ['conf', 'file'], doc: 'The file.' },
  update_kernel_param: {
    type: 'bool',
    default: false,
    doc: 'Sets the kernel’s command line, too.',
    unsupported: 'boot loaders are not touched',
  },
} as const satisfies ArgTable

type Mode = { readonly config?: string; readonly policy?: string; readonly running?: string }

export const selinux = defineState({
  summary: 'Sets the mode and the policy of SELinux.',
  details:
    'Fails with a clear text on hosts without SELinux, unless it is to be disabled there. Not tried on a host with SELinux yet.',
  args: table,
  check: ({ state, policy }) =>
    state !== undefined && state !== 'disabled' && policy === undefined
      ? ["Policy is required if state is not 'disabled'"]
      : [],
  examples: `
- ansible.posix.selinux: { state: permissive, policy: targeted }
  when: ansible_selinux.status | default('disabled') == 'enabled'
- selinux: state=disabled
`,
  returnDocs: { reboot_required: 'Whether the host must be restarted for it.', configfile: 'The file.' },
  look: ({ configfile }) =>
    lines(
      section('config'),
      sh`PATH=$PATH:/sbin:/usr/sbin
cat -- ${configfile} 2>/dev/null`,
      section('running'),
      sh`command -v getenforce >/dev/null 2>&1 && getenforce
:`,
    ),
  read({ stdout }): Mode {
    const parts = sections(stdout)
    const config = parts.get('config') ?? ''
    const of = (key: string) => new RegExp(`^${key}=(\\S*)`, 'm').exec(config)?.[1]
    return {
      config: of('SELINUX') ?? 'absent',
      policy: of('SELINUXTYPE') ?? '',
      running: (parts.get('running') ?? '').trim().toLowerCase() || 'absent',
    }
  },
  want({ state, policy, configfile }, from): Mode {
    if (from?.config === 'absent') {
      if (state === 'disabled' && from.running !== 'enforcing' && from.running !== 'permissive') return {}
      throw new ModuleFailure(`SELinux is not on this host: there is no ${configfile}`)
    }
    // A disabled SELinux is not switched on, nor an active one off, without a restart.
    const switches = from?.running === 'enforcing' || from?.running === 'permissive'
    return {
      config: state,
      ...(policy === undefined ? {} : { policy }),
      ...(switches ? { running: state === 'enforcing' ? 'enforcing' : 'permissive' } : {}),
    }
  },
  change: ({ state, policy, configfile }, { from, to }) => ({
    script: lines(
      sh`PATH=$PATH:/sbin:/usr/sbin`,
      to?.running !== undefined &&
        to.running !== from?.running &&
        sh`setenforce ${to.running === 'enforcing' ? 1 : 0} || exit`,
      sh`sed -e ${`s/^SELINUX=.*/SELINUX=${state}/`} ${policy === undefined ? [] : ['-e', `s/^SELINUXTYPE=.*/SELINUXTYPE=${policy.replace(/[^\w-]/g, '')}/`]} -- ${configfile} >${`${configfile}.mlops`} && cat ${`${configfile}.mlops`} >${configfile} && rm -f -- ${`${configfile}.mlops`}`,
    ),
  }),
  returns: ({ state, policy, configfile }, { changed, to }) => ({
    changed,
    state,
    policy: policy ?? to?.policy ?? '',
    configfile,
    reboot_required: (state === 'disabled') !== (to?.running === 'disabled' || to?.running === 'absent'),
  }),
})
