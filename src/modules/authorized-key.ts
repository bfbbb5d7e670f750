import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { entry } from './parts/accounts.ts'
import { download } from './parts/download.ts'

const table = {
  user: { type: 'str', required: true, doc: 'The user whose keys they are.' },
  key: { type: 'str', required: true, doc: 'The keys, one a line, or an address that the host fetches them from.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the keys are there.' },
  exclusive: { type: 'bool', default: false, doc: 'Removes all other keys.' },
  key_options: { type: 'str', doc: 'Options in front of each key (`no-pty,from="10.0.0.*"`).' },
  comment: { type: 'str', doc: 'The comment behind each key, in place of its own.' },
  path: { type: 'path', doc: 'The file; `~/.ssh/authorized_keys` of the user when not given.' },
  manage_dir: { type: 'bool', default: true, doc: 'Makes the folder of the file, and sets its owner and mode.' },
  follow: { type: 'bool', default: false, doc: 'Writes through a symbolic link.' },
  validate_certs: {
    type: 'bool',
    default: true,
    doc: 'Checks the certificate of an address given as key.',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Keys = {
  readonly path?: string
  /** The file line by line. */
  readonly lines?: readonly string[]
  readonly folder?: boolean
  /** What the address given as key holds. */
  readonly fetched?: string
}

export const authorizedKey = defineState({
  summary: 'Lets holders of SSH keys log in as a user, or no longer.',
  args: table,
  examples: `
- name: Let the deployer in
  become: true
  authorized_key:
    user: appuser
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDgXyQfOfaSSZxEn3xmA1QF9XkC32O4SCPb1ZlBnR72X deployer
`,
  returnDocs: { user: 'The user.', keyfile: 'The file.', key: 'The keys as given.' },
  check: ({ key }) =>
    key === undefined || isAddress(key)
      ? []
      : wanted(key).flatMap(({ text, parsed }) => (parsed === undefined ? [`invalid key specified: ${text}`] : [])),
  look: ({ user, path, key, validate_certs }) =>
    lines(
      isAddress(key) &&
        lines(
          sh`fetched=$(mktemp) || exit`,
          download({ url: key, timeout: 10, validateCerts: validate_certs }, sh`"$fetched"`),
          section('fetched'),
          sh`cat -- "$fetched"; rm -f -- "$fetched"`,
        ),
      path === undefined
        ? sh`
line=$(${entry('passwd', user)})
[ -n "$line" ] || { printf 'Failed to lookup user %s\n' ${user} >&2; exit 1; }
line=\${line%:*}; file=\${line##*:}/.ssh/authorized_keys`
        : sh`file=${path}`,
      section('path'),
      sh`printf '%s\n' "$file"`,
      sh`[ -d "\${file%/*}" ]; folder=$?`,
      section('folder'),
      sh`echo "$folder"`,
      section('keys'),
      sh`if [ -e "$file" ]; then cat -- "$file" || exit; fi`,
    ),
  read({ status, stdout, stderr }, { key }, { checkMode }): Keys | undefined {
    if (status !== 0) {
      if (checkMode && stderr.includes('Failed to lookup user')) return undefined
      throw new ModuleFailure(stderr.trim() || 'the keys of the user cannot be read')
    }
    const parts = sections(stdout)
    const text = parts.get('keys') ?? ''
    const fetched = isAddress(key) ? (parts.get('fetched') ?? '') : undefined
    const wrong = fetched === undefined ? undefined : wanted(fetched).find(({ parsed }) => parsed === undefined)
    if (wrong !== undefined) throw new ModuleFailure(`invalid key specified: ${wrong.text}`)
    return {
      path: (parts.get('path') ?? '').replace(/\n$/, ''),
      folder: parts.get('folder')?.trim() === '0',
      lines: text === '' ? [] : text.replace(/\n$/, '').split('\n'),
      ...(fetched === undefined ? {} : { fetched }),
    }
  },
  want: (args, state) => ({ lines: merge({ ...args, key: state?.fetched ?? args.key }, state?.lines ?? []) }),
  change(args, { from, to }) {
    const path = from?.path ?? args.path ?? ''
    const folder = path.slice(0, path.lastIndexOf('/')) || '/'
    return {
      script: lines(
        args.manage_dir &&
          sh`
[ -d ${folder} ] || mkdir -p -- ${folder} || exit
if id ${args.user} >/dev/null 2>&1; then chown ${`${args.user}:`} -- ${folder}; fi
chmod 700 -- ${folder} || exit`,
        sh`
umask 077
file=${path}
${args.follow ? sh`[ ! -L "$file" ] || file=$(readlink -f -- "$file")` : sh`:`}
new=\${file%/*}/.\${file##*/}.mlops
${to?.lines?.length ? sh`printf '%s\n' ${to.lines}` : sh`:`} >"$new" || exit
if [ -e "$file" ]; then
  chmod "$(stat -L -c %a -- "$file")" -- "$new" && chown "$(stat -L -c %u:%g -- "$file")" -- "$new"
elif id ${args.user} >/dev/null 2>&1; then chown ${`${args.user}:`} -- "$new"
fi && mv -f -- "$new" "$file" || { rm -f -- "$new"; exit 1; }`,
      ),
    }
  },
  diff: (_args, { from, to }) => ({
    before_header: from?.path ?? 'authorized_keys',
    after_header: from?.path ?? 'authorized_keys',
    before: from?.lines?.map(line => `${line}\n`).join('') ?? '',
    after: to?.lines?.map(line => `${line}\n`).join('') ?? '',
  }),
  returns: ({ validate_certs, path, comment, key_options, ...args }, { to }) => ({
    ...args,
    validate_certs,
    path: path ?? null,
    comment: comment ?? null,
    key_options: key_options ?? null,
    keyfile: to?.path ?? path ?? null,
  }),
})

interface Key {
  readonly options: string
  readonly type: string
  readonly body: string
  readonly comment: string
}

const types =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com|ssh-[\w-]+-cert-v01@openssh\.com|ecdsa-sha2-nistp\d+-cert-v01@openssh\.com)$/

/** A line of authorized_keys (sshd(8)): options, type, body, comment. Blanks in quotes belong to an option. */
function parse(line: string): Key | undefined {
  const words = line.trim().match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []
  const at = words.findIndex(word => types.test(word))
  const body = words[at + 1]
  if (at < 0 || at > 1 || body === undefined || !/^[A-Za-z0-9+/]+=*$/.test(body)) return undefined
  const rest = line.slice(line.indexOf(body) + body.length)
  return { options: at === 1 ? (words[0] ?? '') : '', type: words[at] ?? '', body, comment: rest.trim() }
}

function isAddress(key: string): boolean {
  return /^(https?|ftp):/.test(key)
}

function wanted(keys: string): { text: string; parsed: Key | undefined }[] {
  return keys
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(text => ({ text, parsed: parse(text) }))
}

function merge(args: Args, before: readonly string[]): readonly string[] {
  const keys = wanted(args.key).flatMap(({ parsed }) => (parsed === undefined ? [] : [parsed]))
  const bodies = new Set(keys.map(k => k.body))
  if (args.state === 'absent') return before.filter(line => !bodies.has(parse(line)?.body ?? ''))
  const placed = new Set<string>()
  const after: string[] = []
  for (const line of before) {
    const is = parse(line)
    const want = keys.find(k => k.body === is?.body)
    if (is === undefined || want === undefined) {
      if (is === undefined || !args.exclusive) after.push(line)
    } else if (!placed.has(is.body)) {
      placed.add(is.body)
      after.push(asWanted(want, is, args) ? line : text(want, args))
    }
  }
  for (const key of keys) {
    if (placed.has(key.body)) continue
    placed.add(key.body)
    after.push(text(key, args))
  }
  return after
}

/** A key that is there keeps options and comment that were not asked for otherwise, as in Ansible. */
function asWanted(want: Key, is: Key, args: Args): boolean {
  const options = args.key_options ?? want.options
  return is.type === want.type && is.options === options && is.comment === (args.comment ?? want.comment)
}

function text(key: Key, args: Args): string {
  return [args.key_options ?? key.options, key.type, key.body, args.comment ?? key.comment]
    .filter(part => part !== '')
    .join(' ')
}
