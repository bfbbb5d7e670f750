import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { changeEdited, diffEdited, type Edit, wantEdited } from './parts/edited-file.ts'
import { absentFile, type FileState, lookAtFile, readFile } from './parts/file-look.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The name of the rule, and of its file.' },
  commands: { type: 'list', elements: 'str', doc: 'What may be run, by absolute paths, or `ALL`.' },
  user: { type: 'str', doc: 'Who may.' },
  group: { type: 'str', doc: 'Which group may.' },
  host: { type: 'str', default: 'ALL', doc: 'On which host.' },
  runas: { type: 'str', doc: 'As whom.' },
  nopassword: { type: 'bool', default: true, doc: 'No password is asked for.' },
  noexec: { type: 'bool', default: false, doc: 'What is run cannot run anything else.' },
  setenv: { type: 'bool', default: false, doc: 'The environment may be kept.' },
  sudoers_path: { type: 'str', default: '/etc/sudoers.d', doc: 'The folder of rules.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the rule is there.' },
  validation: {
    type: 'str',
    choices: ['absent', 'detect', 'required'],
    default: 'detect',
    doc: 'Whether `visudo` looks at the rule first: not, where it is there, or always.',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const sudoers = defineState({
  summary: 'Keeps a rule of sudo in a file of its own.',
  args: table,
  check: args => [
    ...(args.user !== undefined && args.group !== undefined ? ['`user` and `group` exclude each other'] : []),
    ...(args.state === 'present' && args.commands === undefined ? ['`commands` are needed with `state: present`'] : []),
    ...(args.state === 'present' && args.user === undefined && args.group === undefined
      ? ['one of `user` and `group` is needed with `state: present`']
      : []),
    ...(args.name?.includes('/') ? ['`name` holds no slash'] : []),
    ...([args.name, args.user, args.group, args.host, args.runas, ...(args.commands ?? [])].some(text =>
      text?.includes('\n'),
    )
      ? ['a rule holds no line break']
      : []),
  ],
  examples: `
- sudoers: name=allow-backup user=backup commands=/usr/local/bin/backup
- community.general.sudoers:
    name: monitor
    group: monitor
    runas: alice
    commands:
      - /usr/local/bin/gather-app-metrics
      - /usr/bin/systemctl restart app
    nopassword: false
- sudoers: { name: old, state: absent }
`,
  look: args =>
    lines(
      lookAtFile(pathOf(args), { follow: true, content: true }),
      sh`printf '\036'`,
      args.state === 'present' &&
        args.validation !== 'absent' &&
        sh`PATH=$PATH:/sbin:/usr/sbin
if command -v visudo >/dev/null 2>&1; then printf '%s' ${ruleOf(args)} | visudo -c -f - 2>&1 >/dev/null || printf 'failed'
else printf 'missing'; fi`,
    ),
  read(output, args, { checkMode }): FileState {
    const [look = '', said = ''] = output.stdout.split('\x1e')
    if (said.endsWith('failed'))
      throw new ModuleFailure(`Failed to validate sudoers rule:\n${said.replace(/failed$/, '')}${output.stderr}`.trim())
    if (said.endsWith('missing') && args.validation === 'required' && !checkMode)
      throw new ModuleFailure('visudo is not on this host')
    return readFile({ ...output, stdout: look }, { follow: true, content: true })
  },
  want(args, from = absentFile): Partial<FileState> {
    if (args.state === 'absent') return from.kind === 'absent' ? {} : { kind: 'absent' }
    return wantEdited(filed(args), from, edit(args))
  },
  change(args, { from = absentFile, to = {} }) {
    if (to.kind === 'absent') return { script: sh`rm -f -- ${from.path}` }
    return changeEdited(filed(args), from, to, edit(args))
  },
  diff: (args, { from = absentFile, to = {} }) =>
    diffEdited(from, to.kind === 'absent' ? {} : to, to.kind === 'absent' ? { text: '', msg: '' } : edit(args)),
})

function pathOf({ sudoers_path, name }: Args): string {
  return `${sudoers_path}/${name}`
}

function filed(args: Args) {
  return { path: pathOf(args), backup: false, unsafe_writes: false, mode: '0440' }
}

function edit(args: Args): Edit {
  return { text: ruleOf(args), msg: '' }
}

function ruleOf({ user, group, host, runas, nopassword, setenv, noexec, commands = [] }: Args): string {
  const flags = [nopassword && 'NOPASSWD:', setenv && 'SETENV:', noexec && 'NOEXEC:'].filter(Boolean).join('')
  return `${user ?? `%${group}`} ${host}=${runas === undefined ? '' : `(${runas})`}${flags} ${commands.join(', ')}\n`
}
