import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, ModuleFailure, type Result } from './module.ts'
import {
  attributeArgs,
  attributeResult,
  attributeReturns,
  ownership,
  parseStat,
  statFormat,
} from './parts/attributes.ts'
import { download } from './parts/download.ts'
import { pathInto, sha1Of } from './parts/file-look.ts'
import { modeWord } from './parts/mode-word.ts'
import { sameTreeFunction, unpackFunctions } from './parts/unpack.ts'

const table = {
  src: {
    type: 'path',
    required: true,
    doc: 'The archive: a file of the controller; with `remote_src` one of the host, or an address.',
  },
  dest: { type: 'path', required: true, doc: 'The folder to unpack in. It must be there.' },
  remote_src: { type: 'bool', default: false, doc: '`src` is on the host, or an address that the host fetches.' },
  copy: { type: 'bool', default: true, doc: 'The opposite of `remote_src`, from older days.' },
  creates: { type: 'path', doc: 'Nothing is done when this exists on the host.' },
  list_files: { type: 'bool', default: false, doc: 'Returns the names in the archive.' },
  keep_newer: { type: 'bool', default: false, doc: 'Leaves files alone that are newer than those of the archive.' },
  exclude: { type: 'list', elements: 'str', default: [], doc: 'Names that are not unpacked.' },
  include: { type: 'list', elements: 'str', default: [], doc: 'Names that alone are unpacked.' },
  extra_opts: { type: 'list', elements: 'str', default: [], doc: 'Further options of `tar` or `unzip`.' },
  validate_certs: { type: 'bool', default: true, doc: 'Whether the certificate of a server must be valid.' },
  io_buffer_size: { type: 'int', default: 65_536, doc: 'Size of reads.', ignored: 'the tools choose it' },
  decrypt: { type: 'bool', default: true, doc: 'Opens a vault file.', ignored: 'archives are not encrypted files' },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

const handlers: Readonly<Record<string, string>> = {
  zip: 'ZipArchive',
  gzip: 'TgzArchive',
  bzip2: 'TarBzipArchive',
  xz: 'TarXzArchive',
  zstd: 'TarZstdArchive',
  cat: 'TarArchive',
}

export const unarchive = defineAction({
  summary: 'Unpacks an archive, unless all of it is there already.',
  details:
    'Tar archives, plain or packed with gzip, bzip2, xz or zstd, and zip files; the host needs `tar` or `unzip` and the tool of the packing. With GNU tar, what differs is asked of `tar --diff`; elsewhere the archive is unpacked to a hidden folder and compared.',
  args: table,
  check: ({ include = [], exclude = [] }) =>
    include.length > 0 && exclude.length > 0 ? ['`include` and `exclude` exclude each other'] : [],
  examples: `
- unarchive: { src: app.tar.gz, dest: /srv/app, owner: app }
- ansible.builtin.unarchive:
    src: https://example.org/tool-1.0.zip
    dest: /opt
    remote_src: yes
    creates: /opt/tool-1.0
- unarchive:
    src: /tmp/tool.tar.xz
    dest: /usr/local
    remote_src: true
    extra_opts: [--strip-components=1]
    mode: u=rwX,g=rX,o=rX
`,
  returnDocs: {
    dest: 'The folder.',
    src: 'The archive.',
    handler: 'Ansible’s name for the kind of archive.',
    files: 'The names in the archive, with `list_files`.',
    extract_results: 'What the tool said.',
    ...attributeReturns,
  },
  needs: args => (isRemote(args) ? {} : { files: { src: args.src, searchIn: 'files' } }),
  guard: ({ creates }) =>
    creates === undefined
      ? undefined
      : {
          look: sh`if [ -e ${pathWord(creates)} ] || [ -L ${pathWord(creates)} ]; then echo there; fi`,
          skip: ({ stdout }) =>
            stdout.trim() === 'there' ? { skipped: true, msg: `skipped, since ${creates} exists` } : undefined,
        },
  runsInCheckMode: true,
  act(args, { files, checkMode, host }) {
    const [entry] = files?.entries ?? []
    if (files?.root === 'directory') throw new ModuleFailure(`${args.src} is a folder, not an archive`)
    const uploaded = `/tmp/.mlops-${sha1Of(`${host.name} ${files?.source} ${args.dest}`)}.archive`
    return {
      ...(entry === undefined ? {} : { uploads: [{ to: uploaded, mode: 0o600, content: entry }] }),
      script: lines(sh`LC_ALL=C; export LC_ALL; u=; t=`, source(args, entry && uploaded), unpack(args, checkMode)),
    }
  },
  read({ status, stdout, stderr }, args): Result {
    const parts = sections(stdout)
    const handler = handlers[parts.get('kind')?.trim() ?? '']
    const common = { dest: args.dest, src: args.src, ...(handler === undefined ? {} : { handler }) }
    if (status !== 0) {
      return { failed: true, ...common, msg: stderr.trim() || `failed to unpack ${args.src} to ${args.dest}` }
    }
    const stat = parseStat((parts.get('stat') ?? '').trim())
    const files = (parts.get('files') ?? '').split('\n').filter(Boolean)
    return {
      changed: parts.has('unpacked') || parts.has('attributes'),
      ...common,
      ...(stat === undefined ? {} : attributeResult(stat)),
      ...(args.list_files ? { files } : {}),
      ...(parts.has('output') ? { extract_results: { rc: 0, out: parts.get('output') ?? '', err: stderr } } : {}),
    }
  },
})

function isRemote({ remote_src, copy }: Args): boolean {
  return remote_src || !copy
}

/** Puts the archive's path into `s`, and makes sure that it can be unpacked to `p`. */
function source(args: Args, uploaded: string | undefined): Script {
  const isAddress = uploaded === undefined && /^\w+:\/\//.test(args.src)
  return lines(
    sh`trap 'rm -rf -- "$u" "$t"' EXIT`,
    uploaded !== undefined && sh`s=${uploaded}; u=$s`,
    isAddress && sh`s=$(mktemp) && u=$s || exit`,
    isAddress &&
      download({ url: args.src, timeout: 10, validateCerts: args.validate_certs, agent: 'ansible-httpget' }, sh`"$s"`),
    uploaded === undefined && !isAddress && pathInto('s', args.src),
    pathInto('p', args.dest),
    sh`
fail() { printf '%s\n' "$1" >&2; exit 1; }
[ -e "$s" ] || fail "Source '$s' does not exist"
[ -r "$s" ] && [ -f "$s" ] || fail "Source '$s' not readable"
[ -s "$s" ] || fail "Invalid archive '$s', the file is 0 bytes"
[ -d "$p" ] || fail "Destination '$p' is not a directory"`,
  )
}

function unpack(args: Args, checkMode: boolean): Script {
  const { include, exclude, extra_opts, keep_newer } = args
  const owns = { owner: args.owner !== undefined, group: args.group !== undefined, mode: args.mode !== undefined }
  // Differences that Ansible does not count: what is set afterwards anyway.
  const differences = [
    'Mod time differs',
    'No such file',
    'Warning',
    ...(owns.mode ? [] : ['Mode differs']),
    ...(owns.owner ? [] : ['Uid differs']),
    ...(owns.group ? [] : ['Gid differs']),
  ].flatMap(text => ['-e', text])
  return lines(
    unpackFunctions({ include, exclude, options: extra_opts, keepNewer: keep_newer }),
    sameTreeFunction,
    section('kind'),
    sh`echo "$kind"`,
    sh`
if [ "$kind" != zip ] && tar --version 2>/dev/null | grep -q GNU; then
  names() { packed_names; }
  said=$(compare_packed 2>&1)
  [ "$(id -u)" = 0 ] || said=$(printf '%s\n' "$said" | grep -v -e 'Uid differs' -e 'Gid differs')
  # a name of which strip-components leaves nothing is not looked for
  if printf '%s\n' "$said" | grep -v -e 'Cannot stat: .*: Not a directory' -e ': : Warning: Cannot stat: No such file or directory$' | grep -q ${differences}; then differs=yes; else differs=; fi
  packed_names >/dev/null || fail "Failed to find handler for \"$s\". Make sure the required command to extract the file is installed."
else
  ${keep_newer ? sh`[ "$kind" = zip ] || fail 'keep_newer needs GNU tar on the host'` : sh`:`}
  t=$(mktemp -d -- "$p"/.mlops-XXXXXXXX 2>/dev/null || mktemp -d) || exit
  unpack_to "$t" >/dev/null || fail "failed to unpack $s"
  names() { (cd -- "$t" && find . -mindepth 1 -type d -exec printf '%s/\n' {} \; -o -mindepth 1 -print) | sed 's/^\.\///'; }
  # The folder itself keeps its own mode
  put_all() { for f in "$t"/* "$t"/.[!.]* "$t"/..?*; do { [ ! -e "$f" ] && [ ! -L "$f" ]; } || cp -R -P -p -f -- "$f" "$p"/ || return; done; }
  if same_tree "$t" "$p"; then differs=; else differs=yes; fi
fi`,
    script(args.list_files ? "printf '\\036files\\n'; names" : ':'),
    checkMode
      ? sh`[ -z "$differs" ] || printf '\036unpacked\n'`
      : sh`
if [ -n "$differs" ]; then
  printf '\036output\n'
  if [ -n "$t" ] && [ "$kind" != zip ]; then put_all; else unpack_to "$p"; fi || fail "failed to unpack $s to $p"
  printf '\036unpacked\n'
fi`,
    !checkMode && attributes(args),
    section('stat'),
    sh`stat -c ${statFormat} -- "$p"`,
  )
}

/** Sets owner, group and mode of all that came out of the archive, and says whether that changed anything. */
function attributes(args: Args): Script | undefined {
  const { owner, uid, group, gid } = ownership(args)
  const who = [owner ?? uid ?? '', group ?? gid].filter(part => part !== undefined).join(':')
  const each = lines(
    who !== '' && sh`chown -h -- ${who} "$f" || exit`,
    args.mode !== undefined &&
      sh`if [ -L "$f" ]; then :; elif [ -x "$f" ]; then chmod ${modeWord(args.mode, true)} -- "$f" || exit; else chmod ${modeWord(args.mode, false)} -- "$f" || exit; fi`,
  )
  if (each.text === '') return undefined
  return sh`
attributes() { names | while IFS= read -r f; do f=$p/$f; f=\${f%/}; [ ! -e "$f" ] || stat -c '%a %u %g' -- "$f"; done | cksum; }
before=$(attributes)
names | while IFS= read -r f; do
  f=$p/$f; f=\${f%/}
  [ -e "$f" ] || [ -L "$f" ] || continue
${each}
done || exit
[ "$before" = "$(attributes)" ] || printf '\036attributes\n'`
}
