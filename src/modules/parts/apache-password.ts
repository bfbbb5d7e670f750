import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The schemes of passwords in Apache's files that are computed here, by Ansible's names. */
export const schemes = ['apr_md5_crypt', 'md5_crypt', 'ldap_sha1', 'plaintext', 'sha256_crypt', 'sha512_crypt'] as const

export type Scheme = (typeof schemes)[number]

/** A password as it stands in the file, with a new salt. */
export function hashPassword(password: string, scheme: Scheme): string {
  switch (scheme) {
    case 'apr_md5_crypt':
      return md5Crypt(password, '$apr1$', salt(8))
    case 'md5_crypt':
      return md5Crypt(password, '$1$', salt(8))
    case 'ldap_sha1':
      return `{SHA}${createHash('sha1').update(password).digest('base64')}`
    case 'plaintext':
      return password
    case 'sha256_crypt':
      return shaCrypt(password, '$5$', salt(16))
    case 'sha512_crypt':
      return shaCrypt(password, '$6$', salt(16))
    default:
      return scheme satisfies never
  }
}

/** Whether the stored text is that of the password; undefined for schemes that are not computed here (bcrypt). */
export function isPassword(stored: string, password: string): boolean | undefined {
  const md5 = /^(\$apr1\$|\$1\$)([^$]{0,8})\$/.exec(stored)
  if (md5) return same(stored, md5Crypt(password, md5[1] ?? '', md5[2] ?? ''))
  const sha = /^(\$[56]\$)(?:rounds=(\d{1,7})\$)?([^$]{0,16})\$/.exec(stored)
  if (sha) return same(stored, shaCrypt(password, sha[1] ?? '', sha[3] ?? '', sha[2]))
  if (stored.startsWith('{SHA}')) return same(stored, hashPassword(password, 'ldap_sha1'))
  if (stored.startsWith('$')) return undefined
  return same(stored, password)
}

const letters = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function salt(length: number): string {
  return [...randomBytes(length)].map(byte => letters[byte & 63]).join('')
}

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

/** Poul-Henning Kamp's crypt with MD5, as FreeBSD (`$1$`) and Apache (`$apr1$`) have it. */
function md5Crypt(password: string, magic: string, salted: string): string {
  const word = Buffer.from(password)
  const md5 = (...parts: (Buffer | string)[]) => {
    const hash = createHash('md5')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const other = md5(word, salted, word)
  const first = createHash('md5')
    .update(word)
    .update(magic + salted)
    .update(repeated(other, word.length))
  for (let i = word.length; i > 0; i >>= 1) first.update(i & 1 ? Buffer.alloc(1) : word.subarray(0, 1))
  let sum = first.digest()
  for (let i = 0; i < 1000; i++) {
    sum = md5(i & 1 ? word : sum, i % 3 ? salted : '', i % 7 ? word : '', i & 1 ? sum : word)
  }
  const order = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5]
  return `${magic}${salted}$${encoded(sum, order)}${sixBits(sum[11] ?? 0, 2)}`
}

/** Ulrich Drepper's crypt with SHA-256 (`$5$`) and SHA-512 (`$6$`), "Unix crypt using SHA-256 and SHA-512". */
function shaCrypt(password: string, magic: string, salted: string, given?: string): string {
  const name = magic === '$5$' ? 'sha256' : 'sha512'
  const word = Buffer.from(password)
  const rounds = Math.min(Math.max(Number(given ?? 5000), 1000), 999_999_999)
  const other = createHash(name).update(word).update(salted).update(word).digest()
  const first = createHash(name).update(word).update(salted).update(repeated(other, word.length))
  for (let i = word.length; i > 0; i >>= 1) first.update(i & 1 ? other : word)
  let sum = first.digest()
  const words = createHash(name)
  for (let i = 0; i < word.length; i++) words.update(word)
  const p = repeated(words.digest(), word.length)
  const salts = createHash(name)
  for (let i = 0; i < 16 + (sum[0] ?? 0); i++) salts.update(salted)
  const s = repeated(salts.digest(), Buffer.byteLength(salted))
  for (let i = 0; i < rounds; i++) {
    const hash = createHash(name).update(i & 1 ? p : sum)
    if (i % 3) hash.update(s)
    if (i % 7) hash.update(p)
    sum = hash.update(i & 1 ? sum : p).digest()
  }
  const setting = given === undefined ? '' : `rounds=${rounds}$`
  const end = name === 'sha256' ? sixBits(((sum[31] ?? 0) << 8) | (sum[30] ?? 0), 3) : sixBits(sum[63] ?? 0, 2)
  return `${magic}${setting}${salted}$${encoded(sum, name === 'sha256' ? turns(10, 10) : turns(21, 21))}${end}`
}

/** The order in which triples of bytes are written: each turns round against the one before. */
function turns(count: number, third: number): number[] {
  const order: number[] = []
  for (let i = 0; i < count; i++) {
    const triple = [i, i + third, i + 2 * third]
    // SHA-256 turns to the right, SHA-512 to the left
    const by = third === 10 ? (3 - (i % 3)) % 3 : i % 3
    order.push(...triple.slice(by), ...triple.slice(0, by))
  }
  return order
}

function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}

function encoded(sum: Buffer, order: readonly number[]): string {
  let text = ''
  for (let i = 0; i < order.length; i += 3) {
    const [a = 0, b = 0, c = 0] = order.slice(i, i + 3).map(at => sum[at] ?? 0)
    text += sixBits((a << 16) | (b << 8) | c, 4)
  }
  return text
}

function sixBits(value: number, count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) text += letters[(value >> (6 * i)) & 63]
  return text
}
