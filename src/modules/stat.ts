import type { ScriptResult } from '../connection/connection.ts'
import { lines, script, sh } from '../shell/sh.ts'
import { defineAction, ModuleFailure, type Result } from './module.ts'
import { parseStat, statFormat } from './parts/attributes.ts'
import { lineFunction, pathInto, unlined } from './parts/file-look.ts'
import { bitKeys, kindKeys } from './parts/stat-facts.ts'

export const stat = defineAction({
  summary: 'Reads what is at a path.',
  args: {
    path: { type: 'path', doc: 'The file, folder or link.', required: true, aliases: ['dest', 'name'] },
    follow: { type: 'bool', doc: 'Reads what a link points to.', default: false },
    get_checksum: { type: 'bool', doc: 'Reads the checksum of a file.', default: true },
    checksum_algorithm: {
      type: 'str',
      doc: 'How the checksum is made.',
      choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
      default: 'sha1',
      aliases: ['checksum', 'checksum_algo'],
    },
    get_mime: {
      type: 'bool',
      doc: 'Reads type and charset, with `file` where the host has it.',
      default: true,
      aliases: ['mime', 'mime_type', 'mime-type'],
    },
    get_attributes: {
      type: 'bool',
      doc: 'Reads the flags of chattr.',
      default: true,
      aliases: ['attr', 'attributes'],
    },
    get_md5: { type: 'bool', doc: 'As `checksum_algorithm: md5`.', ignored: 'Ansible has dropped it' },
    get_selinux_context: {
      type: 'bool',
      doc: 'Reads the SELinux label.',
      default: false,
      ignored: 'labels are not read',
    },
  },
  examples: `
- stat: path=/etc/docker/daemon.json
  register: daemon
- debug: msg="found it"
  when: daemon.stat.exists and daemon.stat.isreg
- ansible.builtin.stat:
    path: /usr/bin/app
    follow: yes
    checksum_algorithm: sha256
    get_mime: no
`,
  returnDocs: {
    stat: '`exists`, and for what exists: `path`, `mode`, `isdir`, `isreg`, `islnk`, `uid`, `gid`, `pw_name`, `gr_name`, `size`, `mtime`, `checksum`, `lnk_source` and the rest of Ansible’s keys.',
  },
  readOnly: true,
  act({ path, follow, get_checksum, checksum_algorithm, get_mime, get_attributes }) {
    const look = follow ? script('-L') : script('')
    const sum = sh`${script(`${checksum_algorithm}sum`)}`
    return {
      script: lines(
        pathInto('p', path),
        path.length > 1 && path.endsWith('/') && sh`p=$p/`, // what a link leads to
        lineFunction,
        sh`line "$p"
if ! [ -e "$p" ] && { ${follow ? script('true') : sh`! [ -L "$p" ]`}; }; then exit 0; fi
stat ${look} -c ${`${statFormat}|%d|%i|%h|%X|%Y|%Z|%x|%y|%z|%b|%o|%t:%T`} -- "$p" || exit
for a in r w x; do if test -$a "$p"; then printf 1; else printf 0; fi; done; echo
if [ -L "$p" ]; then
  v=$(readlink -- "$p"; echo x); line "\${v%??}"; v=$(readlink -f -- "$p"; echo x); line "\${v%??}"
else printf '\n\n'; fi`,
        get_checksum && sh`if [ -f "$p" ] && [ -r "$p" ]; then ${sum} <"$p"; else echo -; fi`,
        get_mime &&
          sh`if command -v file >/dev/null 2>&1; then file --brief --mime-type --mime-encoding -- "$p"; else echo; fi`,
        get_attributes && sh`if command -v lsattr >/dev/null 2>&1; then lsattr -vd -- "$p" 2>/dev/null || :; fi`,
      ),
    }
  },
  read: (output, args) => ({ changed: false, stat: readStat(output, args) }),
})

function readStat(
  output: ScriptResult,
  {
    follow,
    get_checksum,
    get_mime,
    get_attributes,
  }: { follow: boolean; get_checksum: boolean; get_mime: boolean; get_attributes: boolean },
): Result {
  if (output.status !== 0) throw new ModuleFailure(output.stderr.trim() || 'the path cannot be read')
  const [path = '', line, access = '', target = '', source = '', ...rest] = output.stdout.split('\n')
  if (!line) return { exists: false }
  const [stat = '', dev, ino, nlink, atime, mtime, ctime, atimeText, mtimeText, ctimeText, blocks, blockSize, device] =
    line.split('|')
  const attributes = parseStat(stat)
  if (attributes === undefined) throw new ModuleFailure(`stat of the host answers in a way that is not known: ${line}`)
  const { uid, gid, size, owner, group, kind, mode } = attributes
  const [readable, writeable, executable] = [...access].map(letter => letter === '1')
  const checksum = get_checksum ? /^[0-9a-f]+/.exec(rest.shift() ?? '')?.[0] : undefined
  return {
    exists: true,
    path: unlined(path),
    mode,
    ...kindKeys(Number.parseInt(stat, 16)),
    uid,
    gid,
    size,
    dev: Number(dev),
    inode: Number(ino),
    nlink: Number(nlink),
    atime: seconds(atime, atimeText),
    mtime: seconds(mtime, mtimeText),
    ctime: seconds(ctime, ctimeText),
    blocks: Number(blocks),
    block_size: Number(blockSize),
    device_type: deviceNumber(device),
    ...bitKeys(Number.parseInt(mode, 8)),
    readable,
    writeable,
    executable,
    // An unknown number has no name; GNU and BusyBox say so each in their way.
    ...(/^(UNKNOWN|\d*)$/.test(owner) ? {} : { pw_name: owner }),
    ...(/^(UNKNOWN|\d*)$/.test(group) ? {} : { gr_name: group }),
    ...(kind === 'link' && !follow ? { lnk_target: unlined(target), lnk_source: unlined(source) } : {}),
    ...(checksum && kind === 'file' ? { checksum } : {}),
    ...(get_mime ? mime(rest.shift()) : {}),
    ...(get_attributes ? flags(rest.shift()) : {}),
  }
}

/** Kind and charset; Ansible says `unknown` for both where the host cannot tell. */
function mime(answer: string | undefined): Result {
  const [, mimetype = 'unknown', charset = 'unknown'] = /^([^;]+); charset=(.*)$/.exec(answer ?? '') ?? []
  return { mimetype, charset }
}

/** Version and flags that `lsattr -v` tells; file systems without them have none. */
function flags(line = ''): Result {
  const [, version, letters = ''] = /^(\d+)\s+(\S+)\s/.exec(line) ?? []
  const set = [...letters.replaceAll('-', '')]
  return {
    version: version ?? null,
    attr_flags: set.join(''),
    attributes: set.flatMap(letter => flagNames[letter] ?? []),
  }
}

/** chattr(1). */
const flagNames: Readonly<Record<string, string>> = {
  A: 'noatime',
  a: 'append',
  c: 'compressed',
  C: 'nocow',
  d: 'nodump',
  D: 'dirsync',
  e: 'extents',
  E: 'encrypted',
  h: 'blocksize',
  i: 'immutable',
  I: 'indexed',
  j: 'journalled',
  N: 'inline',
  s: 'zero',
  S: 'synchronous',
  t: 'notail',
  T: 'blockroot',
  u: 'undelete',
  X: 'compressedraw',
  Z: 'compresseddirty',
}

/** Major and minor come in hex. */
function deviceNumber(device = '0:0'): number {
  const [major = 0, minor = 0] = device.split(':').map(part => Number.parseInt(part, 16) || 0)
  return major * 256 + minor
}

function seconds(whole = '0', human = ''): number {
  return Number(`${whole}${/\.\d+/.exec(human)?.[0] ?? ''}`)
}
