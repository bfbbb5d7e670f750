import type { ArgTable } from '../../schema/arguments.ts'
import { type Script, script, sh } from '../../shell/sh.ts'
import type { Result } from '../module.ts'
import { octal, permissions } from './mode.ts'

const selinux = 'SELinux labels are left to the policy of the host'

/** Arguments of every module that makes files. */
export const attributeArgs = {
  mode: {
    type: 'raw',
    doc: "Permission bits: octal (`'0644'`, in quotes, or `0644`) or symbolic (`u=rwX,g=rX,o=`, `+x`).",
  },
  owner: { type: 'str', doc: 'The user who owns it, by name or number.' },
  group: { type: 'str', doc: 'The group that owns it, by name or number.' },
  unsafe_writes: {
    type: 'bool',
    doc: 'Writes in place where the file cannot be replaced in one step. Files that are mount points are always written so.',
    default: false,
  },
  attributes: {
    type: 'str',
    doc: 'Flags of chattr.',
    aliases: ['attr'],
    unsupported: 'flags of chattr are not set yet',
  },
  seuser: { type: 'str', doc: 'The user of the SELinux label.', ignored: selinux },
  serole: { type: 'str', doc: 'The role of the SELinux label.', ignored: selinux },
  setype: { type: 'str', doc: 'The type of the SELinux label.', ignored: selinux },
  selevel: { type: 'str', doc: 'The level of the SELinux label.', ignored: selinux },
} as const satisfies ArgTable

export interface AttributeArgs {
  readonly mode?: unknown
  readonly owner?: string | undefined
  readonly group?: string | undefined
}

/** What `stat` tells of a file. `mode` is four octal digits. */
export type Attributes = {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly mode: string
  readonly uid: number
  readonly gid: number
  readonly owner: string
  readonly group: string
  readonly size: number
}

/** The format for `stat -c`, one line a file. Names of users and groups may hold blanks, but no colon. */
export const statFormat = '%f:%u:%g:%s:%U:%G'

/** Reads a line of `stat -c` in `statFormat`; undefined for any other text. */
export function parseStat(line: string): Attributes | undefined {
  const [raw = '', uid, gid, size, owner = '', group = ''] = line.split(':')
  if (!/^[0-9a-f]+$/.test(raw) || size === undefined) return undefined
  const bits = Number.parseInt(raw, 16)
  return {
    kind: kindOf(bits),
    mode: octal(bits & 0o7777),
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    owner,
    group,
  }
}

/** Wanted attributes, as a part of a wanted state: only what was asked for. */
export type WantedAttributes = {
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  readonly uid?: number
  readonly gid?: number
}

/** The same keys, each of which may be undefined. */
export type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** The attributes that the arguments ask for. `base` is what a symbolic mode is applied to. */
export function wantedAttributes(
  args: AttributeArgs,
  base: { readonly mode: number; readonly isDirectory: boolean; readonly umask: number },
): WantedAttributes {
  return {
    ...(args.mode === undefined ? {} : { mode: octal(permissions(args.mode, base)) }),
    ...ownership(args),
  }
}

/** Owner and group as names, or as numbers when they are written so. */
export function ownership({ owner, group }: AttributeArgs): WantedAttributes {
  return {
    ...(owner === undefined ? {} : isNumber(owner) ? { uid: Number(owner) } : { owner }),
    ...(group === undefined ? {} : isNumber(group) ? { gid: Number(group) } : { group }),
  }
}

/**
 * Sets attributes of the file that `target` (shell text for one word) names; what is as wanted already is left alone.
 * Changing the owner clears set-id bits, so the mode is set last. Five digits, or GNU chmod keeps the set-id bits of folders.
 */
export function setAttributes(
  target: Script,
  wanted: Loose<WantedAttributes>,
  from?: Loose<WantedAttributes & { readonly kind: string }>,
): Script | undefined {
  const owner = changed(wanted.owner ?? wanted.uid, wanted.owner === undefined ? from?.uid : from?.owner)
  const group = changed(wanted.group ?? wanted.gid, wanted.group === undefined ? from?.gid : from?.group)
  const commands: Script[] = []
  if (owner !== undefined || group !== undefined) {
    const who = group === undefined ? String(owner) : `${owner ?? ''}:${group}`
    commands.push(from?.kind === 'link' ? sh`chown -h -- ${who} ${target}` : sh`chown -- ${who} ${target}`)
  }
  if (wanted.mode !== undefined && (wanted.mode !== from?.mode || owner !== undefined || group !== undefined)) {
    commands.push(sh`chmod ${`0${wanted.mode}`} -- ${target}`)
  }
  return commands.length === 0 ? undefined : script(commands.map(c => c.text).join(' && '))
}

/** The registered keys of a file. Ansible writes modes with a zero in front, however many digits follow. */
export function attributeResult({ kind, mode, uid, gid, owner, group, size }: Attributes): Result {
  return { mode: `0${mode.replace(/^0/, '')}`, uid, gid, owner, group, size, state: kind }
}

export const attributeReturns = {
  mode: 'The permission bits, such as `0644`.',
  owner: 'The name of the owner.',
  group: 'The name of the group.',
  uid: 'The number of the owner.',
  gid: 'The number of the group.',
  size: 'The size in bytes.',
  state: '`file`, `directory`, `link`, `hard` or `absent`.',
} as const

function changed<V>(wanted: V | undefined, is: V | undefined): V | undefined {
  return wanted === is ? undefined : wanted
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text)
}

function kindOf(bits: number): Attributes['kind'] {
  switch (bits & 0o170000) {
    case 0o100000:
      return 'file'
    case 0o040000:
      return 'directory'
    case 0o120000:
      return 'link'
    default:
      return 'other'
  }
}
