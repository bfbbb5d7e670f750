import { createHash } from 'node:crypto'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { download } from './parts/download.ts'

const table = {
  url: { type: 'str', doc: 'Where the key is fetched from.' },
  data: { type: 'str', doc: 'The key itself.' },
  file: { type: 'path', doc: 'A file on the host that holds the key.' },
  id: { type: 'str', doc: 'Its number; a key that is trusted already is found by it, where gpg is on the host.' },
  keyring: { type: 'path', doc: 'The file that shall hold the key; one in `/etc/apt/trusted.gpg.d` when not given.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the key is trusted.' },
  validate_certs: { type: 'bool', default: true, doc: 'Whether the certificate of the server must be valid.' },
  keyserver: { type: 'str', doc: 'A key server.', unsupported: 'key servers are not asked; give the `url` of the key' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const aptKey = defineState({
  summary: 'Makes apt trust a key, or no longer.',
  details:
    'Writes the key to a file of its own, as apt wants it since 2016; `apt-key`, which Debian 13 has no more, is not needed, and neither is gpg.',
  args: table,
  examples: `
- name: Trust the key of Docker's packages
  become: true
  apt_key:
    url: https://download.docker.com/linux/debian/gpg
    state: present
`,
  returnDocs: { key_file: 'The file that holds the key.', id: 'The number of the key, as asked for.' },
  check(args) {
    const sources = [args.url, args.data, args.file].filter(s => s !== undefined).length
    if (sources > 1) return ['only one of `url`, `data` and `file` can be given']
    if (sources + (args.id === undefined ? 0 : 1) + (args.keyring === undefined ? 0 : 1) === 0) {
      return ['one of `url`, `data`, `file`, `id` is needed']
    }
    return []
  },
  look: args => sh`
for file in ${candidates(args)}; do
  if [ -s "$file" ]; then printf 'file %s\n' "$file"; exit 0; fi
done
if command -v gpg >/dev/null; then
  for file in ${args.id === undefined ? [] : sh`/etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/*.gpg /etc/apt/trusted.gpg.d/*.asc`}; do
    [ -e "$file" ] || continue
    gpg --batch --show-keys --with-colons "$file" 2>/dev/null | grep -q -i -E ${`^(pub|sub|fpr):.*${idPattern(args)}:`} && printf 'file %s\n' "$file"
  done
fi
:`,
  read({ stdout }) {
    const files = stdout
      .split('\n')
      .filter(line => line.startsWith('file '))
      .map(line => line.slice('file '.length))
    return files.length === 0 ? undefined : { files: files as readonly string[] | undefined }
  },
  want({ state, url, data, file, id }, seen) {
    if (state === 'absent') return undefined
    if (seen === undefined && url === undefined && data === undefined && file === undefined) {
      throw new ModuleFailure(
        `the key ${id} is not trusted yet, and neither \`url\`, \`data\` nor \`file\` says where it is`,
      )
    }
    return {}
  },
  change(args, { from, to }) {
    if (to === undefined) return { script: sh`rm -f -- ${from?.files ?? []}` }
    return { script: install(args) }
  },
  returns: (args, { to }) => ({
    ...(args.id === undefined ? {} : { id: args.id, key_id: args.id }),
    ...(to?.files?.[0] === undefined ? {} : { key_file: to.files[0] }),
  }),
})

function idPattern({ id }: Args): string {
  const hex = (id ?? '').replace(/^0x/i, '')
  return /^[0-9a-f]+$/i.test(hex) ? `[0-9A-F]*${hex}` : 'no such key'
}

/** Where a key of ours may lie. apt takes armoured keys as `.asc` and binary ones as `.gpg`. */
function candidates(args: Args): readonly string[] {
  if (args.keyring !== undefined) return [args.keyring]
  const base = baseName(args)
  return base === undefined ? [] : [`${base}.asc`, `${base}.gpg`]
}

function baseName({ url, data, file, id }: Args): string | undefined {
  if (url === undefined && data === undefined && file === undefined && id === undefined) return undefined
  const name =
    url !== undefined
      ? url.replace(/^\w+:\/\//, '')
      : (file ??
        id ??
        createHash('sha1')
          .update((data ?? '').trim())
          .digest('hex'))
  return `/etc/apt/trusted.gpg.d/${name.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[-.]+|-+$/g, '')}`
}

function install(args: Args): Script {
  const target = args.keyring
  return lines(
    sh`
folder=$(mktemp -d) || exit
trap 'rm -rf -- "$folder"' EXIT
key=$folder/key`,
    fetchKey(args),
    sh`
if grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' "$key"; then kind=asc; else kind=gpg; fi
# A binary key starts with the packet of a public key: first byte 0x98, 0x99 or 0xc6 (RFC 4880, section 4.2).
if [ $kind = gpg ]; then
  case $(od -A n -t x1 -N 1 "$key") in *98*|*99*|*c6*) ;; *) echo 'what was given is no public key of PGP' >&2; exit 1 ;; esac
fi
mkdir -p -- ${target === undefined ? '/etc/apt/trusted.gpg.d' : sh`"$(dirname -- ${target})"`} || exit`,
    target === undefined
      ? sh`target=${baseName(args) ?? ''}.$kind`
      : sh`
target=${target}
case $target in *.asc) ;; *)
  if [ $kind = asc ]; then
    # The body of an armoured key is base64, between the empty line and the checksum (RFC 4880, section 6.2).
    sed -e '1,/^[[:space:]]*$/d' -e '/^=/,$d' -e '/^-----END/,$d' "$key" | base64 -d >"$key.bin" && mv "$key.bin" "$key" || exit
  fi ;;
esac`,
    sh`
chmod 644 "$key" && cp -- "$key" "$target.mlops" && mv -f -- "$target.mlops" "$target"`,
  )
}

function fetchKey({ url, data, file, validate_certs: validateCerts }: Args): Script {
  if (url !== undefined) return download({ url, timeout: 30, validateCerts }, sh`"$key"`)
  if (file !== undefined) return sh`cp -- ${file} "$key" || exit`
  return sh`printf '%s\n' ${(data ?? '').trim()} >"$key" || exit`
}
