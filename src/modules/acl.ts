import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { pathInto } from './parts/file-look.ts'

const table = {
  path: { type: 'path', required: true, aliases: ['name'], doc: 'The file or folder.' },
  state: {
    type: 'str',
    choices: ['absent', 'present', 'query'],
    default: 'query',
    doc: 'Whether the entry is there; `query` only tells what there is.',
  },
  entity: { type: 'str', default: '', doc: 'The user or group, by name or number.' },
  etype: { type: 'str', choices: ['group', 'mask', 'other', 'user'], doc: 'Whom the entry is for.' },
  permissions: { type: 'str', doc: 'What is allowed: `r`, `w`, `x`, `X`.' },
  entry: { type: 'str', doc: 'All in one: `user:joe:rw`, `d:g:app:rx`.' },
  default: { type: 'bool', default: false, doc: 'The entry is for what will be made in the folder.' },
  recursive: { type: 'bool', default: false, aliases: ['recurse'], doc: 'For all that is in the folder.' },
  follow: { type: 'bool', default: true, doc: 'Looks through links.' },
  recalculate_mask: {
    type: 'str',
    choices: ['default', 'mask', 'no_mask'],
    default: 'default',
    doc: 'Whether the mask is counted anew.',
  },
  use_nfsv4_acls: {
    type: 'bool',
    default: false,
    doc: 'Entries of NFS 4.',
    unsupported: 'only entries of POSIX are kept',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Acl = { readonly entry?: 'as wanted' | 'another'; readonly acl?: readonly string[] }

export const acl = defineState({
  summary: 'Keeps entries of access lists of files.',
  details: 'Needs `setfacl` and `getfacl` on the host (package acl).',
  args: table,
  check: args => [
    ...(args.state === 'query' && args.recursive ? ['`recursive` is not for `state: query`'] : []),
    ...(args.state === 'query' && args.entry !== undefined ? ['`entry` is not for `state: query`'] : []),
    ...(args.entry !== undefined && (args.etype ?? args.permissions ?? (args.entity || undefined)) !== undefined
      ? ['`entry` excludes `entity`, `etype` and `permissions`']
      : []),
    ...(args.entry === undefined && args.state !== 'query' && args.state !== undefined && args.etype === undefined
      ? [`\`etype\` is needed with \`state: ${args.state}\``]
      : []),
    ...(args.entry === undefined && args.state === 'absent' && !args.entity
      ? ['`entity` is needed with `state: absent`']
      : []),
    ...(args.entry === undefined && args.state === 'absent' && args.permissions !== undefined
      ? ['`permissions` are not for `state: absent`']
      : []),
    ...(args.entry !== undefined && args.state === 'present' && ![2, 3].includes(args.entry.split(':').length - 1)
      ? ['`entry` has 3 or 4 parts with `state: present`']
      : []),
    ...(args.entry !== undefined && args.state === 'absent' && ![1, 2].includes(args.entry.split(':').length - 1)
      ? ['`entry` has 2 or 3 parts with `state: absent`']
      : []),
  ],
  examples: `
- acl: path=/etc/foo.conf entity=joe etype=user permissions=r state=present
- ansible.posix.acl:
    path: /etc/foo.d
    entry: default:user:joe:rw-
    recursive: true
    state: present
- acl: { path: /etc/foo.conf }
  register: entries
- acl: { path: /etc/foo.conf, entity: joe, etype: user, state: absent }
`,
  returnDocs: { acl: 'The entries of the file, as `getfacl` tells them.', msg: 'What is there now.' },
  look: args =>
    lines(
      pathInto('p', args.path),
      sh`export LC_ALL=C
command -v setfacl >/dev/null && command -v getfacl >/dev/null || { echo 'setfacl and getfacl are not on this host (package acl)' >&2; exit 127; }
[ -e "$p" ] || { echo 'Path not found or not accessible.' >&2; exit 4; }`,
      args.state !== 'query' && lines(section('test'), sh`${setting(args, ['--test'])} || exit 5`),
      section('acl'),
      sh`getfacl --omit-header --absolute-names ${args.default ? ['-d'] : []} ${args.follow ? [] : ['--physical']} -- "$p"`,
    ),
  read({ status, stdout, stderr }, args, { checkMode }): Acl {
    if (status !== 0) {
      if (checkMode && (status === 127 || status === 4) && args.state === 'present') return { entry: 'another' }
      throw new ModuleFailure(stderr.trim() || `exit status ${status}`, { rc: status })
    }
    const parts = sections(stdout)
    // a file that would stay as it is ends with `*,*`
    const test = (parts.get('test') ?? '').split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))
    return {
      entry: test.every(line => line.trimEnd().endsWith('*,*')) ? 'as wanted' : 'another',
      acl: (parts.get('acl') ?? '').split('\n').filter(line => line !== '' && !line.startsWith('#')),
    }
  },
  want: (): Partial<Acl> => ({ entry: 'as wanted' }),
  change: args => ({ script: lines(pathInto('p', args.path), sh`LC_ALL=C ${setting(args, [])}`) }),
  diff: (args, { from }) => ({
    before: (from?.acl ?? []).map(line => `${line}\n`).join(''),
    after: `${(from?.acl ?? []).map(line => `${line}\n`).join('')}${args.state}: ${entryOf(args).text}\n`,
  }),
  returns: (args, { to, changed }) => ({
    changed,
    acl: to?.acl ?? [],
    msg: args.state === 'query' ? 'current acl' : `${entryOf(args).text} is ${args.state}`,
  }),
})

function setting(args: Args, more: readonly string[]): Script {
  const { text, isDefault } = entryOf(args)
  const mask = { default: [], mask: ['--mask'], no_mask: ['--no-mask'] }[args.recalculate_mask]
  return sh`setfacl ${[...more, ...(isDefault ? ['-d'] : [])]} ${args.state === 'absent' ? '-x' : '-m'} ${text} ${args.recursive ? ['--recursive'] : []} ${mask} ${args.follow ? [] : ['--physical']} -- "$p"`
}

function entryOf(args: Args): { text: string; isDefault: boolean } {
  if (args.entry === undefined) {
    const permissions = args.state === 'present' && args.permissions ? [args.permissions] : []
    return { text: [args.etype ?? '', args.entity, ...permissions].join(':'), isDefault: args.default }
  }
  const isDefault = /^d/i.test(args.entry)
  const [type = '', ...rest] = args.entry.split(':').slice(isDefault ? 1 : 0)
  const kind = ['user', 'group', 'mask', 'other'].find(name => name.startsWith(type.charAt(0).toLowerCase())) ?? type
  return { text: [kind, ...rest].join(':'), isDefault: isDefault || args.default }
}
