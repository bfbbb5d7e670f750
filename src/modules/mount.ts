import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { changeEdited, diffEdited, type Edit, linesOf, openText, wantEdited } from './parts/edited-file.ts'
import { absentFile, type FileState } from './parts/file-look.ts'
import { andThen, lookBeside, readBeside } from './parts/look-beside.ts'

const table = {
  path: { type: 'path', required: true, aliases: ['name'], doc: 'The folder.' },
  src: { type: 'path', doc: 'The device, or what else is mounted there.' },
  fstype: { type: 'str', doc: 'The kind of file system.' },
  opts: { type: 'str', doc: 'Options, with commas; `defaults` by default.' },
  dump: { type: 'str', default: '0', doc: 'The fifth field of fstab.' },
  passno: { type: 'str', default: '0', doc: 'The sixth field of fstab.' },
  state: {
    type: 'str',
    required: true,
    choices: ['absent', 'absent_from_fstab', 'ephemeral', 'mounted', 'present', 'remounted', 'unmounted'],
    doc: 'Mounted and in fstab; only in fstab (`present`); only mounted (`ephemeral`); not mounted but in fstab (`unmounted`); neither, and the folder goes (`absent`).',
  },
  fstab: { type: 'str', default: '/etc/fstab', doc: 'The file.' },
  boot: { type: 'bool', default: true, doc: 'False: `noauto` is put among the options.' },
  backup: { type: 'bool', default: false, doc: 'Keeps the old fstab under a name with the time.' },
  opts_no_log: {
    type: 'bool',
    default: false,
    doc: 'Keeps the options secret.',
    unsupported: 'use `no_log` of the task',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Mounted = FileState & {
  readonly isMounted?: boolean
  /** What is mounted there, by the kernel's own words. */
  readonly mountedFrom?: string | undefined
  readonly folder?: boolean
  readonly remounted?: boolean
}

export const mount = defineState({
  summary: 'Mounts a file system, and keeps its line in fstab.',
  args: table,
  check: ({ state, src, fstype }) => [
    ...((state === 'present' || state === 'mounted' || state === 'ephemeral') &&
    (src === undefined || fstype === undefined)
      ? [`state is ${state} but all of the following are missing: src, fstype`]
      : []),
  ],
  examples: `
- mount: { path: /srv/data, src: LABEL=data, fstype: ext4, opts: noatime, state: mounted }
- ansible.posix.mount:
    path: /mnt/old
    state: absent
- mount: path=/tmp src=tmpfs fstype=tmpfs opts=size=1g,mode=1777 state=present
`,
  returnDocs: {
    name: 'The folder.',
    src: 'What is mounted.',
    fstype: 'The kind.',
    opts: 'The options.',
    fstab: 'The file.',
  },
  look: args =>
    lookBeside(
      args.fstab,
      sh`p=${bare(args.path)}
[ -d "$p" ] && echo folder || echo none
p=$(readlink -f -- "$p" || printf %s "$p")
awk -v p=${escaped(bare(args.path))} -v r="$(printf %s "$p" | sed -e 's/\\/\\\\134/g' -e 's/ /\\\\040/g' -e 's/	/\\\\011/g')" '$2 == p || $2 == r { found = $1 } END { if (found) print found }' /proc/mounts`,
    ),
  read(output): Mounted {
    const { file, beside } = readBeside(output)
    const [folder, from = ''] = beside.split('\n')
    return { ...file, folder: folder === 'folder', isMounted: from !== '', mountedFrom: from, remounted: false }
  },
  want(args, state): Partial<Mounted> {
    const fstab =
      args.state === 'ephemeral' || args.state === 'remounted'
        ? {}
        : wantEdited(filed(args), state ?? absentFile, edit(args, state))
    switch (args.state) {
      case 'mounted':
      case 'ephemeral':
        return { ...fstab, isMounted: true, folder: true }
      case 'absent':
        return { ...fstab, isMounted: false, folder: false }
      case 'unmounted':
        return { isMounted: false }
      case 'remounted':
        if (!state?.isMounted) throw new ModuleFailure(`${args.path} is not mounted`)
        return { remounted: true }
      case 'present':
      case 'absent_from_fstab':
        return fstab
      default:
        return args.state satisfies never
    }
  },
  same: { remounted: (_is, want) => !want },
  change(args, { from = unseen, to = {} }) {
    const path = bare(args.path)
    const done = edit(args, from)
    const writes = to.sha1 !== undefined && (to.sha1 !== from.sha1 || from.kind === 'absent')
    const change = writes
      ? changeEdited(
          filed(args),
          from,
          { kind: 'file', sha1: to.sha1, ...(to.mode === undefined ? {} : { mode: to.mode }) },
          done,
        )
      : {}
    const own = args.fstab === '/etc/fstab' ? [] : ['-T', args.fstab]
    const steps: Script[] = []
    if (to.isMounted === false && from.isMounted) steps.push(sh`umount -- ${path}`)
    if (to.folder === false && from.folder) steps.push(sh`rmdir -- ${path}`)
    if (to.folder && !from.folder) steps.push(sh`mkdir -p -- ${path}`)
    if (to.isMounted && !from.isMounted) {
      steps.push(
        args.state === 'ephemeral' || args.fstab !== '/etc/fstab'
          ? sh`mount -t ${args.fstype ?? 'auto'} -o ${optionsOf(args)} -- ${args.src ?? ''} ${path}`
          : sh`mount ${own} -- ${path}`,
      )
    }
    if (to.isMounted && from.isMounted && writes)
      steps.push(
        sh`mount -o ${`remount,${optionsOf(args)}`} -- ${path} || { umount -- ${path} && mount ${own} -- ${path}; }`,
      )
    if (to.remounted)
      steps.push(sh`mount -o ${args.opts === undefined ? 'remount' : `remount,${args.opts}`} -- ${path}`)
    return { ...change, script: steps.reduce((before, next) => andThen(before, next), change.script ?? sh`:`) }
  },
  diff: (args, { from, to }) =>
    diffEdited(from ?? absentFile, { ...(to?.sha1 === undefined ? {} : { sha1: to.sha1 }) }, edit(args, from)),
  returns: (args, { changed, output }) => ({
    changed,
    name: args.path,
    ...(args.src === undefined ? {} : { src: args.src }),
    ...(args.fstype === undefined ? {} : { fstype: args.fstype }),
    opts: optionsOf(args),
    boot: args.boot ? 'yes' : 'no',
    dump: args.dump,
    passno: args.passno,
    fstab: args.fstab,
    backup_file: output?.stdout.trim().split('\n')[0] ?? '',
  }),
})

const unseen: Mounted = absentFile

function filed(args: Args) {
  return { path: args.fstab, backup: args.backup, unsafe_writes: false }
}

function bare(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path
}

function optionsOf({ opts, boot }: Args): string {
  const options = opts ?? 'defaults'
  return boot || options.split(',').includes('noauto') ? options : `${options},noauto`
}

/** A field of fstab: blanks and backslashes as octal numbers. */
function escaped(text: string): string {
  return text.replace(/[\\ \t\n]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function edit(args: Args, from: FileState = absentFile): Edit {
  const file = openText(from)
  const lines = linesOf(file.text)
  const path = file.own(escaped(bare(args.path)))
  const isSwap = args.fstype === 'swap' || args.path === 'none'
  const src = file.own(escaped(args.src ?? ''))
  const isOwn = (line: string) => {
    const [device, folder] = fields(line)
    return folder === path && (!isSwap || device === src)
  }
  const own = lines.filter(isOwn)
  if (args.state === 'absent' || args.state === 'absent_from_fstab') {
    return { text: own.length === 0 ? file.text : lines.filter(line => !isOwn(line)).join(''), msg: '' }
  }
  const wanted = [src, path, args.fstype ?? '', file.own(escaped(optionsOf(args))), args.dump, args.passno]
  const [device, folder, type, options, dump = '0', passno = '0'] = fields(own.at(-1) ?? '')
  if ([device, folder, type, options, dump, passno].join(' ') === wanted.join(' ')) return { text: file.text, msg: '' }
  const line = `${wanted.join(' ')}\n`
  const at = lines.findIndex(isOwn)
  const kept = lines.filter(other => !isOwn(other)).map(other => (other.endsWith('\n') ? other : `${other}\n`))
  kept.splice(at === -1 ? kept.length : at, 0, line)
  return { text: kept.join(''), msg: '' }
}

function fields(line: string): readonly string[] {
  return /^\s*(#|$)/.test(line) ? [] : line.trim().split(/\s+/)
}
