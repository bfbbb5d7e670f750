import { section } from '../../shell/sections.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { setAttributes, statFormat, type WantedAttributes, wantedAttributes } from './attributes.ts'
import { download } from './download.ts'
import type { Fetched, GetUrlArgs } from './get-url-args.ts'

/** Downloads beside the target, checks the digest, and moves it there. */
export function fetchScript(args: GetUrlArgs, target: string, from: Fetched | undefined, to: Partial<Fetched>): Script {
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
  backup=${target}.$$.$(date +%Y-%m-%d@%H:%M:%S)~
  cp -p -- ${target} "$backup" || exit`,
    args.backup && section('backup'),
    args.backup &&
      sh`printf '%s\n' "$backup"
fi`,
    sh`
if [ -e ${target} ] && cmp -s ${hidden} ${target}; then rm -f -- ${hidden}; else
${setAttributes(sh`${hidden}`, fresh) ?? sh`:`} && mv -f -- ${hidden} ${target} || { rm -f -- ${hidden}; exit 1; }
fi
${setAttributes(sh`${target}`, wantedAttributesOf(args, from)) ?? sh`:`} || exit`,
    section('now'),
    sh`stat -L -c ${statFormat} -- ${target}; sha1sum -- ${target} | sed 's/^[^0-9a-f]*//' | cut -c 1-40; md5sum -- ${target} | sed 's/^[^0-9a-f]*//' | cut -c 1-32`,
  )
}

/** Compares what came with the digest as written, or with the line of its name in a list that is fetched. */
function checksumScript(
  args: GetUrlArgs,
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

/** Mode and owners that the file shall have. */
export function wantedAttributesOf(args: GetUrlArgs, state: Partial<Fetched> | undefined): WantedAttributes {
  const mode = Number.parseInt(state?.mode ?? '', 8)
  const umask = state?.umask ?? 0o022
  return wantedAttributes(args, { mode: Number.isNaN(mode) ? 0o666 & ~umask : mode, isDirectory: false, umask })
}

/** The name that Ansible gives a download in a folder: the last part of the address, without a query. */
export function fileName(url: string): string {
  const path = url.replace(/^\w+:\/\/[^/]*/, '').replace(/[?#].*$/, '')
  return path.slice(path.lastIndexOf('/') + 1) || 'index.html'
}

/** The digest as written; undefined where it stands behind an address, or none is asked for. */
export function expected({
  checksum,
}: GetUrlArgs): { readonly algorithm: string; readonly digest: string } | undefined {
  const at = checksum.indexOf(':')
  const rest = checksum.slice(at + 1).trim()
  if (at < 0 || /^\w+:\/\//.test(rest)) return undefined
  return { algorithm: checksum.slice(0, at), digest: rest.replace(/\W/g, '').toLowerCase() }
}
