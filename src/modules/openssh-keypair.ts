import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { attributeArgs, ownership, parseStat, setAttributes, statFormat, wantedAttributes } from './parts/attributes.ts'
import { pathInto } from './parts/file-look.ts'

const table = {
  path: { type: 'path', required: true, doc: 'The file of the private key; the public one has `.pub` behind it.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the pair is there.' },
  type: { type: 'str', choices: ['rsa', 'dsa', 'rsa1', 'ecdsa', 'ed25519'], default: 'rsa', doc: 'The kind of key.' },
  size: { type: 'int', doc: 'Its length in bits.' },
  comment: { type: 'str', doc: 'The comment of the public key.' },
  force: { type: 'bool', default: false, doc: 'Makes a new pair each time.' },
  regenerate: {
    type: 'str',
    choices: ['never', 'fail', 'partial_idempotence', 'full_idempotence', 'always'],
    default: 'partial_idempotence',
    doc: 'What becomes of a pair that is not as asked for: it stays, is a failure, or is made anew.',
  },
  passphrase: {
    type: 'str',
    secret: true,
    doc: 'Its passphrase.',
    unsupported: 'it would stand on a command line of ssh-keygen',
  },
  private_key_format: {
    type: 'str',
    choices: ['auto', 'pkcs1', 'pkcs8', 'ssh'],
    default: 'auto',
    doc: 'The format of the file.',
    ignored: 'ssh-keygen chooses it',
  },
  backend: {
    type: 'str',
    choices: ['auto', 'cryptography', 'opensshbin'],
    default: 'auto',
    doc: 'Who makes it.',
    ignored: 'ssh-keygen of the host does',
  },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Pair = {
  readonly key?: string
  readonly publicKey?: string
  /** Kind and data of the public half. */
  readonly publicText?: string
  readonly size?: number
  readonly type?: string
  readonly comment?: string
  readonly fingerprint?: string
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  readonly uid?: number
  readonly gid?: number
}

const sizes: Readonly<Record<string, number>> = { rsa: 4096, ecdsa: 256, ed25519: 256, dsa: 1024 }

export const opensshKeypair = defineState({
  summary: 'Makes a pair of keys for SSH.',
  args: table,
  check: ({ comment, type }) => [
    ...(comment?.includes('\n') ? ['`comment` holds no line break'] : []),
    ...(type === 'rsa1' ? ['keys of the kind rsa1 are not made any more'] : []),
  ],
  examples: `
- openssh_keypair: path=/home/deploy/.ssh/id_ed25519 type=ed25519 owner=deploy
- community.crypto.openssh_keypair:
    path: /etc/app/key
    size: 3072
    comment: app
`,
  returnDocs: {
    filename: 'The file of the private key.',
    public_key: 'The public key, without its comment.',
    fingerprint: 'Its fingerprint.',
    comment: 'Its comment.',
    size: 'Its length in bits.',
    type: 'Its kind.',
  },
  look: ({ path }) =>
    lines(
      sh`command -v ssh-keygen >/dev/null 2>&1 || { echo 'ssh-keygen is not on this host' >&2; exit 3; }`,
      pathInto('p', path),
      section('stat'),
      sh`[ ! -e "$p" ] || stat -c ${statFormat} -- "$p" || exit`,
      section('public'),
      sh`[ ! -e "$p" ] || ssh-keygen -P '' -y -f "$p" 2>/dev/null`,
      section('file'),
      sh`cat -- "$p.pub" 2>/dev/null`,
      section('print'),
      sh`[ ! -e "$p" ] || ssh-keygen -P '' -y -f "$p" 2>/dev/null | ssh-keygen -l -f - 2>/dev/null
:`,
    ),
  read({ status, stdout, stderr }): Pair | undefined {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `exit status ${status}`, { rc: status })
    const parts = sections(stdout)
    const stat = parseStat((parts.get('stat') ?? '').trim())
    const file = (parts.get('file') ?? '').trim()
    if (stat === undefined) return undefined
    if (stat.kind === 'directory') throw new ModuleFailure('there is a folder where the key shall be')
    const own = (parts.get('public') ?? '').trim().split(' ').slice(0, 2).join(' ')
    const [size, fingerprint = ''] = (parts.get('print') ?? '').trim().split(' ')
    const [type = '', data = '', ...comment] = file.split(' ')
    return {
      key: own === '' ? 'unreadable' : 'readable',
      publicKey: own !== '' && `${type} ${data}` === own ? 'same' : own === '' ? 'unknown' : 'another',
      type: /^ssh-dss/.test(own)
        ? 'dsa'
        : (/^(?:ssh-|ecdsa)?(rsa|ed25519)?/.exec(own)?.[1] ?? (own.startsWith('ecdsa') ? 'ecdsa' : '')),
      size: Number(size) || 0,
      comment: comment.join(' '),
      publicText: own,
      fingerprint,
      mode: stat.mode,
      owner: stat.owner,
      group: stat.group,
      uid: stat.uid,
      gid: stat.gid,
    }
  },
  want(args, from): Pair | undefined {
    if (args.state === 'absent') return undefined
    const mode = Number.parseInt(from?.mode ?? '0600', 8)
    const attributes = { mode: '0600', ...wantedAttributes(args, { mode, isDirectory: false, umask: 0o022 }) }
    const ownMode = args.mode === undefined ? ownership(args) : attributes
    const pair = {
      key: 'readable',
      publicKey: 'same',
      ...ownMode,
      ...(args.comment === undefined ? {} : { comment: args.comment }),
    }
    if (from === undefined) return pair
    if (from.key === 'unreadable' && args.regenerate !== 'full_idempotence' && !isNew(args, from)) {
      throw new ModuleFailure(
        'Unable to read the key. The key is protected with a passphrase or broken. Will not proceed. To force regeneration, call the module with `regenerate` set to `full_idempotence` or `always`, or with `force=true`.',
      )
    }
    const fits = from.type === args.type && (args.size === undefined || from.size === args.size)
    if (!fits && args.regenerate === 'fail')
      throw new ModuleFailure('Key has wrong type and/or size. Will not proceed.')
    if (isNew(args, from)) return { ...pair, fingerprint: 'a new one' }
    return pair
  },
  same: {
    // Any other key is a new one; the second look shows one that was not there before.
    fingerprint: (is, want) => want === 'a new one' && is === undefined,
  },
  verify: false,
  change(args, { from, to }) {
    const path = pathInto('p', args.path)
    if (to === undefined) return { script: lines(path, sh`rm -f -- "$p" "$p.pub"`) }
    const size = args.size ?? sizes[args.type]
    const attributes = setAttributes(sh`"$p"`, to)
    const isNewPair = from === undefined || to.fingerprint !== undefined
    return {
      script: lines(
        path,
        isNewPair &&
          sh`
t=$(mktemp -d -- "\${p%/*}"/.mlops-XXXXXXXX) || exit
trap 'rm -rf -- "$t"' EXIT
ssh-keygen -q -t ${args.type} ${args.type === 'ed25519' || size === undefined ? [] : ['-b', String(size)]} -C ${args.comment ?? ''} -N '' -f "$t/key" </dev/null && mv -f -- "$t/key" "$p" && mv -f -- "$t/key.pub" "$p.pub" || exit`,
        !isNewPair &&
          (from.publicKey !== 'same' || (to.comment !== undefined && to.comment !== from.comment)) &&
          sh`public=$(ssh-keygen -P '' -y -f "$p" | cut -d ' ' -f 1,2) && printf '%s%s\n' "$public" ${(to.comment ?? from.comment) ? ` ${to.comment ?? from.comment}` : ''} >"$p.pub" || exit`,
        attributes && sh`${attributes} || exit`,
        owned(args),
        section('public'),
        sh`cat -- "$p.pub"`,
        section('print'),
        sh`ssh-keygen -l -f "$p.pub"`,
      ),
    }
  },
  diff: (_args, { from, to }) => ({
    before: from === undefined ? 'absent\n' : `${from.type} ${from.size} ${from.fingerprint}\n`,
    after: to === undefined ? 'absent\n' : `${to.fingerprint ?? from?.fingerprint ?? 'a new key'}\n`,
  }),
  returns(args, { from, changed, output }) {
    if (args.state === 'absent') return { changed, filename: args.path }
    const parts = sections(output?.stdout ?? '')
    const [type = '', data = '', ...comment] = (parts.get('public') ?? '').trim().split(' ')
    const [size, fingerprint] = (parts.get('print') ?? '').trim().split(' ')
    return {
      changed,
      filename: args.path,
      type: args.type,
      size: Number(size ?? 0) || from?.size || args.size || sizes[args.type],
      fingerprint: fingerprint ?? from?.fingerprint ?? '',
      comment: data === '' ? (from?.comment ?? '') : comment.join(' '),
      ...publicKey(data === '' ? from?.publicText : `${type} ${data}`),
    }
  },
})

function isNew({ force, regenerate, type, size }: Args, from: Pair): boolean {
  if (force || regenerate === 'always') return true
  if (regenerate === 'never' || regenerate === 'fail') return false
  const fits = from.type === type && (size === undefined || from.size === size)
  return from.key === 'readable' ? !fits : regenerate === 'full_idempotence'
}

/** In check mode there is none of a pair that is not made yet. */
function publicKey(text: string | undefined) {
  return text ? { public_key: text } : {}
}

function owned(args: Args) {
  const attributes = setAttributes(sh`"$p.pub"`, ownership(args))
  return attributes === undefined ? undefined : sh`${attributes} || exit`
}
