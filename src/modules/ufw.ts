import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, quote, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  state: {
    type: 'str',
    choices: ['enabled', 'disabled', 'reloaded', 'reset'],
    doc: 'Whether the firewall is in force, now and after a start. `reloaded` and `reset` are done each time.',
  },
  default: { type: 'str', choices: ['allow', 'deny', 'reject'], aliases: ['policy'], doc: 'What becomes of all else.' },
  direction: {
    type: 'str',
    choices: ['in', 'incoming', 'out', 'outgoing', 'routed'],
    doc: 'The direction of a rule (`in`, `out`) or of a default (`incoming`, `outgoing`, `routed`).',
  },
  logging: { type: 'str', choices: ['full', 'high', 'low', 'medium', 'off', 'on'], doc: 'How much is logged.' },
  insert: { type: 'int', doc: 'The rule’s place, from 1; a rule that is there is not moved.' },
  insert_relative_to: {
    type: 'str',
    choices: ['zero', 'first-ipv4', 'first-ipv6', 'last-ipv4', 'last-ipv6'],
    default: 'zero',
    doc: 'What `insert` counts from.',
  },
  rule: { type: 'str', choices: ['allow', 'deny', 'limit', 'reject'], doc: 'What a rule does.' },
  log: { type: 'bool', default: false, doc: 'Logs what the rule lets in.' },
  from_ip: { type: 'str', default: 'any', aliases: ['from', 'src'], doc: 'Where from.' },
  from_port: { type: 'str', doc: 'From which port.' },
  to_ip: { type: 'str', default: 'any', aliases: ['dest', 'to'], doc: 'Where to.' },
  to_port: { type: 'str', aliases: ['port'], doc: 'To which port, or ports: `80,443`, `6000:6007`.' },
  proto: {
    type: 'str',
    choices: ['any', 'tcp', 'udp', 'ipv6', 'esp', 'ah', 'gre', 'igmp'],
    aliases: ['protocol'],
    doc: 'Which protocol.',
  },
  name: { type: 'str', aliases: ['app'], doc: 'A profile of `/etc/ufw/applications.d`.' },
  delete: { type: 'bool', default: false, doc: 'Takes the rule away; `insert` counts for nothing then.' },
  interface: { type: 'str', aliases: ['if'], doc: 'The interface, with `direction`.' },
  interface_in: { type: 'str', aliases: ['if_in'], doc: 'The interface that it comes in by.' },
  interface_out: { type: 'str', aliases: ['if_out'], doc: 'The interface that it goes out by.' },
  route: { type: 'bool', default: false, doc: 'The rule is for what is passed on.' },
  comment: { type: 'str', doc: 'A comment at the rule.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Firewall = {
  readonly enabled?: boolean
  readonly again?: string
  readonly policy?: string
  readonly rule?: 'as wanted' | 'another'
  readonly logging?: string
  readonly said?: string
}

export const ufw = defineState({
  summary: 'Keeps rules and settings of the firewall ufw.',
  details: 'A look asks ufw itself, with `--dry-run`, what a rule would change.',
  args: table,
  check: args => [
    ...((args.state ?? args.default ?? args.rule ?? args.logging)
      ? []
      : ['one of `state`, `default`, `rule` and `logging` is needed']),
    ...(args.name !== undefined && args.proto !== undefined && args.logging !== undefined
      ? ['`name`, `proto` and `logging` exclude each other']
      : []),
    ...(args.interface !== undefined && args.direction === undefined ? ['`interface` needs `direction`'] : []),
    ...(args.direction !== undefined && (args.interface_in ?? args.interface_out) !== undefined
      ? ['`direction` excludes `interface_in` and `interface_out`']
      : []),
    ...(args.default !== undefined && (args.direction === 'in' || args.direction === 'out')
      ? ['the `direction` of a default is incoming, outgoing or routed']
      : []),
    ...(args.rule !== undefined && args.direction !== undefined && args.direction !== 'in' && args.direction !== 'out'
      ? ['the `direction` of a rule is in or out']
      : []),
    ...(args.interface_in !== undefined && args.interface_out !== undefined && args.route === false
      ? ['only a rule with `route` has both `interface_in` and `interface_out`']
      : []),
  ],
  examples: `
- ufw: rule=allow port=22 proto=tcp
- name: Let nothing else in
  community.general.ufw:
    state: enabled
    policy: deny
- ufw:
    rule: deny
    interface: eth0
    direction: in
    proto: udp
    src: 10.0.3.5
    from_port: "5469"
    comment: noisy
- ufw: { rule: allow, to_port: "8080", delete: true }
- ufw: { logging: "off" }
`,
  returnDocs: { commands: 'What was run.', msg: 'What ufw tells of itself.' },
  look: args =>
    lines(
      ready,
      section('status'),
      sh`ufw status verbose || exit`,
      section('policy'),
      sh`grep -hs '^DEFAULT_' /etc/default/ufw; grep -hs '^LOGLEVEL' /etc/ufw/ufw.conf`,
      args.rule !== undefined &&
        lines(
          section('rules'),
          sh`grep -s '^### tuple' /lib/ufw/user.rules /etc/ufw/user.rules /var/lib/ufw/user.rules | sed 's/^[^:]*://'`,
          section('rules6'),
          sh`grep -s '^### tuple' /lib/ufw/user6.rules /etc/ufw/user6.rules /var/lib/ufw/user6.rules | sed 's/^[^:]*://'`,
          placeOf(args),
          section('dry'),
          sh`ufw --dry-run ${ruleWords(args)} || exit 4`,
        ),
      sh`:`,
    ),
  read({ status, stdout, stderr }, _args, { checkMode }): Firewall | undefined {
    if (status === 127 && checkMode) return undefined
    if (status !== 0) throw new ModuleFailure(stderr.trim() || stdout.trim().split('\n').at(-1) || 'ufw fails')
    const parts = sections(stdout)
    const settings = new Map([...(parts.get('policy') ?? '').matchAll(/^(\w+)="?(\w+)"?$/gm)].map(m => [m[1], m[2]]))
    const policies = ['INPUT', 'OUTPUT', 'FORWARD'].map(chain => words[settings.get(`DEFAULT_${chain}_POLICY`) ?? ''])
    const dry = parts.get('dry')
    const said = parts.get('status') ?? ''
    return {
      said: said.trimEnd(),
      enabled: /^Status: active$/m.test(said),
      policy: policies.join(' '),
      logging: settings.get('LOGLEVEL') ?? 'off',
      ...(dry === undefined ? {} : { rule: dryRule(parts, dry) }),
    }
  },
  want(args, from): Partial<Firewall> {
    return {
      ...(args.state === 'enabled' || args.state === 'disabled' ? { enabled: args.state === 'enabled' } : {}),
      ...(args.state === 'reloaded' || args.state === 'reset' ? { again: args.state } : {}),
      ...(args.default === undefined ? {} : { policy: wantedPolicy(args, from?.policy ?? '') }),
      ...(args.rule === undefined ? {} : { rule: 'as wanted' }),
      ...(args.logging === undefined ? {} : { logging: wantedLogging(args.logging, from?.logging) }),
    }
  },
  // That it was reloaded cannot be seen.
  verify: false,
  change: args => ({
    script: lines(
      ready,
      placeOf(args),
      ...commands(args).map(each => sh`said=$(ufw ${each} 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }`),
      section('status'),
      sh`ufw status verbose`,
    ),
  }),
  returns(args, { from, changed, output }) {
    return {
      changed,
      commands: commands(args).map(each =>
        ['ufw', ...each]
          .map(word => shown(word, args))
          .filter(Boolean)
          .join(' '),
      ),
      msg: output === undefined ? (from?.said ?? '') : (sections(output.stdout).get('status') ?? '').trimEnd(),
    }
  },
})

const ready = sh`PATH=$PATH:/sbin:/usr/sbin; LC_ALL=C LANG=C; export LC_ALL LANG
command -v ufw >/dev/null || { echo 'ufw is not on this host' >&2; exit 127; }`

const words: Readonly<Record<string, string>> = { DROP: 'deny', ACCEPT: 'allow', REJECT: 'reject' }
const verbs = { enabled: 'enable', disabled: 'disable', reloaded: 'reload', reset: 'reset' } as const

/** Whether ufw would do nothing: it says for each family that it skips, or shows the rules that are there. */
function dryRule(parts: ReadonlyMap<string, string>, dry: string): 'as wanted' | 'another' {
  const families = dry.split(/^(?=\*filter$)/m).filter(text => text.startsWith('*filter'))
  const differs = families.some(text => {
    const is = parts.get(/^:ufw6-/m.test(text) ? 'rules6' : 'rules') ?? ''
    return tuples(is) !== tuples(text)
  })
  return differs ? 'another' : 'as wanted'
}

function tuples(text: string): string {
  return text
    .split('\n')
    .filter(line => line.startsWith('### tuple'))
    .map(line => line.trim())
    .join('\n')
}

function wantedPolicy({ default: policy, direction }: Args, is: string): string {
  const at = ['incoming', 'outgoing', 'routed'].indexOf(direction ?? 'incoming')
  const all = is.split(' ')
  return [0, 1, 2].map(i => (i === at ? policy : all[i])).join(' ')
}

function wantedLogging(level: string, is: string | undefined): string {
  if (level !== 'on') return level
  return is === undefined || is === 'off' ? 'low' : is
}

/** Puts the words of a rule's place into `$at`: ufw does not take a number beyond the last. */
function placeOf({ rule, insert, insert_relative_to: from, delete: gone }: Args): Script | undefined {
  if (rule === undefined) return undefined
  if (insert === undefined || gone) return sh`at=`
  if (from === 'zero') return sh`at=${`insert ${insert}`}`
  const bases = {
    'first-ipv4': sh`1`,
    'last-ipv4': sh`four > 0 ? four : 1`,
    'first-ipv6': sh`four > 0 ? four + 1 : 1`,
    'last-ipv6': sh`six ? last : last + 1`,
  }
  return sh`at=$(ufw status numbered | awk '/^\[ *[0-9]+\]/ { last++; if (index($0, "(v6)")) six = 1; else four = last }
END { n = ${insert} + (${bases[from]}); if (n <= last) print "insert " n }')`
}

/** Only the place is shell text; it splits into two words or none. */
function ruleWords(args: Args): readonly (string | Script)[] {
  return ruleText(args).map(word => (word === PLACE ? sh`$at` : word))
}

const PLACE = '\u0001place'

function ruleText(args: Args): readonly string[] {
  const pairs: readonly (readonly [string | undefined, ...string[]])[] = [
    [args.interface, 'on'],
    [args.interface_in, 'in', 'on'],
    [args.interface_out, 'out', 'on'],
  ]
  const ends: readonly (readonly [string | undefined, string])[] = [
    [args.from_ip, 'from'],
    [args.from_port, 'port'],
    [args.to_ip, 'to'],
    [args.to_port, 'port'],
    [args.proto, 'proto'],
    [args.name, 'app'],
    [args.comment, 'comment'],
  ]
  return [
    ...(args.route ? ['route'] : []),
    ...(args.delete ? ['delete'] : []),
    PLACE,
    args.rule ?? '',
    ...(args.direction === undefined ? [] : [args.direction]),
    ...pairs.flatMap(([value, ...before]) => (value ? [...before, value] : [])),
    ...(args.log ? ['log'] : []),
    ...ends.flatMap(([value, before]) => (value ? [before, value] : [])),
  ]
}

function commands(args: Args): readonly (readonly (string | Script)[])[] {
  const all: (readonly (string | Script)[])[] = []
  if (args.state !== undefined) all.push(['-f', verbs[args.state]])
  if (args.default !== undefined)
    all.push(['default', args.default, ...(args.direction === undefined ? [] : [args.direction])])
  if (args.rule !== undefined) all.push(ruleWords(args))
  if (args.logging !== undefined) all.push(['logging', args.logging])
  return all
}

function shown(word: string | Script, { insert, delete: gone }: Args): string {
  if (typeof word === 'string') return quote(word)
  return insert === undefined || gone ? '' : `insert ${insert}`
}
