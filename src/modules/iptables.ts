import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  table: { type: 'str', choices: ['filter', 'nat', 'mangle', 'raw', 'security'], default: 'filter', doc: 'The table.' },
  chain: { type: 'str', doc: 'The chain.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether the rule is there.' },
  action: { type: 'str', choices: ['append', 'insert'], default: 'append', doc: 'Where a new rule goes.' },
  rule_num: { type: 'str', doc: 'The number that an inserted rule gets.' },
  ip_version: { type: 'str', choices: ['ipv4', 'ipv6', 'both'], default: 'ipv4', doc: 'Which protocol.' },
  protocol: { type: 'str', doc: 'The protocol of the rule.' },
  wait: { type: 'str', doc: 'Seconds to wait for others who work on the rules.' },
  numeric: { type: 'bool', default: false, doc: 'Lists without names.', ignored: 'nothing is looked up here' },
  source: { type: 'str', doc: 'Where packets come from.' },
  destination: { type: 'str', doc: 'Where packets go.' },
  to_source: { type: 'str', doc: 'New source, with `jump: SNAT`.' },
  to_destination: { type: 'str', doc: 'New target, with `jump: DNAT`.' },
  to_ports: { type: 'str', doc: 'New ports.' },
  match: { type: 'list', elements: 'str', default: [], doc: 'Extensions to use.' },
  tcp_flags: { type: 'dict', doc: '`flags` that are looked at, and `flags_set` that must be set.' },
  jump: { type: 'str', doc: 'What becomes of the packet.' },
  goto: { type: 'str', doc: 'The chain to go on in.' },
  gateway: { type: 'str', doc: 'Where copies go, with `jump: TEE`.' },
  log_prefix: { type: 'str', doc: 'Text before lines of the log.' },
  log_level: { type: 'str', doc: 'The level of lines of the log.' },
  in_interface: { type: 'str', doc: 'The interface that packets come from.' },
  out_interface: { type: 'str', doc: 'The interface that packets leave by.' },
  fragment: { type: 'str', doc: 'Matches later fragments.' },
  set_counters: { type: 'str', doc: 'Counters of a new rule.' },
  source_port: { type: 'str', doc: 'Port or range of the source.' },
  destination_port: { type: 'str', doc: 'Port or range of the target.' },
  destination_ports: { type: 'list', elements: 'str', default: [], doc: 'Several ports of the target.' },
  set_dscp_mark: { type: 'str', doc: 'A DSCP mark.' },
  set_dscp_mark_class: { type: 'str', doc: 'A class of DSCP.' },
  comment: { type: 'str', doc: 'A comment on the rule.' },
  ctstate: { type: 'list', elements: 'str', default: [], doc: 'States of connections.' },
  src_range: { type: 'str', doc: 'A range of sources.' },
  dst_range: { type: 'str', doc: 'A range of targets.' },
  match_set: { type: 'str', doc: 'A set of ipset.' },
  match_set_flags: { type: 'str', doc: 'How the set is used: `src`, `dst` …' },
  limit: { type: 'str', doc: 'How often the rule holds, such as `3/second`.' },
  limit_burst: { type: 'str', doc: 'How often at first.' },
  uid_owner: { type: 'str', doc: 'The user whose packets are meant.' },
  gid_owner: { type: 'str', doc: 'The group whose packets are meant.' },
  reject_with: { type: 'str', doc: 'The answer of `REJECT`.' },
  icmp_type: { type: 'str', doc: 'The kind of ICMP.' },
  syn: {
    type: 'str',
    choices: ['ignore', 'match', 'negate'],
    default: 'ignore',
    doc: 'Whether the first packet is meant.',
  },
  flush: { type: 'bool', default: false, doc: 'Removes all rules of the chain, or of the table.' },
  policy: { type: 'str', choices: ['ACCEPT', 'DROP', 'QUEUE', 'RETURN'], doc: 'The policy of the chain.' },
  chain_management: { type: 'bool', default: false, doc: 'Makes the chain, or removes it.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** One key for each version of IP: what is asked about the rule, the chain or the policy. */
type Rules = { readonly ipv4?: string; readonly ipv6?: string }

const programs = { ipv4: 'iptables', ipv6: 'ip6tables' } as const

export const iptables = defineState({
  summary: 'Keeps a rule of the packet filter, a chain, or the policy of a chain.',
  details: 'Rules are not kept over a restart of the host: see what it has for that (`netfilter-persistent`).',
  args: table,
  check: ({ chain, flush, policy, set_dscp_mark, set_dscp_mark_class, jump, gateway, chain_management }) => [
    ...(chain === undefined && !flush ? ['`chain` is needed, unless `flush` is set'] : []),
    ...(flush && policy !== undefined ? ['`flush` and `policy` exclude each other'] : []),
    ...(set_dscp_mark !== undefined && set_dscp_mark_class !== undefined
      ? ['`set_dscp_mark` and `set_dscp_mark_class` exclude each other']
      : []),
    ...(jump?.toLowerCase() === 'tee' && gateway === undefined ? ['`jump: TEE` needs `gateway`'] : []),
    ...(chain_management && policy !== undefined ? ['`chain_management` and `policy` exclude each other'] : []),
  ],
  examples: `
- iptables:
    chain: INPUT
    protocol: tcp
    destination_port: "22"
    ctstate: [NEW, ESTABLISHED]
    source: 10.0.0.0/8
    jump: ACCEPT
    comment: let us in
- ansible.builtin.iptables: { chain: FORWARD, policy: DROP }
- iptables: { chain: OLD, chain_management: true, state: absent }
`,
  returnDocs: {
    chain: 'The chain.',
    rule: 'The rule, as text.',
    table: 'The table.',
    ip_version: 'The protocol.',
    flush: 'As asked for.',
  },
  look: args =>
    lines(
      sh`PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export LC_ALL`,
      ...versions(args).map(version => {
        const program = programs[version]
        return lines(
          sh`command -v ${program} >/dev/null 2>&1 || { printf '%s is not on this host\n' ${program} >&2; exit 3; }`,
          look(args, program, version),
        )
      }),
    ),
  read({ status, stdout, stderr }, args): Rules {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `exit status ${status}`, { rc: status })
    const answers = stdout.trim().split('\n')
    return Object.fromEntries(versions(args).map((version, i) => [version, answers[i] ?? '']))
  },
  want(args): Rules {
    const wanted = args.flush ? 'empty' : (args.policy ?? args.state)
    return Object.fromEntries(versions(args).map(version => [version, wanted]))
  },
  change: (args, { from, to }) => ({
    script: lines(
      sh`PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export LC_ALL`,
      ...versions(args)
        .filter(version => from?.[version] !== to?.[version])
        .map(version => change(args, programs[version], version)),
    ),
  }),
  returns: (args, { changed }) => ({
    changed,
    failed: false,
    ip_version: args.ip_version,
    table: args.table,
    chain: args.chain ?? null,
    flush: args.flush,
    rule: rule(args, args.ip_version === 'ipv6' ? 'ipv6' : 'ipv4').join(' '),
    state: args.state,
    chain_management: args.chain_management,
  }),
})

type Version = keyof typeof programs

function versions({ ip_version }: Args): readonly Version[] {
  return ip_version === 'both' ? ['ipv4', 'ipv6'] : [ip_version]
}

/** Whether the chain itself is meant, and no rule in it. */
function isChain(args: Args): boolean {
  return args.chain_management && rule(args, 'ipv4').filter(word => word !== '-w' && word !== args.wait).length === 0
}

function base({ table: name, wait }: Args): readonly string[] {
  return [...(wait === undefined ? [] : ['-w', wait]), '-t', name]
}

function look(args: Args, program: string, version: Version): Script {
  const { chain = '', policy, flush } = args
  if (flush)
    return sh`if [ -n "$(${program} ${base(args)} -S ${chain ? [chain] : []} | grep '^-A')" ]; then echo full; else echo empty; fi`
  if (policy !== undefined)
    return sh`${program} ${base(args)} -S ${chain} 1 >/dev/null || exit; ${program} ${base(args)} -S ${chain} | sed -n 's/^-P [^ ]* //p'`
  if (isChain(args))
    return sh`if ${program} ${base(args)} -S ${chain} >/dev/null 2>&1; then echo present; else echo absent; fi`
  return sh`if ${program} ${base(args)} -C ${chain} ${rule(args, version)} 2>/dev/null; then echo present; else echo absent; fi`
}

function change(args: Args, program: string, version: Version): Script {
  const { chain = '', policy, flush, state, action, rule_num, chain_management } = args
  if (flush) return sh`${program} ${base(args)} -F ${chain ? [chain] : []} || exit`
  if (policy !== undefined) return sh`${program} ${base(args)} -P ${chain} ${policy} || exit`
  if (isChain(args)) return sh`${program} ${base(args)} ${state === 'present' ? '-N' : '-X'} ${chain} || exit`
  const words = rule(args, version)
  if (state === 'absent') return sh`${program} ${base(args)} -D ${chain} ${words} || exit`
  return lines(
    chain_management &&
      sh`${program} ${base(args)} -S ${chain} >/dev/null 2>&1 || ${program} ${base(args)} -N ${chain} || exit`,
    action === 'insert'
      ? sh`${program} ${base(args)} -I ${chain} ${rule_num === undefined ? [] : [rule_num]} ${words} || exit`
      : sh`${program} ${base(args)} -A ${chain} ${words} || exit`,
  )
}

/** An option with its value; a `!` before the value goes before the option. */
function option(name: string, value: string | undefined): readonly string[] {
  if (value === undefined) return []
  return value.startsWith('!') ? ['!', name, value.slice(1).trim()] : [name, value]
}

/** Names an extension, unless `match` does. */
function extension({ match }: Args, name: string, isUsed: boolean): readonly string[] {
  return isUsed && !match.includes(name) ? ['-m', name] : []
}

function list(name: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [name, values.join(',')]
}

/** The words of a rule, in the order in which Ansible gives them. */
function rule(args: Args, version: Version): readonly string[] {
  const { ctstate, match, syn } = args
  const flags = (key: string) => {
    const value: unknown = args.tcp_flags?.[key]
    return Array.isArray(value) ? value.join(',') : undefined
  }
  const byState = match.includes('state') && !match.includes('conntrack')
  return [
    ...option('-p', args.protocol),
    ...option('-s', args.source),
    ...option('-d', args.destination),
    ...match.flatMap(name => ['-m', name]),
    ...(flags('flags') === undefined ? [] : ['--tcp-flags', flags('flags') ?? '', flags('flags_set') ?? 'NONE']),
    ...option('-j', args.jump),
    ...(args.jump?.toLowerCase() === 'tee' ? option('--gateway', args.gateway) : []),
    ...option('--log-prefix', args.log_prefix),
    ...option('--log-level', args.log_level),
    ...option('--to-destination', args.to_destination),
    ...extension(args, 'multiport', args.destination_ports.length > 0),
    ...list('--dports', args.destination_ports),
    ...option('--to-source', args.to_source),
    ...option('-g', args.goto),
    ...option('-i', args.in_interface),
    ...option('-o', args.out_interface),
    ...option('-f', args.fragment),
    ...option('-c', args.set_counters),
    ...option('--source-port', args.source_port),
    ...option('--destination-port', args.destination_port),
    ...option('--to-ports', args.to_ports),
    ...option('--set-dscp', args.set_dscp_mark),
    ...option('--set-dscp-class', args.set_dscp_mark_class),
    ...(syn === 'ignore' ? [] : syn === 'match' ? ['--syn'] : ['!', '--syn']),
    ...(byState ? [] : extension(args, 'conntrack', ctstate.length > 0)),
    ...list(byState ? '--state' : '--ctstate', ctstate),
    ...extension(args, 'iprange', args.src_range !== undefined || args.dst_range !== undefined),
    ...option('--src-range', args.src_range),
    ...option('--dst-range', args.dst_range),
    ...extension(args, 'set', args.match_set !== undefined),
    ...option('--match-set', args.match_set),
    ...(args.match_set_flags === undefined ? [] : [args.match_set_flags]),
    ...extension(args, 'limit', args.limit !== undefined || args.limit_burst !== undefined),
    ...option('--limit', args.limit),
    ...option('--limit-burst', args.limit_burst),
    ...extension(args, 'owner', args.uid_owner !== undefined || args.gid_owner !== undefined),
    ...option('--uid-owner', args.uid_owner),
    ...option('--gid-owner', args.gid_owner),
    ...(args.jump === undefined && args.reject_with !== undefined ? ['-j', 'REJECT'] : []),
    ...option('--reject-with', args.reject_with),
    ...option(version === 'ipv4' ? '--icmp-type' : '--icmpv6-type', args.icmp_type),
    ...extension(args, 'comment', args.comment !== undefined),
    ...(args.comment === undefined ? [] : ['--comment', args.comment]),
  ]
}
