import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure } from './module.ts'
import { attributeResult, attributeReturns, parseStat, setAttributes, statFormat } from './parts/attributes.ts'
import { type Fetched, getUrlArgs } from './parts/get-url-args.ts'
import { expected, fetchScript, fileName, wantedAttributesOf } from './parts/get-url-fetch.ts'

const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']

export const getUrl = defineState({
  summary: 'Downloads a file to the host.',
  details: 'The host itself fetches it, with curl or wget. The file is complete or absent, never half written.',
  args: getUrlArgs,
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
    return { content, ...wantedAttributesOf(args, state) }
  },
  change(args, { from, to }) {
    const fetches = to?.content !== from?.content
    const target = from?.path ?? args.dest
    return {
      script: lines(
        fetches
          ? fetchScript(args, target, from, to ?? {})
          : setAttributes(sh`${target}`, wantedAttributesOf(args, from), parseStat(from?.stat ?? '')),
      ),
    }
  },
  verify: false,
  diff: (args, { from, to }) => ({
    before: from?.content === 'absent' ? { state: 'absent' } : { sha1: from?.sha1, mode: from?.mode },
    after: {
      ...(to?.content === from?.content ? { sha1: from?.sha1 } : { content: args.url }),
      mode: to?.mode ?? from?.mode,
    },
  }),
  returns(args, { from, changed, output }) {
    const parts = sections(output?.stdout ?? '')
    const [line = '', sha1 = '', md5] = (parts.get('now') ?? '').split('\n')
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
      ...(md5 && !same ? { md5sum: md5 } : {}),
      ...(backup ? { backup_file: backup } : {}),
      msg: changed ? `OK${stat === undefined ? '' : ` (${stat.size} bytes)`}` : 'file already exists',
    }
  },
})
