import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { changeEdited, diffEdited, type Edit, linesOf, openText, wantEdited } from './parts/edited-file.ts'
import { absentFile, type FileState, lookAtFile, readFile } from './parts/file-look.ts'

const table = {
  host: { type: 'str', required: true, doc: 'The name that stands behind `Host`.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the entry is there.' },
  hostname: { type: 'str', doc: 'Where to connect to.' },
  port: { type: 'str', doc: 'To which port.' },
  remote_user: { type: 'str', doc: 'As whom.' },
  identity_file: { type: 'path', doc: 'With which key.' },
  identities_only: { type: 'bool', doc: 'With no other keys.' },
  add_keys_to_agent: { type: 'bool', doc: 'Gives keys to the agent.' },
  user_known_hosts_file: { type: 'str', doc: 'The file of known hosts.' },
  strict_host_key_checking: {
    type: 'str',
    choices: ['yes', 'no', 'ask', 'accept-new'],
    doc: 'Whether keys of hosts are checked.',
  },
  proxycommand: { type: 'str', doc: 'The command to connect through.' },
  proxyjump: { type: 'str', doc: 'The host to connect through.' },
  forward_agent: { type: 'bool', doc: 'Takes the agent along.' },
  host_key_algorithms: { type: 'str', doc: 'Kinds of keys of hosts.' },
  controlmaster: {
    type: 'str',
    choices: ['yes', 'no', 'ask', 'auto', 'autoask'],
    doc: 'Whether a connection is shared.',
  },
  controlpath: { type: 'str', doc: 'Where its socket is.' },
  controlpersist: { type: 'str', doc: 'How long it is kept.' },
  dynamicforward: { type: 'str', doc: 'A port that is forwarded as asked for.' },
  other_options: { type: 'dict', doc: 'Further options, by their names.' },
  user: { type: 'str', doc: 'Whose configuration it is: `~/.ssh/config` of that user.' },
  group: { type: 'str', doc: 'The group of the file.' },
  ssh_config_file: { type: 'path', doc: 'The file; that of the host, when neither it nor `user` is given.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const sshConfig = defineState({
  summary: 'Keeps entries of hosts in a configuration of ssh.',
  details: 'Options of the table that are not given are taken out of an entry, as Ansible does; others in it stay.',
  args: table,
  check: args => [
    ...(args.proxycommand !== undefined && args.proxyjump !== undefined
      ? ['`proxycommand` and `proxyjump` exclude each other']
      : []),
    ...(args.user !== undefined && args.ssh_config_file !== undefined
      ? ['`user` and `ssh_config_file` exclude each other']
      : []),
    ...([args.host, ...Object.values(optionsOf(args)).map(([, value]) => value)].some(text => text?.includes('\n'))
      ? ['an entry holds no line breaks in values']
      : []),
    ...Object.keys(args.other_options ?? {}).flatMap(name =>
      /^[A-Za-z]+$/.test(name) ? [] : [`${name} is no name of an option`],
    ),
  ],
  examples: `
- ssh_config: user=deploy host=git.example.org hostname=github.com port=2223 identity_file=/home/deploy/.ssh/id_rsa
- community.general.ssh_config:
    ssh_config_file: /etc/ssh/ssh_config.d/own.conf
    host: "*.example.org"
    proxyjump: gate.example.org
    forward_agent: false
    strict_host_key_checking: "yes"
- ssh_config: { user: deploy, host: old.example.org, state: absent }
`,
  returnDocs: {
    hosts_added: 'Entries that were added.',
    hosts_removed: 'Entries that were removed.',
    hosts_changed: 'Entries that were changed.',
    hosts_change_diff: 'What they were, and are.',
  },
  look: args => lookAtFile(pathOf(args), { follow: true, content: true }),
  read: output => readFile(output, { follow: true, content: true }),
  want(args, from = absentFile): Partial<FileState> {
    const done = edit(args, from)
    const mode = pathOf(args) === '/etc/ssh/ssh_config' ? '0644' : '0600'
    // attributes are set with a change only, as Ansible does
    return done.kind === 'nothing'
      ? {}
      : wantEdited({ ...filed(args), mode, owner: args.user, group: args.group ?? args.user }, from, done)
  },
  change: (args, { from = absentFile, to = {} }) => changeEdited(filed(args), from, to, edit(args, from)),
  diff: (args, { from = absentFile, to = {} }) => diffEdited(from, to, edit(args, from)),
  returns(args, { from = absentFile, changed }) {
    const { kind, before, after } = edit(args, from)
    const of = (what: string) => (kind === what ? [args.host] : [])
    return {
      changed,
      hosts_added: of('added'),
      hosts_removed: of('removed'),
      hosts_changed: of('changed'),
      hosts_change_diff: kind === 'changed' ? [{ [args.host]: { old: before, new: after } }] : [],
    }
  },
})

function pathOf({ user, ssh_config_file: file }: Args): string {
  return file ?? (user === undefined ? '/etc/ssh/ssh_config' : `~${homeName(user)}/.ssh/config`)
}

/** A name that a shell may look up the home folder of. */
function homeName(user: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(user)) throw new ModuleFailure(`there is no user ${JSON.stringify(user)}`)
  return user
}

function filed(args: Args) {
  return { path: pathOf(args), backup: false, unsafe_writes: false }
}

type Options = Readonly<Record<string, string>>

/** Option by its name in lower case: as it is written, and its value; undefined takes it out. */
function optionsOf(args: Partial<Args>): Readonly<Record<string, readonly [string, string | undefined]>> {
  const yes = (flag: boolean | undefined) => (flag === undefined ? undefined : flag ? 'yes' : 'no')
  const all: readonly (readonly [string, string | undefined])[] = [
    ['HostName', args.hostname],
    ['Port', args.port],
    ['User', args.remote_user],
    ['IdentityFile', args.identity_file],
    ['IdentitiesOnly', yes(args.identities_only)],
    ['AddKeysToAgent', yes(args.add_keys_to_agent)],
    ['UserKnownHostsFile', args.user_known_hosts_file],
    ['StrictHostKeyChecking', args.strict_host_key_checking],
    ['ProxyCommand', args.proxycommand],
    ['ProxyJump', args.proxyjump],
    ['ForwardAgent', yes(args.forward_agent)],
    ['HostKeyAlgorithms', args.host_key_algorithms],
    ['ControlMaster', args.controlmaster],
    ['ControlPath', args.controlpath],
    ['ControlPersist', args.controlpersist],
    ['DynamicForward', args.dynamicforward],
    ...Object.entries(args.other_options ?? {}).map(([name, value]) => [name, String(value)] as const),
  ]
  return Object.fromEntries(all.map(each => [each[0].toLowerCase(), each]))
}

interface Done extends Edit {
  readonly kind: 'nothing' | 'added' | 'changed' | 'removed'
  readonly before: Options
  readonly after: Options
}

function edit(args: Args, from: FileState): Done {
  const { text, own } = openText(from)
  const lines = linesOf(text).map(line => (line.endsWith('\n') ? line : `${line}\n`))
  const start = lines.findIndex(line => hostOf(line) === own(args.host))
  const wanted = Object.values(optionsOf(args))
  const nothing: Done = { text, msg: '', kind: 'nothing', before: {}, after: {} }
  if (start === -1) {
    const set = wanted.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name} ${own(value)}\n`]))
    if (args.state === 'absent' || set.length === 0) return nothing
    const gap = lines.length > 0 && lines.at(-1)?.trim() !== '' ? ['\n'] : []
    return { ...nothing, kind: 'added', text: [...lines, ...gap, `Host ${own(args.host)}\n`, ...set].join('') }
  }
  const length = lines.slice(start + 1).findIndex(line => /^\s*(host|match)[\s=]/i.test(line))
  const end = length === -1 ? lines.length : start + 1 + length
  if (args.state === 'absent') {
    return { ...nothing, kind: 'removed', text: [...lines.slice(0, start), ...lines.slice(end)].join('') }
  }
  const block = lines.slice(start + 1, end)
  const next = [...block]
  for (const [name, value] of wanted) {
    const mine = next.filter(line => optionOf(line)?.[0] === name.toLowerCase())
    if (value !== undefined && mine.some(line => optionOf(line)?.[1] === own(value))) continue
    const at = next.findIndex(line => mine.includes(line))
    const kept = next.filter(line => !mine.includes(line))
    // behind the last option, before what is empty
    const last = kept.findLastIndex(line => line.trim() !== '') + 1
    if (value !== undefined) kept.splice(at === -1 ? last : at, 0, `  ${name} ${own(value)}\n`)
    next.splice(0, next.length, ...kept)
  }
  if (next.join('') === block.join('')) return nothing
  const all = [...lines.slice(0, start + 1), ...next, ...lines.slice(end)].join('')
  return { ...nothing, kind: 'changed', text: all, before: options(block), after: options(next) }
}

function hostOf(line: string): string | undefined {
  return /^\s*host(?:\s+|\s*=\s*)(.*?)\s*$/i.exec(line)?.[1]
}

function optionOf(line: string): [string, string] | undefined {
  const match = /^\s*([a-z]+)(?:\s+|\s*=\s*)(.*?)\s*$/i.exec(line)
  return match === null ? undefined : [(match[1] ?? '').toLowerCase(), (match[2] ?? '').replace(/^"(.*)"$/, '$1')]
}

function options(lines: readonly string[]): Options {
  return Object.fromEntries(lines.flatMap(line => (optionOf(line) ? [optionOf(line) ?? ['', '']] : [])))
}
