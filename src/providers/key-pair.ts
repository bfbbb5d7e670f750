import { generateKeyPairSync, randomBytes } from 'node:crypto'

/** An ed25519 key pair in OpenSSH's text formats. */
export interface KeyPair {
  readonly privateKey: string
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicKey: string
}

const TYPE = 'ssh-ed25519'

/** Makes a key pair without a passphrase. */
export function makeKeyPair(comment: string): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { d, x } = privateKey.export({ format: 'jwk' })
  if (d === undefined || x === undefined) throw new Error('an ed25519 key has no d or x')
  return format(Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url'), comment)
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

const MAGIC = 'openssh-key-v1\0'

function format(seed: Buffer, point: Buffer, comment: string): KeyPair {
  const blob = Buffer.concat([field(TYPE), field(point)])
  const check = randomBytes(4)
  const secret = pad(
    Buffer.concat([check, check, field(TYPE), field(point), field(Buffer.concat([seed, point])), field(comment)]),
  )
  const whole = Buffer.concat([
    Buffer.from(MAGIC),
    field('none'),
    field('none'),
    field(''),
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(secret),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return {
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    publicKey: `${TYPE} ${blob.toString('base64')} ${comment}`,
  }
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Bytes 1, 2, 3 … up to the block size of cipher `none`, which is 8. */
function pad(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, i) => i + 1))])
}
