import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { MlopsError } from '../errors.ts'

/** How every encrypted text begins. */
const MAGIC = '$ANSIBLE_VAULT;'
const LINE = 80

/** An encrypted text, taken apart: Ansible Vault 1.1, or 1.2 with the id of its password. */
export interface Envelope {
  readonly id: string | undefined
  readonly salt: Buffer
  readonly hmac: Buffer
  readonly ciphertext: Buffer
}

/** Whether a file or text is encrypted with Ansible Vault. */
export function isEncrypted(content: string | Uint8Array): boolean {
  if (typeof content === 'string') return content.startsWith(MAGIC)
  return Buffer.from(content.buffer, content.byteOffset, Math.min(content.length, MAGIC.length)).toString() === MAGIC
}

/** Takes an encrypted text apart. Throws `vault.format`. */
export function readEnvelope(text: string, what: string): Envelope {
  const [header = '', ...rest] = text.trim().split(/\r?\n/)
  const [, version, cipher, id] = header.trim().split(';')
  if (!isEncrypted(header)) throw broken(what, 'it does not begin with $ANSIBLE_VAULT')
  if (version !== '1.1' && version !== '1.2')
    throw broken(what, `its version is ${version ?? 'missing'}, not 1.1 or 1.2`)
  if (cipher !== 'AES256') throw broken(what, `its cipher is ${cipher ?? 'missing'}, not AES256`)
  const [salt, hmac, ciphertext] = unhex(rest.map(line => line.trim()).join(''), what)
    .toString('latin1')
    .split('\n')
    .map(part => unhex(part, what))
  if (!salt || !hmac || !ciphertext) throw broken(what, 'a part of it is missing')
  return { id: version === '1.2' ? id : undefined, salt, hmac, ciphertext }
}

/** The plain bytes, or undefined when the password is another one. */
export function decrypt({ salt, hmac, ciphertext }: Envelope, password: string): Buffer | undefined {
  const { key, hmacKey, iv } = derive(password, salt)
  const is = createHmac('sha256', hmacKey).update(ciphertext).digest()
  if (is.length !== hmac.length || !timingSafeEqual(is, hmac)) return undefined
  const decipher = createDecipheriv('aes-256-ctr', key, iv)
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  return padded.subarray(0, padded.length - (padded[padded.length - 1] ?? 0))
}

/** The encrypted text, with a line end. An id other than `default` is written into its header (version 1.2). */
export function encrypt(
  content: string | Uint8Array,
  password: string,
  id = 'default',
  salt: Buffer = randomBytes(32),
): string {
  const { key, hmacKey, iv } = derive(password, salt)
  const plain = Buffer.from(content)
  const padding = 16 - (plain.length % 16)
  const cipher = createCipheriv('aes-256-ctr', key, iv)
  const ciphertext = Buffer.concat([
    cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])),
    cipher.final(),
  ])
  const hmac = createHmac('sha256', hmacKey).update(ciphertext).digest('hex')
  const body = Buffer.from([salt.toString('hex'), hmac, ciphertext.toString('hex')].join('\n')).toString('hex')
  const header = id === 'default' ? `${MAGIC}1.1;AES256` : `${MAGIC}1.2;AES256;${id}`
  return `${[header, ...(body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [])].join('\n')}\n`
}

interface Derived {
  readonly key: Buffer
  readonly hmacKey: Buffer
  readonly iv: Buffer
}

const derived = new Map<string, Derived>()

/** Costs 10,000 rounds, so each salt and password is done once. */
function derive(password: string, salt: Buffer): Derived {
  const id = `${salt.toString('hex')} ${password}`
  const known = derived.get(id)
  if (known) return known
  const bytes = pbkdf2Sync(password, salt, 10_000, 80, 'sha256')
  const keys = { key: bytes.subarray(0, 32), hmacKey: bytes.subarray(32, 64), iv: bytes.subarray(64) }
  derived.set(id, keys)
  return keys
}

function unhex(text: string, what: string): Buffer {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw broken(what, 'its body is not hexadecimal')
  return Buffer.from(text, 'hex')
}

function broken(what: string, reason: string): MlopsError {
  return new MlopsError('vault.format', `${what} is no whole text of Ansible Vault: ${reason}`)
}
