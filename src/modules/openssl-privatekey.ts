import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { digests } from './parts/key-file.ts'
import {
  changeMade,
  diffMade,
  lookAtMade,
  type Made,
  madeArgs,
  madeResult,
  nothingMade,
  readMade,
  toldOf,
  wantMade,
} from './parts/made-file.ts'

const table = {
  ...madeArgs,
  type: {
    type: 'str',
    choices: ['DSA', 'ECC', 'Ed25519', 'Ed448', 'RSA', 'X25519', 'X448'],
    default: 'RSA',
    doc: 'The kind of key.',
  },
  size: { type: 'int', default: 4096, doc: 'Its length in bits, for RSA and DSA.' },
  curve: { type: 'str', doc: 'Its curve, for ECC, such as secp384r1.' },
  passphrase: { type: 'str', secret: true, doc: 'Its passphrase.' },
  cipher: { type: 'str', doc: 'The cipher that it is kept with; `auto` is AES-256.' },
  format: {
    type: 'str',
    choices: ['pkcs1', 'pkcs8', 'raw', 'auto', 'auto_ignore'],
    default: 'auto_ignore',
    doc: 'The format of the file. `auto` is PKCS 1 where there is such a format; `auto_ignore` leaves a file of another format as it is.',
  },
  format_mismatch: {
    type: 'str',
    choices: ['regenerate', 'convert'],
    default: 'regenerate',
    doc: 'What becomes of a key in another format.',
  },
  regenerate: {
    type: 'str',
    choices: ['never', 'fail', 'partial_idempotence', 'full_idempotence', 'always'],
    default: 'full_idempotence',
    doc: 'What becomes of a key that is not as asked for: it stays, is a failure, or is made anew.',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const opensslPrivatekey = defineState({
  summary: 'Makes a private key for TLS with openssl.',
  details:
    'The key is made on the host, and leaves it only with `return_content`. A passphrase never stands on a command line.',
  args: table,
  check: ({ type, curve, passphrase, cipher, format }) => [
    ...(type === 'ECC' && curve === undefined ? ['`curve` is needed with `type: ECC`'] : []),
    ...((passphrase === undefined) !== (cipher === undefined) ? ['`passphrase` and `cipher` belong together'] : []),
    ...(cipher !== undefined && cipher !== 'auto' ? ['`cipher` must be auto'] : []),
    ...(format === 'raw' ? ['`format: raw` is not supported'] : []),
  ],
  examples: `
- openssl_privatekey: path=/etc/ssl/private/ansible.com.pem
- community.crypto.openssl_privatekey:
    path: /etc/ssl/private/ansible.com.pem
    type: ECC
    curve: secp384r1
    owner: root
    group: ssl-cert
    mode: "0640"
- openssl_privatekey: { path: /etc/ssl/private/old.pem, state: absent }
`,
  returnDocs: {
    filename: 'The file.',
    type: 'The kind of key.',
    size: 'Its length in bits.',
    curve: 'Its curve, for ECC.',
    fingerprint: 'Digests of the public key, by algorithm.',
    privatekey: 'The key, with `return_content`.',
    backup_file: 'The backup.',
  },
  look: args => lookAtMade(args, probe(args)),
  read(output, args, inputs): Made {
    const { file, told } = readMade(output, args, inputs)
    if (told === undefined || file.kind === 'absent') return { ...file, fits: 'it is not there' }
    const anew = args.force || args.regenerate === 'always'
    return { ...file, fits: anew ? 'it is made anew each time' : misfit(args, told), told }
  },
  want(args, from = nothingMade, { checkMode }) {
    return wantMade(args, from, { isNew: args.state === 'present' && isNew(args, from), mode: '0600', checkMode })
  },
  verify: false,
  change: (args, step) =>
    changeMade(args, step, {
      fill: lines(sh`{`, passphrase(args), making(args, step.from), sh`}`),
      probe: probe(args),
    }),
  diff: (_args, step) => diffMade(step),
  returns(args, step) {
    if (args.state === 'absent') return madeResult(args, step, 'privatekey')
    const told = sections(toldOf(step))
    const key = readKey(told.get('public') ?? '')
    return {
      ...madeResult(args, step, 'privatekey'),
      type: args.type,
      size: key?.bits ?? args.size,
      ...(args.type === 'ECC' ? { curve: args.curve } : {}),
      fingerprint: digests(told.get('der') ?? ''),
    }
  },
})

/** Tells of the key at `$p` what is not secret. */
function probe(args: Args): Script {
  return lines(
    passphrase(args),
    section('public'),
    sh`[ ! -f "$p" ] || openssl pkey -in "$p" -passin env:MLOPS_IN -noout -text_pub 2>/dev/null`,
    section('head'),
    sh`[ ! -f "$p" ] || grep -s -e '^-----BEGIN' -e '^Proc-Type' "$p"`,
    section('der'),
    sh`[ ! -f "$p" ] || openssl pkey -in "$p" -passin env:MLOPS_IN -pubout -outform DER 2>/dev/null | openssl base64 -A
:`,
  )
}

interface Key {
  readonly type: Args['type']
  readonly bits: number
  readonly curve: string | undefined
}

function readKey(text: string): Key | undefined {
  const bits = Number(/\((\d+) bit/.exec(text)?.[1] ?? 0)
  const curve = /ASN1 OID: (\S+)/.exec(text)?.[1]
  const named = /^(ED25519|ED448|X25519|X448)/.exec(text)?.[1]
  if (named !== undefined) return { type: types[named] ?? 'Ed25519', bits, curve }
  if (curve !== undefined) return { type: 'ECC', bits, curve }
  if (/^Modulus/m.test(text)) return { type: 'RSA', bits, curve }
  return bits > 0 ? { type: 'DSA', bits, curve } : undefined
}

const types: Readonly<Record<string, Args['type']>> = {
  ED25519: 'Ed25519',
  ED448: 'Ed448',
  X25519: 'X25519',
  X448: 'X448',
}
/** Names of curves that openssl has its own for. */
const curves: Readonly<Record<string, string>> = { secp256r1: 'prime256v1', secp192r1: 'prime192v1' }

/** `yes`, `unreadable`, `another` (kind or size) or `format`. */
function misfit(args: Args, told: string): string {
  const parts = sections(told)
  const key = readKey(parts.get('public') ?? '')
  const head = parts.get('head') ?? ''
  const isEncrypted = /ENCRYPTED/.test(head)
  if (key === undefined || isEncrypted !== (args.passphrase !== undefined)) return 'unreadable'
  const { type, size, curve = '' } = args
  if (key.type !== type) return 'another'
  if ((type === 'RSA' || type === 'DSA') && key.bits !== size) return 'another'
  if (type === 'ECC' && key.curve !== (curves[curve] ?? curve)) return 'another'
  if (args.format === 'auto_ignore') return 'yes'
  const isTraditional = /BEGIN (RSA|DSA|EC) PRIVATE KEY/.test(head)
  return isTraditional === traditional(args) ? 'yes' : 'format'
}

function isNew(args: Args, { kind, fits }: Made): boolean {
  const { force, regenerate } = args
  if (kind === 'absent' || force || regenerate === 'always') return true
  if (regenerate === 'never' || fits === 'yes') return false
  if (fits === 'unreadable') {
    if (regenerate === 'full_idempotence') return true
    throw new ModuleFailure(
      'Unable to read the key. The key is protected with a another passphrase / no passphrase or broken. Will not proceed. To force regeneration, call the module with `generate` set to `full_idempotence` or `always`, or with `force=true`.',
    )
  }
  if (fits === 'another' && regenerate === 'fail') {
    throw new ModuleFailure(
      'Key has wrong type and/or size. Will not proceed. To force regeneration, call the module with `generate` set to `partial_idempotence`, `full_idempotence` or `always`, or with `force=true`.',
    )
  }
  if (fits === 'format' && regenerate === 'fail' && args.format_mismatch === 'regenerate')
    throw new ModuleFailure('Key has wrong format. Will not proceed.')
  return true
}

function traditional({ format, type }: Args): boolean {
  return format !== 'pkcs8' && (type === 'RSA' || type === 'DSA' || type === 'ECC')
}

/** Openssl is to read an empty passphrase, not to ask for one. */
function passphrase({ passphrase: given = '' }: Args): Script {
  return sh`export MLOPS_IN=${given}`
}

/** Writes a new key, or the old one in another format, to `$t`. */
function making(args: Args, from: Made | undefined): Script {
  const cipher = args.passphrase === undefined ? [] : ['-aes-256-cbc', '-passout', 'env:MLOPS_IN']
  const ending = sh`openssl pkey -in "$d/new" ${traditional(args) ? ['-traditional'] : []} ${cipher} -out "$t"`
  const converts = from?.fits === 'format' && args.format_mismatch === 'convert' && !args.force
  if (converts) return sh`openssl pkey -in "$p" -passin env:MLOPS_IN -out "$d/new" && ${ending}`
  return sh`${generation(args)} && ${ending}`
}

function generation({ type, size, curve = '' }: Args): Script {
  switch (type) {
    case 'RSA':
      return sh`openssl genpkey -quiet -algorithm RSA -pkeyopt ${`rsa_keygen_bits:${size}`} -out "$d/new" 2>/dev/null ||
openssl genpkey -algorithm RSA -pkeyopt ${`rsa_keygen_bits:${size}`} -out "$d/new"`
    case 'DSA':
      return sh`openssl dsaparam -genkey -noout -out "$d/new" ${size}`
    case 'ECC':
      return sh`openssl genpkey -algorithm EC -pkeyopt ${`ec_paramgen_curve:${curves[curve] ?? curve}`} -pkeyopt ec_param_enc:named_curve -out "$d/new"`
    default:
      return sh`openssl genpkey -algorithm ${type.toUpperCase()} -out "$d/new"`
  }
}
