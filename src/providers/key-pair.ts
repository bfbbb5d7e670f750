import { createHash, generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto'
import { bareKey } from '../shell/authorized-keys.ts'

/** A key pair in OpenSSH's text formats. */
export interface KeyPair {
  readonly privateKey: string
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicKey: string
}

/** Kinds of keys that are made here; RSA for servers that know nothing newer. */
export const keyTypes = ['ed25519', 'rsa-3072', 'rsa-4096'] as const
export type KeyType = (typeof keyTypes)[number]

/** Makes a key pair without a passphrase. */
export function makeKeyPair(comment: string, type: KeyType = 'ed25519'): KeyPair {
  const { privateKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('rsa', { modulusLength: Number(type.slice('rsa-'.length)) })
  const { name, open, secret } = fieldsOf(privateKey.export({ format: 'jwk' }))
  return format(name, { open, secret }, comment)
}

/** The public half that a private key in OpenSSH's format (PROTOCOL.key) carries unencrypted, or undefined. */
export function publicHalf(privateKey: string): string | undefined {
  const body = privateKey.match(/-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/)?.[1]
  if (body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64')
  let offset = MAGIC.length
  const next = () => {
    const length = bytes.readUInt32BE(offset)
    offset += 4 + length
    return bytes.subarray(offset - length, offset)
  }
  try {
    next() // cipher
    next() // key derivation
    next() // its options
    offset += 4 // number of keys
    const blob = next()
    return `${blob.subarray(4, 4 + blob.readUInt32BE(0)).toString()} ${blob.toString('base64')}`
  } catch {
    return undefined
  }
}

/** The fingerprints of a public key, as `ssh-keygen -l` has them (`-E sha256`, `-E md5`). */
export function fingerprints(publicKey: string): { readonly sha256: string; readonly md5: string } {
  const blob = Buffer.from(bareKey(publicKey).split(' ')[1] ?? '', 'base64')
  const sha256 = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')
  const md5 = createHash('md5').update(blob).digest('hex').match(/../g) ?? []
  return { sha256: `SHA256:${sha256}`, md5: `MD5:${md5.join(':')}` }
}

const MAGIC = 'openssh-key-v1\0'

interface Fields {
  /** Those of the public key, after its type. */
  readonly open: readonly Buffer[]
  /** Those of the private key, after its type. */
  readonly secret: readonly Buffer[]
}

/** RFC 8709 (ed25519) and RFC 4253 section 6.6 (RSA); private halves as ssh-agent has them (draft-miller-ssh-agent). */
function fieldsOf(jwk: JsonWebKey): Fields & { readonly name: string } {
  const bytes = (name: keyof JsonWebKey) => {
    const value = jwk[name]
    if (typeof value !== 'string') throw new Error(`a key has no ${name}`)
    return Buffer.from(value, 'base64url')
  }
  const number = (name: keyof JsonWebKey) => field(mpint(bytes(name)))
  if (jwk.kty === 'RSA') {
    const open = [number('e'), number('n')]
    return { name: 'ssh-rsa', open, secret: ['n', 'e', 'd', 'qi', 'p', 'q'].map(name => number(name)) }
  }
  const point = bytes('x')
  return {
    name: 'ssh-ed25519',
    open: [field(point)],
    secret: [field(point), field(Buffer.concat([bytes('d'), point]))],
  }
}

function format(type: string, { open, secret }: Fields, comment: string): KeyPair {
  const blob = Buffer.concat([field(type), ...open])
  const check = randomBytes(4)
  const whole = Buffer.concat([
    Buffer.from(MAGIC),
    field('none'),
    field('none'),
    field(''),
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(pad(Buffer.concat([check, check, field(type), ...secret, field(comment)]))),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return {
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    publicKey: `${type} ${blob.toString('base64')} ${comment}`,
  }
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A number that is not negative, as RFC 4251 section 5 has it. */
function mpint(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
}

/** Bytes 1, 2, 3 … up to the block size of cipher `none`, which is 8. */
function pad(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, i) => i + 1))])
}
