import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure, type Result } from './module.ts'
import { attributeResult, attributeReturns, ownership, wantedAttributes } from './parts/attributes.ts'
import { type PathArgs, pathArgs } from './parts/path-args.ts'
import { bring, sameTime, touch } from './parts/path-change.ts'
import { lookAtPath, type PathLook, type PathState, readPath } from './parts/path-look.ts'
import { newFileMode } from './parts/placement.ts'
import { touchTime } from './parts/touch-time.ts'

export const file = defineState({
  summary: 'Sets what a path is: a file, a folder, a link or nothing, and its attributes.',
  args: pathArgs,
  check: ({ state, src, recurse }) => [
    ...(recurse === true && state !== undefined && state !== 'directory'
      ? ["recurse option requires state to be 'directory'"]
      : []),
    ...(src !== undefined && state !== undefined && state !== 'link' && state !== 'hard'
      ? ["src option requires state to be 'link' or 'hard'"]
      : []),
  ],
  examples: `
- file: path=/srv/app/releases state=directory owner=app mode=0755
- file: { src: releases/42, dest: /srv/app/current, state: link }
- ansible.builtin.file:
    path: /srv/app
    state: directory
    recurse: yes
    group: app
    mode: u=rwX,g=rX,o=
- file: { path: /tmp/old, state: absent }
- file:
    path: /var/run/ready
    state: touch
    modification_time: preserve
    access_time: preserve
`,
  returnDocs: { path: 'The path.', dest: 'The path of a link.', src: 'Where the link points.', ...attributeReturns },
  look: args => lookAtPath(lookOf(args)),
  read: (output, args): PathState => readPath(output, lookOf(args)),
  want(args, state): Partial<PathState> {
    const from = state ?? nothing
    return { ...wantKind(args, from), ...wantTimes(args, from), ...(args.recurse ? { strangers: [] } : {}) }
  },
  same: {
    source: (is, want) => Object.entries(want ?? {}).every(([key, value]) => Reflect.get(is ?? {}, key) === value),
    accessed: (is, want) => sameTime(is, want),
    modified: (is, want) => sameTime(is, want),
  },
  change(args, { from = nothing, to = {} }) {
    return { light: true, script: lines(sh`p=${from.path}`, ...bring(args, from, to), ...touch(args, from, to)) }
  },
  returns(args, { from = nothing, to = nothing, changed }, { checkMode }): Result {
    // of a check: what is there
    const seen = checkMode && changed ? from : to
    const found = seen.kind === 'absent' && to.kind !== 'absent' ? {} : described(seen)
    const link = to.target !== undefined || args.src !== undefined
    const state = args.state === 'hard' && seen.kind === 'file' ? { state: 'hard' } : {}
    return {
      changed,
      path: to.path,
      ...(link ? { dest: to.path, src: from.named ?? to.target } : args.state === 'touch' ? { dest: to.path } : {}),
      ...found,
      ...state,
    }
  },
})

/** Ansible's keys of what is at a path. */
function described({ path, kind, mode, uid, gid, owner = '', group = '', size = 0 }: PathState): Result {
  if (kind === 'absent') return { path, state: kind }
  if (mode === undefined || uid === undefined || gid === undefined) return { path }
  return { path, ...attributeResult({ kind, mode, uid, gid, owner, group, size }) }
}

const nothing: PathState = { path: '', kind: 'absent', umask: 0o022, missingParents: 0 }

function lookOf(args: PathArgs): PathLook {
  const { path, state, src, recurse, access_time, modification_time } = args
  const follow = args.follow && state !== undefined && state !== 'link' && state !== 'hard' && state !== 'absent'
  const times = [access_time, modification_time].flatMap(time => touchTime(time)?.human ?? [])
  return { path, src, follow, intoFolder: state === 'hard', times, ...(recurse ? { recurse: args } : {}) }
}

function stateOf({ state, recurse }: PathArgs, from: PathState): NonNullable<PathArgs['state']> {
  if (state !== undefined) return state
  if (recurse) return 'directory'
  return from.kind === 'directory' || from.kind === 'link' ? from.kind : 'file'
}

function wantKind(args: PathArgs, from: PathState): Partial<PathState> {
  const state = stateOf(args, from)
  if (args.src !== undefined && state !== 'link' && state !== 'hard') {
    throw new ModuleFailure("src option requires state to be 'link' or 'hard'")
  }
  switch (state) {
    case 'absent':
      if (/^\/*$/.test(from.path)) throw new ModuleFailure('the root folder is not removed')
      return { kind: 'absent' }
    case 'directory':
      if (from.kind !== 'directory' && from.kind !== 'absent') {
        throw new ModuleFailure(`${from.path} already exists as a ${from.kind}`, described(from))
      }
      return { kind: 'directory', ...wantedAttributes(args, base(from, true)) }
    case 'file':
      if (from.kind === 'absent' || from.kind === 'directory' || from.kind === 'link') {
        const msg = `file (${from.path}) is ${from.kind}, cannot continue`
        throw new ModuleFailure(msg, described(from))
      }
      return wantedAttributes(args, base(from, false))
    case 'touch':
      if (from.kind === 'link' && from.modified === undefined) {
        throw new ModuleFailure(`${from.path} cannot be touched: the link leads nowhere`, described(from))
      }
      return {
        ...(from.kind === 'absent' ? { kind: 'file' } : {}),
        ...(from.kind === 'link' ? ownership(args) : wantedAttributes(args, base(from, from.kind === 'directory'))),
      }
    case 'hard':
      return wantHard(args, from)
    case 'link':
      return wantLink(args, from)
    default:
      return state satisfies never
  }
}

function wantHard(args: PathArgs, from: PathState): Partial<PathState> {
  if (args.src === undefined) throw new ModuleFailure('src is required for creating new hardlinks')
  if (from.sourceInode === undefined) throw new ModuleFailure(`src does not exist: ${args.src}`)
  const same = from.inode === from.sourceInode
  if (!same && from.kind === 'directory') throw new ModuleFailure(`${from.path} is a folder, and stays one`)
  if (!same && from.kind !== 'absent' && from.kind !== 'link' && !args.force) {
    throw new ModuleFailure(`Cannot link, different hard link exists at destination: ${from.path}`)
  }
  const mode = Number.parseInt(from.source?.mode ?? '', 8) || 0
  return { kind: 'file', inode: from.sourceInode, ...wantedAttributes(args, { ...base(from, false), mode }) }
}

function wantLink(args: PathArgs, from: PathState): Partial<PathState> {
  const target = from.named ?? from.target
  if (target === undefined) throw new ModuleFailure('src is required for creating new symlinks')
  if (args.src !== undefined && from.source === undefined && !args.force) {
    throw new ModuleFailure(
      `src file does not exist, use "force=yes" if you really want to create the link: ${target}`,
      { path: from.path, src: target },
    )
  }
  if (from.kind !== 'link' && from.kind !== 'absent') {
    if (!args.force)
      throw new ModuleFailure(`refusing to convert from ${from.kind} to symlink for ${from.path}`, {
        ...described(from),
        src: target,
      })
    if (from.kind === 'directory' && !from.isEmpty) {
      throw new ModuleFailure(`the directory ${from.path} is not empty, refusing to convert it`)
    }
  }
  if (!args.follow) return { kind: 'link', target, ...ownership(args) }
  if (from.source === undefined) return { kind: 'link', target }
  const { mode = '0', kind } = from.source
  const start = { mode: Number.parseInt(mode, 8), isDirectory: kind === 'directory', umask: from.umask }
  return { kind: 'link', target, source: wantedAttributes(args, start) }
}

function wantTimes(args: PathArgs, from: PathState): Partial<PathState> {
  const leadsNowhere = stateOf(args, from) === 'link' && from.source === undefined
  if (args.state === 'absent' || leadsNowhere) return {}
  const standard = args.state === 'touch' ? 'now' : 'preserve'
  const known = [...(from.wantedTimes ?? [])]
  const time = (wanted: string, is: string | undefined): string | undefined => {
    if (wanted === 'preserve') return undefined
    if (wanted !== 'now') return known.shift()
    return is === undefined ? undefined : `not ${is}` // what is made anew has the time of now
  }
  // In the order of the look.
  const accessed = time(args.access_time ?? standard, from.accessed)
  return { accessed, modified: time(args.modification_time ?? standard, from.modified) }
}

function base(from: PathState, isDirectory: boolean): { mode: number; isDirectory: boolean; umask: number } {
  const fresh = isDirectory ? 0o777 & ~from.umask : newFileMode(from.umask)
  return { mode: from.mode === undefined ? fresh : Number.parseInt(from.mode, 8), isDirectory, umask: from.umask }
}
