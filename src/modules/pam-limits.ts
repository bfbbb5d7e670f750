import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState } from './module.ts'
import { changeEdited, diffEdited, type Edit, editResult, linesOf, openText, wantEdited } from './parts/edited-file.ts'
import { absentFile, type FileState, lookAtFile, readFile } from './parts/file-look.ts'

const table = {
  domain: { type: 'str', required: true, doc: 'A user, `@group`, or `*`.' },
  limit_type: {
    type: 'str',
    required: true,
    choices: ['hard', 'soft', '-'],
    doc: 'The kind of the limit; `-` is both.',
  },
  limit_item: {
    type: 'str',
    required: true,
    choices: [
      'core',
      'data',
      'fsize',
      'memlock',
      'nofile',
      'rss',
      'stack',
      'cpu',
      'nproc',
      'as',
      'maxlogins',
      'maxsyslogins',
      'priority',
      'locks',
      'sigpending',
      'msgqueue',
      'nice',
      'rtprio',
      'chroot',
    ],
    doc: 'What is limited.',
  },
  value: { type: 'str', required: true, doc: 'The limit: a number, `unlimited`, `infinity` or `-1`.' },
  comment: { type: 'str', default: '', doc: 'A comment behind the limit.' },
  use_min: { type: 'bool', default: false, doc: 'Keeps a limit that is lower already.' },
  use_max: { type: 'bool', default: false, doc: 'Keeps a limit that is higher already.' },
  dest: { type: 'str', default: '/etc/security/limits.conf', doc: 'The file.' },
  backup: { type: 'bool', default: false, doc: 'Keeps the old file under a name with the time.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

const endless = ['unlimited', 'infinity', '-1']

export const pamLimits = defineState({
  summary: 'Keeps a limit for users and groups, by PAM.',
  args: table,
  check: ({ domain, value, comment, use_min, use_max, limit_item }) => [
    ...(domain !== undefined && /\s/.test(domain) ? ['`domain` holds no blanks'] : []),
    ...(comment?.includes('\n') ? ['`comment` holds no line break'] : []),
    ...(use_min && use_max ? ['Cannot use use_min and use_max at the same time.'] : []),
    ...(value !== undefined &&
    !endless.includes(value) &&
    !(limit_item === 'nice' || limit_item === 'priority' ? /^-?\d+$/ : /^\d+$/).test(value)
      ? ["Argument 'value' must be one of 'unlimited', 'infinity', '-1', or a positive number"]
      : []),
  ],
  examples: `
- pam_limits: { domain: app, limit_type: soft, limit_item: nofile, value: "64000" }
- community.general.pam_limits:
    domain: '@users'
    limit_type: '-'
    limit_item: memlock
    value: unlimited
    comment: for the cache
    dest: /etc/security/limits.d/users.conf
`,
  returnDocs: { msg: 'The line.' },
  look: ({ dest }) => lookAtFile(dest, { follow: true, content: true }),
  read: output => readFile(output, { follow: true, content: true }),
  want: (args, state) => wantEdited(filed(args), state ?? absentFile, edit(args, state)),
  change: (args, { from, to }) => changeEdited(filed(args), from ?? absentFile, to ?? {}, edit(args, from)),
  diff: (args, { from, to }) => diffEdited(from ?? absentFile, to ?? {}, edit(args, from)),
  returns(args, { from = absentFile, to = absentFile, changed, output }, inputs) {
    const done = edit(args, from)
    const { backup, ...result } = editResult({ from, to, changed, backup: output?.stdout }, done, inputs)
    return { ...result, msg: done.msg, ...(backup ? { backup_file: backup } : {}) }
  },
})

function filed({ dest, backup }: Args) {
  return { path: dest, backup, unsafe_writes: false }
}

function edit(args: Args, from: FileState = absentFile): Edit {
  const { text, own } = openText(from)
  const { domain, limit_type, limit_item } = args
  const lines = linesOf(text)
  const isOwn = (line: string) => {
    const [who, type, item] = line.replace(/#.*/s, '').trim().split(/\s+/)
    return who === domain && type === limit_type && item === limit_item
  }
  const mine = lines.filter(isOwn)
  const [, , , is] = (mine.at(-1) ?? '').replace(/#.*/s, '').trim().split(/\s+/)
  const value = chosen(args, is)
  const comment = args.comment === '' ? '' : `\t#${args.comment}`
  const line = own(`${domain}\t${limit_type}\t${limit_item}\t${value}${comment}\n`)
  if (mine.length === 1 && is === value) return { text, msg: `${(mine[0] ?? '').trim()}\n` }
  const at = lines.findIndex(isOwn)
  const kept = lines.filter(other => !isOwn(other)).map(other => (other.endsWith('\n') ? other : `${other}\n`))
  kept.splice(at === -1 ? endOf(kept) : at, 0, line)
  return { text: kept.join(''), msg: `${line.trim()}\n` }
}

/** Before the mark at the end of Debian's file. */
function endOf(lines: readonly string[]): number {
  const mark = lines.findIndex(line => /^#\s*End of file/.test(line))
  return mark === -1 ? lines.length : mark
}

function chosen({ value, use_min, use_max }: Args, is: string | undefined): string {
  if (is === undefined || (!use_min && !use_max)) return value
  const size = (text: string) => (endless.includes(text) ? Number.POSITIVE_INFINITY : Number(text))
  const takesIs = use_min ? size(is) < size(value) : size(is) > size(value)
  return takesIs ? is : value
}
