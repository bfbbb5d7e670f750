import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { globWord } from '../shell/words.ts'
import { defineAction, type Result } from './module.ts'
import {
  attributeArgs,
  attributeResult,
  attributeReturns,
  ownership,
  parseStat,
  setAttributes,
  statFormat,
} from './parts/attributes.ts'
import { pathInto } from './parts/file-look.ts'
import { modeWord } from './parts/mode-word.ts'

const table = {
  path: { type: 'list', elements: 'path', required: true, doc: 'Files and folders, also by patterns.' },
  dest: { type: 'path', doc: 'The archive; beside the one file or folder by default.' },
  format: { type: 'str', choices: ['bz2', 'gz', 'tar', 'xz', 'zip'], default: 'gz', doc: 'How it is packed.' },
  force_archive: {
    type: 'bool',
    default: false,
    doc: 'Makes an archive of a single file, too, in place of packing the file alone.',
  },
  remove: { type: 'bool', default: false, doc: 'Removes what was packed.' },
  exclude_path: {
    type: 'list',
    elements: 'path',
    default: [],
    doc: 'Paths that are left out.',
    unsupported: 'name the paths that are packed',
  },
  exclusion_patterns: {
    type: 'list',
    elements: 'path',
    doc: 'Patterns of names that are left out.',
    unsupported: 'name the paths that are packed',
  },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

const tools = { gz: 'gzip', bz2: 'bzip2', xz: 'xz', tar: 'cat', zip: 'zip' } as const

export const archive = defineAction({
  summary: 'Packs files and folders of the host into an archive there.',
  details: 'The archive is made anew beside the old one, and takes its place when its content differs.',
  args: table,
  check: ({ path = [], dest }) =>
    dest === undefined && (path.length > 1 || path.some(one => /[*?[]/.test(one)))
      ? ['`dest` is needed for several paths, or a pattern']
      : [],
  examples: `
- archive: { path: /srv/app, dest: /var/backups/app.tgz }
- community.general.archive:
    path: [/etc/nginx, "/etc/*.conf"]
    dest: /var/backups/etc.zip
    format: zip
`,
  returnDocs: {
    dest: 'The archive.',
    dest_state: '`archive`, `compress`, `incomplete` or `absent`.',
    archived: 'What was packed.',
    missing: 'What was not there.',
    arcroot: 'The folder that names in the archive are relative to.',
    ...attributeReturns,
  },
  runsInCheckMode: true,
  act: (args, { checkMode }) => ({
    script: lines(
      sh`LC_ALL=C; export LC_ALL
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v ${tools[args.format]} >/dev/null 2>&1 || fail ${`${tools[args.format]} is not on this host`}
${args.format === 'zip' ? sh`:` : sh`: | ${tools[args.format]} -c >/dev/null 2>&1 || ${args.format === 'tar' ? sh`:` : sh`fail ${`the ${tools[args.format]} of this host cannot pack`}`}`}
set --`,
      section('missing'),
      ...args.path.map(
        path => sh`for f in ${globWord(path)}; do
  if [ -e "$f" ] || [ -L "$f" ]; then set -- "$@" "$f"; else printf '%s\n' "$f"; fi
done`,
      ),
      section('archived'),
      sh`[ $# -eq 0 ] || printf '%s\n' "$@"
r=
for f do
  d=\${f%/*}/
  [ -n "$r" ] || r=$d
  while case $d in "$r"*) false ;; esac; do r=\${r%/}; r=\${r%/*}/; done
done`,
      section('root'),
      sh`printf '%s\n' "$r"`,
      destination(args),
      pack(args, checkMode),
      section('stat'),
      sh`[ ! -e "$p" ] || stat -c ${statFormat} -- "$p"`,
      section('dest'),
      sh`printf %s "$p"`,
    ),
  }),
  read({ status, stdout, stderr }, args): Result {
    const parts = sections(stdout)
    const rows = (name: string) => (parts.get(name) ?? '').split('\n').filter(Boolean)
    if (status !== 0) return { failed: true, msg: stderr.trim() || `exit status ${status}` }
    const stat = parseStat((parts.get('stat') ?? '').trim())
    const missing = rows('missing')
    const kind = rows('kind')[0] ?? 'absent'
    const archived = rows('archived')
    return {
      changed: parts.has('changed'),
      dest: parts.get('dest') ?? args.dest,
      dest_state: kind === 'archive' && missing.length > 0 ? 'incomplete' : kind,
      archived,
      expanded_paths: archived,
      missing,
      arcroot: rows('root')[0] ?? '',
      ...(stat === undefined ? {} : attributeResult(stat)),
    }
  },
})

/** Puts the archive's path into `p`, and into `kind` whether it is an archive or one packed file. */
function destination({ dest, format, force_archive }: Args): Script {
  const single = !force_archive && format !== 'tar' && format !== 'zip'
  const ending = format === 'tar' || format === 'zip' ? format : `tar.${format}`
  return lines(
    single ? sh`if [ $# -eq 1 ] && [ -f "$1" ]; then kind=compress; else kind=archive; fi` : sh`kind=archive`,
    dest === undefined
      ? sh`f=\${1-}; f=\${f%/}; if [ "$kind" = compress ]; then p=$f.${format}; else p=$f.${ending}; fi`
      : pathInto('p', dest),
    sh`[ ! -d "$p" ] || fail "$p is a folder"
for f do case $p in "\${f%/}"/*) fail "the archive $p would be a part of itself: give a dest outside of $f" ;; esac; done`,
  )
}

function pack(args: Args, checkMode: boolean): Script {
  const tool = tools[args.format]
  const { owner, group, uid, gid } = ownership(args)
  const owns = setAttributes(sh`"$p"`, { owner, group, uid, gid })
  const attributes = lines(
    owns && sh`${owns} || exit`,
    args.mode !== undefined && sh`chmod ${modeWord(args.mode, false)} -- "$p" || exit`,
  )
  return sh`
if [ $# -gt 0 ]; then
  t=$(mktemp -d) || exit
  trap 'rm -rf -- "$t"' EXIT
  n=$#
  while [ "$n" -gt 0 ]; do f=\${1#"$r"}; shift; set -- "$@" "./\${f:-.}"; n=$((n - 1)); done
  cd -- "$r" || exit
  if [ "$kind" = compress ]; then
    ${tool} -c <"$1" >"$t/new" || fail "cannot pack $1"
    content() { ${tool} -dc <"$1" | cksum; }
  elif [ ${args.format} = zip ]; then
    zip -q -r -y "$t/new.zip" "$@" || fail 'zip failed'
    mv -- "$t/new.zip" "$t/new"
    content() { unzip -v "$1" | awk 'NF >= 8 { print $1, $7, $8, $9 }' | sort; }
  else
    tar -c -f "$t/tar" "$@" || fail 'tar failed'
    ${tool} <"$t/tar" >"$t/new" || exit
    rm -f -- "$t/tar"
    content() { ${tool} ${tool === 'cat' ? [] : ['-dc']} <"$1" | cksum; }
  fi
  printf '\036kind\n%s\n' "$kind"
  if ! [ -e "$p" ] || [ "$(content "$p" 2>/dev/null)" != "$(content "$t/new")" ]; then
    printf '\036changed\n'
    ${checkMode ? sh`:` : sh`h=\${p%/*}/.mlops.\${p##*/}.tmp; umask 077; cat "$t/new" >"$h" && { [ ! -e "$p" ] || chmod "$(stat -c %a -- "$p")" "$h"; } && { [ -e "$p" ] || chmod 644 "$h"; } && mv -f -- "$h" "$p" || { rm -f -- "$h"; exit 1; }`}
  fi
  ${
    checkMode || attributes.text === ''
      ? sh`:`
      : sh`before=$(stat -c '%a %u %g' -- "$p")
${attributes}
  [ "$before" = "$(stat -c '%a %u %g' -- "$p")" ] || printf '\036changed\n'`
  }
  ${args.remove ? (checkMode ? sh`printf '\036changed\n'` : sh`rm -rf -- "$@" && printf '\036changed\n'`) : sh`:`}
fi`
}
