import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure } from './module.ts'
import {
  attributeArgs,
  attributeResult,
  attributeReturns,
  parseStat,
  setAttributes,
  statFormat,
  type WantedAttributes,
  wantedAttributes,
} from './parts/attributes.ts'
import { download } from './parts/download.ts'

const table = {
  url: { type: 'str', required: true, doc: 'The address: http, https, ftp or file.' },
  dest: {
    type: 'path',
    required: true,
    doc: 'The file on the host, or a folder, which keeps the name that the address ends with.',
  },
  checksum: {
    type: 'str',
    default: '',
    doc: '`sha256:DIGEST`, or `sha256:URL` of a file that lists digests. A file with this digest is not fetched again.',
  },
  force: {
    type: 'bool',
    default: false,
    aliases: ['thirsty'],
    doc: 'Fetches it each time; changed when the content is new. Without it, a file that is there is kept, but for one in a folder that `dest` names.',
  },
  backup: { type: 'bool', default: false, doc: 'Keeps the old file under a name with its time.' },
  headers: { type: 'dict', doc: 'Headers of the request.' },
  timeout: { type: 'int', default: 10, doc: 'Seconds to wait for the server.' },
  validate_certs: { type: 'bool', default: true, doc: 'Whether the certificate of the server must be valid.' },
  url_username: { type: 'str', aliases: ['username'], doc: 'The user for basic authentication.' },
  url_password: { type: 'str', aliases: ['password'], secret: true, doc: 'The password for it.' },
  force_basic_auth: {
    type: 'bool',
    default: false,
    doc: 'Sends the password with the first request.',
    ignored: 'it is sent with the first request always',
  },
  http_agent: { type: 'str', default: 'ansible-httpget', doc: 'The name that the client gives itself.' },
  use_proxy: { type: 'bool', default: true, doc: 'Whether proxies of the environment are used.' },
  tmp_dest: {
    type: 'path',
    doc: 'Folder for the download.',
    ignored: 'it is fetched beside its target and then moved',
  },
  decompress: {
    type: 'bool',
    default: true,
    doc: 'Unpacks gzip responses.',
    ignored: 'the server is not asked to pack',
  },
  client_cert: { type: 'path', doc: 'Own certificate.', unsupported: 'certificates of clients are not sent yet' },
  client_key: { type: 'path', doc: 'Key of it.', unsupported: 'certificates of clients are not sent yet' },
  use_gssapi: { type: 'bool', default: false, doc: 'Kerberos.', unsupported: 'Kerberos is not spoken' },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Fetched = {
  readonly content?: string
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  readonly uid?: number
  readonly gid?: number
  readonly path?: string
  readonly inFolder?: boolean
  readonly stat?: string
  readonly sha1?: string
  readonly umask?: number
}

const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']

export const getUrl = defineState({
  summary: 'Downloads a file to the host.',
  details: 'The host itself fetches it, with curl or wget. The file is complete or absent, never half written.',
  args: table,
  examples: `
- name: Fetch compose
  become: true
  ansible.builtin.get_url:
    url: https://github.com/docker/compose/releases/download/v2.26.1/docker-compose-linux-x86_64
    dest: /usr/local/bin/docker-compose
    mode: "0755"
`,
  returnDocs: {
    url: 'The address.',
    dest: 'The file.',
    checksum_src: 'SHA-1 of what was fetched.',
    checksum_dest: 'SHA-1 of the file before.',
    backup_file: 'The old file’s new name.',
    ...attributeReturns,
  },
  check: ({ checksum }) =>
    checksum === undefined || checksum === '' || algorithms.includes(checksum.split(':')[0] ?? '')
      ? []
      : [`\`checksum\` begins with one of ${algorithms.join(', ')} and a colon`],
  look: args => sh`
target=${pathWord(args.dest)}
case $target in
  */) folder=yes target="$target"${fileName(args.url)} ;;
  *) if [ -d "$target" ]; then folder=yes target=$target/${fileName(args.url)}; else folder=no; fi ;;
esac
${section('path')}
printf '%s\n' "$target"
umask
${section('folder')}
echo "$folder"
${section('stat')}
if [ -e "$target" ]; then
  stat -L -c ${statFormat} -- "$target"
  sha1sum -- "$target" | sed 's/^[^0-9a-f]*//' | cut -c 1-40
  ${expected(args) === undefined ? sh`:` : sh`${`${expected(args)?.algorithm}sum`} -- "$target" | sed 's/^[^0-9a-f]*//' | cut -d ' ' -f 1`}
fi`,
  read({ status, stdout, stderr }, args): Fetched {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `${args.dest} cannot be looked at`)
    const parts = sections(stdout)
    const text = (parts.get('path') ?? '').trimEnd()
    // The path may hold line breaks; the umask is the last line.
    const path = text.slice(0, text.lastIndexOf('\n'))
    const umask = text.slice(text.lastIndexOf('\n') + 1)
    const [line = '', sha1 = '', digest] = (parts.get('stat') ?? '').split('\n')
    const stat = parseStat(line)
    const inFolder = parts.get('folder')?.trim() === 'yes'
    const common = { path, inFolder, umask: Number.parseInt(umask, 8) }
    if (stat === undefined) return { ...common, content: 'absent' }
    if (stat.kind === 'directory') throw new ModuleFailure(`${path} is a folder`)
    const { mode, owner, group, uid, gid } = stat
    const wanted = expected(args)?.digest
    const content = wanted === undefined || wanted === digest ? 'there' : 'another'
    return { ...common, content, mode, owner, group, uid, gid, stat: line, sha1 }
  },
  want(args, state, { checkMode }): Fetched {
    // Whether a file in a folder is the newest only a download tells, and a check makes none.
    // A list of digests behind an address is read when the file is fetched; the file that is there is trusted till then.
    const content =
      (args.force || (state?.inFolder === true && !checkMode)) && expected(args) === undefined ? 'new' : 'there'
    return { content, ...wantedOf(args, state) }
  },
  change(args, { from, to }) {
    const fetches = to?.content !== from?.content
    const target = from?.path ?? args.dest
    return {
      script: lines(
        fetches
          ? fetchScript(args, target, from, to ?? {})
          : setAttributes(sh`${target}`, wantedOf(args, from), parseStat(from?.stat ?? '')),
      ),
    }
  },
  verify: false,
  diff: (args, { from, to }) => ({
    before: from?.content === 'absent' ? 'absent\n' : `sha1 ${from?.sha1}, mode ${from?.mode}\n`,
    after: `${to?.content !== from?.content ? `content of ${args.url}` : `sha1 ${from?.sha1}`}, mode ${to?.mode ?? from?.mode ?? ''}\n`,
  }),
  returns(args, { from, changed, output }) {
    const parts = sections(output?.stdout ?? '')
    const [line = '', sha1 = ''] = (parts.get('now') ?? '').split('\n')
    const stat = parseStat(line) ?? parseStat(from?.stat ?? '')
    const backup = parts.get('backup')?.trim()
    const same = changed && from?.content === 'there' && sha1 !== '' && sha1 === from.sha1 && line === from.stat
    return {
      ...(same ? { changed: false } : {}),
      url: args.url,
      dest: from?.path ?? args.dest,
      checksum_src: sha1 === '' ? (from?.sha1 ?? null) : sha1,
      checksum_dest: from?.sha1 ?? null,
      ...(stat === undefined ? {} : attributeResult(stat)),
      ...(backup ? { backup_file: backup } : {}),
      msg: changed ? 'OK' : 'file already exists',
    }
  },
})

function wantedOf(args: Args, state: Partial<Fetched> | undefined): WantedAttributes {
  const mode = Number.parseInt(state?.mode ?? '', 8)
  const umask = state?.umask ?? 0o022
  return wantedAttributes(args, { mode: Number.isNaN(mode) ? 0o666 & ~umask : mode, isDirectory: false, umask })
}

/** The name that Ansible gives a download in a folder: the last part of the address, without a query. */
function fileName(url: string): string {
  const path = url.replace(/^\w+:\/\/[^/]*/, '').replace(/[?#].*$/, '')
  return path.slice(path.lastIndexOf('/') + 1) || 'index.html'
}

/** The digest as written; undefined where it stands behind an address, or none is asked for. */
function expected({ checksum }: Args): { readonly algorithm: string; readonly digest: string } | undefined {
  const at = checksum.indexOf(':')
  const rest = checksum.slice(at + 1).trim()
  if (at < 0 || /^\w+:\/\//.test(rest)) return undefined
  return { algorithm: checksum.slice(0, at), digest: rest.replace(/\W/g, '').toLowerCase() }
}

function fetchScript(args: Args, target: string, from: Fetched | undefined, to: Partial<Fetched>): Script {
  const slash = target.lastIndexOf('/')
  const hidden = `${target.slice(0, slash + 1)}.${target.slice(slash + 1)}.mlops-part`
  const { url, headers, timeout, validate_certs: validateCerts, url_username: user, url_password: password } = args
  const what = { headers, timeout, validateCerts, user, password, agent: args.http_agent, useProxy: args.use_proxy }
  const fresh: WantedAttributes = {
    mode: to.mode ?? from?.mode ?? (0o666 & ~(from?.umask ?? 0o022)).toString(8).padStart(4, '0'),
    ...((to.owner ?? from?.owner) ? { owner: to.owner ?? from?.owner ?? '' } : {}),
    ...((to.group ?? from?.group) ? { group: to.group ?? from?.group ?? '' } : {}),
    ...(to.uid === undefined ? {} : { uid: to.uid }),
    ...(to.gid === undefined ? {} : { gid: to.gid }),
  }
  return lines(
    sh`
[ -d "$(dirname -- ${target})" ] || { printf 'Destination %s does not exist\n' "$(dirname -- ${target})" >&2; exit 1; }
umask 077`,
    download({ ...what, url }, sh`${hidden}`),
    checksumScript(args, what, hidden),
    args.backup &&
      sh`
if [ -e ${target} ]; then
  backup=${target}.$(date +%Y-%m-%d@%H:%M:%S)~
  cp -p -- ${target} "$backup" || exit`,
    args.backup && section('backup'),
    args.backup &&
      sh`printf '%s\n' "$backup"
fi`,
    sh`
if [ -e ${target} ] && cmp -s ${hidden} ${target}; then rm -f -- ${hidden}; else
${setAttributes(sh`${hidden}`, fresh) ?? sh`:`} && mv -f -- ${hidden} ${target} || { rm -f -- ${hidden}; exit 1; }
fi
${setAttributes(sh`${target}`, wantedOf(args, from)) ?? sh`:`} || exit`,
    section('now'),
    sh`stat -L -c ${statFormat} -- ${target}; sha1sum -- ${target} | sed 's/^[^0-9a-f]*//' | cut -c 1-40`,
  )
}

/** Compares what came with the digest as written, or with the line of its name in a list that is fetched. */
function checksumScript(
  args: Args,
  what: Omit<Parameters<typeof download>[0], 'url'>,
  file: string,
): Script | undefined {
  if (args.checksum === '') return undefined
  const algorithm = args.checksum.slice(0, args.checksum.indexOf(':'))
  const known = expected(args)
  const wanted =
    known !== undefined
      ? sh`wanted=${known.digest}`
      : lines(
          download({ ...what, url: args.checksum.slice(args.checksum.indexOf(':') + 1) }, sh`${`${file}.sums`}`),
          sh`
wanted=$(sed -n -e 's/^\([0-9A-Fa-f]*\)[[:space:]][[:space:]]*[*]*\(\.\/\)*\(.*\)$/\1 \3/p' -e 's/^[A-Z0-9]* (\(.*\)) = \([0-9A-Fa-f]*\)$/\2 \1/p' ${`${file}.sums`} |
  while read -r digest name; do [ "$name" != ${fileName(args.url)} ] || { echo "$digest"; break; }; done)
# A list of one digest alone needs no name.
[ -n "$wanted" ] || [ "$(grep -c . ${`${file}.sums`})" -ne 1 ] || wanted=$(tr -cd '0-9A-Fa-f' <${`${file}.sums`})
rm -f -- ${`${file}.sums`}
[ -n "$wanted" ] || { rm -f -- ${file}; echo ${`Unable to find a checksum for file '${fileName(args.url)}' in '${args.checksum.slice(args.checksum.indexOf(':') + 1)}'`} >&2; exit 1; }`,
        )
  return sh`
${wanted}
is=$(${`${algorithm}sum`} -- ${file} | sed 's/^[^0-9a-f]*//' | cut -d ' ' -f 1)
if [ "$is" != "$(printf %s "$wanted" | tr A-F a-f)" ]; then
  rm -f -- ${file}
  printf 'The checksum for %s did not match %s; it was %s.\n' ${args.dest} "$wanted" "$is" >&2
  exit 1
fi`
}
