import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  service: { type: 'str', doc: 'A service by its name.' },
  port: { type: 'str', doc: 'A port or a range with its protocol: `8080/tcp`.' },
  protocol: { type: 'str', doc: 'A protocol.' },
  source: { type: 'str', doc: 'Addresses that belong to the zone.' },
  interface: { type: 'str', doc: 'An interface that belongs to the zone.' },
  rich_rule: { type: 'str', doc: 'A rule in firewalld’s own language.' },
  icmp_block: { type: 'str', doc: 'A kind of ICMP that is blocked.' },
  icmp_block_inversion: { type: 'str', doc: 'Turns the blocks around.', unsupported: 'it is not set yet' },
  forward: { type: 'str', doc: 'Forwarding inside the zone.', unsupported: 'it is not set yet' },
  port_forward: { type: 'list', elements: 'dict', doc: 'Forwards a port.', unsupported: 'use a rich rule' },
  masquerade: { type: 'str', doc: '`true` or `false`: whether the zone masquerades.' },
  target: { type: 'str', doc: 'The target of the zone.', unsupported: 'zones are not made yet' },
  zone: { type: 'str', doc: 'The zone; the default one by default.' },
  state: {
    type: 'str',
    required: true,
    choices: ['absent', 'disabled', 'enabled', 'present'],
    doc: 'Whether it is in the zone.',
  },
  permanent: { type: 'bool', doc: 'Whether it is kept over a restart; what is not permanent is set at once.' },
  immediate: { type: 'bool', default: false, doc: 'Sets what is permanent at once, too.' },
  timeout: { type: 'int', default: 0, doc: 'Seconds until it ends; not for what is permanent.' },
  offline: {
    type: 'bool',
    default: false,
    doc: 'Works while firewalld does not run.',
    unsupported: 'firewalld must run',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Zone = { readonly kept?: boolean; readonly running?: boolean }

const kinds = ['service', 'port', 'protocol', 'source', 'interface', 'rich_rule', 'icmp_block'] as const

export const firewalld = defineState({
  summary: 'Opens services, ports and more in a zone of firewalld.',
  details: 'Tried with a stand-in for firewall-cmd only. Fails with a clear text on hosts without firewalld.',
  args: table,
  check(args) {
    const given = [...kinds, 'masquerade' as const].filter(kind => args[kind] !== undefined)
    return [
      ...(given.length === 1 ? [] : [`one of ${kinds.join(', ')}, masquerade is needed, and not more`]),
      ...(args.port !== undefined && !/^[\d-]+\/\w+$/.test(args.port)
        ? ['improper port format (missing protocol?)']
        : []),
      ...(args.state === 'present' || args.state === 'absent'
        ? ['`present` and `absent` are for zones, which are not made yet: use `enabled` or `disabled`']
        : []),
      ...(args.permanent && args.timeout ? ['`timeout` is not for what is permanent'] : []),
    ]
  },
  examples: `
- firewalld: { service: https, permanent: true, immediate: true, state: enabled }
  when: ansible_os_family == 'RedHat'
- ansible.posix.firewalld: port=8081/tcp zone=public permanent=yes state=disabled
  when: ansible_os_family == 'RedHat'
`,
  look: args =>
    lines(
      sh`command -v firewall-cmd >/dev/null 2>&1 || { echo 'firewalld is not on this host' >&2; exit 3; }
firewall-cmd --state >/dev/null 2>&1 || { echo 'firewalld is not running, and offline is not supported' >&2; exit 4; }`,
      isPermanent(args) && sh`if firewall-cmd --permanent ${query(args, 'query')} >/dev/null 2>&1; then echo kept; fi`,
      isRunning(args) && sh`if firewall-cmd ${query(args, 'query')} >/dev/null 2>&1; then echo running; fi`,
      sh`:`,
    ),
  read({ status, stdout, stderr }, args): Zone {
    if (status !== 0) throw new ModuleFailure(stderr.trim(), { rc: status })
    const found = stdout.trim().split('\n')
    return {
      ...(isPermanent(args) ? { kept: found.includes('kept') } : {}),
      ...(isRunning(args) ? { running: found.includes('running') } : {}),
    }
  },
  want(args): Zone {
    const on =
      (args.state === 'enabled') === (args.masquerade === undefined || /^(y|yes|on|true|t|1)$/i.test(args.masquerade))
    return { ...(isPermanent(args) ? { kept: on } : {}), ...(isRunning(args) ? { running: on } : {}) }
  },
  change(args, { from, to }) {
    const verb = (on: boolean | undefined) => (on ? 'add' : 'remove')
    const timeout = args.timeout > 0 && to?.running ? [`--timeout=${args.timeout}`] : []
    return {
      script: lines(
        to?.kept !== from?.kept && sh`firewall-cmd --permanent ${query(args, verb(to?.kept))} || exit`,
        to?.running !== from?.running && sh`firewall-cmd ${query(args, verb(to?.running))} ${timeout} || exit`,
      ),
    }
  },
  returns: (args, { changed, output }) => ({
    changed,
    msg: [
      isPermanent(args) ? 'Permanent operation' : 'Non-permanent operation',
      ...(output ? [output.stdout.trim()] : []),
    ].join(', '),
  }),
})

function isPermanent({ permanent }: Args): boolean {
  return permanent === true
}

function isRunning({ permanent, immediate }: Args): boolean {
  return permanent !== true || immediate
}

function query(args: Args, verb: 'query' | 'add' | 'remove'): readonly string[] {
  const zone = args.zone === undefined ? [] : [`--zone=${args.zone}`]
  if (args.masquerade !== undefined) return [...zone, `--${verb}-masquerade`]
  const kind = kinds.find(one => args[one] !== undefined) ?? 'service'
  return [...zone, `--${verb}-${kind.replace('_', '-')}=${args[kind]}`]
}
