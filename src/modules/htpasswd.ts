import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { hashPassword, isPassword, type Scheme, schemes } from './parts/apache-password.ts'
import { attributeArgs, wantedAttributes } from './parts/attributes.ts'
import { linesOf, openText } from './parts/edited-file.ts'
import { absentFile, type FileState, lookAtFile, readFile, sha1Of } from './parts/file-look.ts'
import { octal } from './parts/mode.ts'
import { changeFile } from './parts/placed-file.ts'
import { fileModeBase, newFileMode, placementScript, temporaryFor } from './parts/placement.ts'

const table = {
  path: { type: 'path', required: true, aliases: ['dest', 'destfile'], doc: 'The file of users and passwords.' },
  name: { type: 'str', required: true, aliases: ['username'], doc: 'The user.' },
  password: { type: 'str', secret: true, doc: 'The password; needed for a user who is not there yet.' },
  crypt_scheme: {
    type: 'str',
    default: 'apr_md5_crypt',
    aliases: ['hash_scheme'],
    doc: 'How it is kept: apr_md5_crypt, md5_crypt, sha256_crypt, sha512_crypt, ldap_sha1, plaintext, or bcrypt, which needs `htpasswd` on the host.',
  },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the user is there.' },
  create: { type: 'bool', default: true, doc: 'Makes the file, and folders above it.' },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Users = FileState & { readonly entry: 'absent' | 'as wanted' | 'another' }

const nothing: Users = { ...absentFile, entry: 'absent' }

export const htpasswd = defineState({
  summary: 'Keeps users and their passwords in a file of Apache or nginx.',
  details:
    'A password that fits stays as it is, whatever its scheme. All but bcrypt is computed on the controller, so the host needs no tool for it.',
  args: table,
  check: ({ name, crypt_scheme }) => [
    ...(name !== undefined && /[:\r\n]/.test(name) ? ['`name` holds no colon and no line break'] : []),
    ...(crypt_scheme !== undefined && schemeOf(crypt_scheme) === undefined
      ? [`\`crypt_scheme\` must be one of ${[...schemes, 'bcrypt'].join(', ')}, not ${crypt_scheme}`]
      : []),
  ],
  examples: `
- htpasswd: path=/etc/nginx/passwd name=janet password="9s36?;fyNp" owner=root group=www-data mode=0640
- name: Let nobody of that name in
  community.general.htpasswd:
    path: /etc/apache2/passwd
    name: foobar
    state: absent
- htpasswd:
    path: /etc/mail/passwords
    name: alex
    password: oedu2eGh
    crypt_scheme: sha512_crypt
`,
  returnDocs: { msg: 'What was done.' },
  look: args =>
    lines(
      lookAtFile(args.path, { follow: true, content: true }),
      // htpasswd alone knows bcrypt; it says so behind the path, which is the last thing of the look
      sh`printf '\036'`,
      args.state === 'present' && args.password !== undefined && verified(args),
    ),
  read(output, args): Users {
    const [look = '', tool = ''] = output.stdout.split('\x1e')
    const file = readFile({ ...output, stdout: look }, { follow: true, content: true })
    const stored = entryOf(file, args.name)
    if (stored === undefined) return { ...file, entry: 'absent' }
    const fits = args.password === undefined || (isPassword(stored, args.password) ?? tool.trim() === 'fits')
    return { ...file, entry: fits ? 'as wanted' : 'another' }
  },
  want(args, from = nothing): Partial<Users> {
    if (args.state === 'absent') return from.kind === 'absent' ? {} : { entry: 'absent', ...attributes(args, from) }
    if (from.kind === 'absent' && !args.create) throw new ModuleFailure(`Destination ${args.path} does not exist`)
    if (from.entry === 'absent' && args.password === undefined)
      throw new ModuleFailure(`\`password\` is needed: ${args.name} is not in ${args.path}`)
    const isNew = from.kind === 'absent' ? { mode: octal(newFileMode(from.umask)) } : {}
    return { kind: 'file', entry: 'as wanted', ...isNew, ...attributes(args, from) }
  },
  change(args, { from = nothing, to = {} }) {
    const { entry, ...wanted } = to
    const placed = { ...args, dest: args.path, force: true, backup: false }
    if (entry === undefined || entry === from.entry) {
      const bytes = Buffer.from(from.content ?? '', 'base64')
      return changeFile(
        placed,
        from,
        { ...wanted, ...(from.sha1 === undefined ? {} : { sha1: from.sha1 }) },
        source(bytes),
      )
    }
    if (entry === 'as wanted' && schemeOf(args.crypt_scheme) === 'bcrypt') {
      const text = edited(args, from, 'another')
      const fill = sh`printf '%s' ${text} >"$t" && ${written(args)}`
      return { script: placementScript({ from, temporary: temporaryFor(from, args.name), wanted, fill }) }
    }
    const bytes = openText(from).bytes(edited(args, from, entry))
    return changeFile(placed, from, { ...wanted, sha1: sha1Of(bytes) }, source(bytes))
  },
  diff(args, { from = nothing, to = {} }) {
    const is = from.entry
    const line = (entry: string) =>
      entry === 'absent' ? '' : `${args.name}: ${entry === is ? 'a password' : 'another password'}\n`
    return { before_header: from.path, after_header: from.path, before: line(is), after: line(to.entry ?? is) }
  },
  returns({ name, path, state }, { from = nothing, changed }) {
    const done =
      state === 'absent'
        ? from.entry === 'absent' || from.kind === 'absent'
          ? `${name} not present`
          : `Remove ${name}`
        : from.kind === 'absent'
          ? `Created ${path} and added ${name}`
          : from.entry === 'as wanted'
            ? `${name} already present`
            : `Add/update ${name}`
    return { changed, msg: done }
  },
})

/** Ansible takes whatever name passlib knows; its presets for Apache mean these. */
function schemeOf(name: string): Scheme | 'bcrypt' | undefined {
  if (name === 'bcrypt' || name === 'portable_apache24' || name === 'host_apache24') return 'bcrypt'
  if (name === 'portable' || name === 'portable_apache22' || name === 'host_apache22') return 'apr_md5_crypt'
  return schemes.find(scheme => scheme === name)
}

function attributes(args: Args, from: FileState) {
  return wantedAttributes(args, fileModeBase(from))
}

function entryOf(file: FileState, name: string): string | undefined {
  const { text, own } = openText(file)
  const start = own(`${name}:`)
  const line = linesOf(text).find(each => each.startsWith(start))
  return line
    ?.slice(start.length)
    .replace(/[\r\n]+$/, '')
    .split(':')[0]
}

/** Where the user's line stood, the new one stands; empty lines go, as Ansible's do. */
function edited(args: Args, from: FileState, entry: Users['entry']): string {
  const { text, own } = openText(from)
  const start = own(`${args.name}:`)
  const scheme = schemeOf(args.crypt_scheme)
  const hash = scheme === undefined || scheme === 'bcrypt' ? '' : hashPassword(args.password ?? '', scheme)
  const line = entry === 'absent' ? [] : [start + own(hash)]
  const kept = linesOf(text)
    .map(each => each.replace(/\r?\n$/, ''))
    .filter(each => each.trim() !== '')
  const at = kept.findIndex(each => each.startsWith(start))
  const others = kept.filter(each => !each.startsWith(start))
  others.splice(at === -1 ? others.length : at, 0, ...line)
  return others.map(each => `${each}\n`).join('')
}

function source(bytes: Buffer) {
  return { sha1: sha1Of(bytes), sizeBytes: bytes.length, upload: bytes, bytes: () => bytes, name: 'passwords' }
}

/** Says `fits` when the file has a password of bcrypt and htpasswd of the host finds that it is this one. */
function verified({ name, password = '' }: Args): Script {
  return sh`if command -v htpasswd >/dev/null 2>&1 && [ -f "$p" ] && grep -qs '^[^:]*:\$2' "$p"; then
  printf '%s' ${password} | htpasswd -vi "$p" ${name} >/dev/null 2>&1 && echo fits
fi
:`
}

/** Has htpasswd of the host write the password into the temporary file. */
function written({ name, password = '' }: Args): Script {
  return sh`{ command -v htpasswd >/dev/null 2>&1 || { echo 'bcrypt needs htpasswd on the host (package apache2-utils)' >&2; exit 1; }; } &&
  printf '%s' ${password} | htpasswd -iB "$t" ${name} 2>/dev/null`
}
