import type { ArgTable } from '../schema/arguments.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { download } from './parts/download.ts'

const table = {
  key: { type: 'str', required: true, doc: 'The key: an address, a file of the host, or a key’s number to remove.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether rpm trusts it.' },
  fingerprint: { type: 'list', elements: 'str', doc: 'The fingerprint that the key must have.' },
  validate_certs: { type: 'bool', default: true, doc: 'Whether the certificate of a server must be valid.' },
} as const satisfies ArgTable

export const rpmKey = defineState({
  summary: 'Lets rpm trust a key, or not.',
  details: 'Fails with a clear text on hosts without rpm. Tried with stand-ins for rpm only.',
  args: table,
  examples: `
- rpm_key: key=https://example.org/RPM-GPG-KEY-example state=present
  when: ansible_os_family == 'RedHat'
- rpm_key: { key: DEADB33F, state: absent }
  when: ansible_os_family == 'RedHat'
`,
  look: args =>
    lines(
      sh`LC_ALL=C; export LC_ALL
command -v rpm >/dev/null 2>&1 || { echo 'rpm is not on this host' >&2; exit 3; }`,
      keyId(args),
      sh`
printf '%s\n' "$id" | tr A-F a-f
rpm -q gpg-pubkey --qf '%{VERSION}\n' 2>/dev/null | grep -x -F -i -e "$(printf %s "$id" | tail -c 8 | tr A-F a-f)"
:`,
    ),
  read({ status, stdout, stderr }): { readonly id?: string } | undefined {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `exit status ${status}`, { rc: status })
    const [id = '', found = ''] = stdout.trim().split('\n')
    return found === '' ? undefined : { id }
  },
  want: ({ state }) => (state === 'present' ? {} : undefined),
  change: args =>
    args.state === 'present'
      ? { script: lines(keyId(args), sh`rpm --import "$k"`) }
      : {
          script: lines(
            keyId(args),
            sh`rpm --erase --allmatches "gpg-pubkey-$(printf %s "$id" | tail -c 8 | tr A-F a-f)"`,
          ),
        },
  returns: (_args, { changed }) => ({ changed }),
})

/** Puts the number of the key into `id` and, where it came from a file, the file's path into `k`. */
function keyId({
  key,
  validate_certs,
  fingerprint,
}: {
  readonly key: string
  readonly validate_certs: boolean
  readonly fingerprint?: readonly string[] | undefined
}): Script {
  if (/^(0x)?[0-9a-fA-F]{8,40}$/.test(key)) return sh`id=${key.replace(/^0x/, '')}; k=`
  const isAddress = /^\w+:\/\//.test(key)
  const wanted = (fingerprint ?? []).map(print => print.replaceAll(' ', '').toUpperCase())
  return lines(
    isAddress
      ? lines(
          sh`k=$(mktemp) || exit; trap 'rm -f -- "$k"' EXIT`,
          download({ url: key, timeout: 10, validateCerts: validate_certs }, sh`"$k"`),
        )
      : sh`k=${key}; [ -r "$k" ] || { printf 'not a valid key: %s\n' "$k" >&2; exit 1; }`,
    sh`
command -v gpg >/dev/null 2>&1 || { echo 'gpg is not on this host' >&2; exit 3; }
home=$(mktemp -d) || exit
shown=$(gpg --homedir "$home" --no-tty --batch --with-colons --show-keys --with-fingerprint -- "$k" 2>/dev/null || gpg --homedir "$home" --no-tty --batch --with-colons --fixed-list-mode --with-fingerprint -- "$k" 2>/dev/null)
rm -rf -- "$home"
id=$(printf '%s\n' "$shown" | awk -F: '$1 == "pub" { print $5; exit }')
[ -n "$id" ] || { echo 'Not a valid key' >&2; exit 1; }`,
    wanted.length > 0 &&
      sh`
print=$(printf '%s\n' "$shown" | awk -F: '$1 == "fpr" { print $10; exit }')
printf '%s\n' ${wanted} | grep -q -x -F -e "$print" || { printf "The fingerprint '%s' is not the one that is wanted\n" "$print" >&2; exit 1; }`,
  )
}
