import { createHash, randomBytes } from 'node:crypto'
import { bcrypt } from './bcrypt.ts'
import { failure, valueFailure } from './fail.ts'

/** What `password_hash` and `encrypt` of vars_prompt know. */
export const hashKinds = ['md5_crypt', 'bcrypt', 'sha256_crypt', 'sha512_crypt'] as const

export interface HashOptions {
  /** Undefined: a new one. */
  readonly salt?: string | undefined
  readonly saltSize?: number | undefined
  readonly rounds?: number | undefined
  /** Of bcrypt: `2b`, `2a`, `2y`. */
  readonly ident?: string | undefined
}

/** The text that crypt(3) makes of a password. Kinds answer to their short names too. Throws `template.value`. */
export function passwordHash(password: string, kind: string, { saltSize, salt, rounds, ident }: HashOptions): string {
  const name = shortNames[kind] ?? kind
  const known = hashKinds.find(each => each === name)
  if (known === undefined)
    throw failure('unsupported', `password_hash with ${kind} is not supported`, {
      hint: `there are ${hashKinds.join(', ')}`,
    })
  const longest = saltSizes[known]
  const given = salt ?? newSalt(saltSize ?? longest)
  if (/[^./\dA-Za-z]/.test(given)) throw valueFailure('invalid characters in salt')
  if (given.length > longest) throw valueFailure('invalid salt size')
  switch (known) {
    case 'bcrypt':
      return bcrypt(password, { salt: given, rounds: rounds ?? 12, ident: ident ?? '2b' })
    case 'md5_crypt':
      return md5Crypt(Buffer.from(password), Buffer.from(given))
    case 'sha256_crypt':
    case 'sha512_crypt':
      return shaCrypt(password, methods[known], { salt: given, rounds })
    default:
      return known satisfies never
  }
}

const shortNames: Readonly<Record<string, string>> = {
  md5: 'md5_crypt',
  blowfish: 'bcrypt',
  sha256: 'sha256_crypt',
  sha512: 'sha512_crypt',
}

const saltSizes = { md5_crypt: 8, bcrypt: 22, sha256_crypt: 16, sha512_crypt: 16 } as const

function newSalt(size: number): string {
  return Array.from(randomBytes(size), byte => alphabet[byte & 63]).join('')
}

/** SHA-256 and SHA-512 (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6). */
function shaCrypt(
  password: string,
  method: Method,
  { salt, rounds }: { readonly salt: string; readonly rounds: number | undefined },
): string {
  const times = Math.min(999_999_999, Math.max(1000, rounds ?? IMPLICIT_ROUNDS))
  const hash = crypt(Buffer.from(password, 'utf8'), Buffer.from(salt), times, method)
  const named = rounds === undefined ? '' : `rounds=${times}$`
  return `$${method.id}$${named}${salt}$${encode(hash, method.order)}`
}

/** What is meant where a text names no rounds; crypt(3), unlike passlib, names them when they were asked for. */
const IMPLICIT_ROUNDS = 5000

/** MD5 of FreeBSD (Poul-Henning Kamp). */
function md5Crypt(password: Buffer, salt: Buffer): string {
  const md5 = (...parts: readonly Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest()
  const parts = [password, Buffer.from('$1$'), salt, stretched(md5(password, salt, password), password.length)]
  for (let n = password.length; n > 0; n >>= 1) parts.push(n & 1 ? Buffer.from([0]) : password.subarray(0, 1))
  let hash = md5(...parts)
  for (let i = 0; i < 1000; i++) {
    const round = [i & 1 ? password : hash]
    if (i % 3) round.push(salt)
    if (i % 7) round.push(password)
    round.push(i & 1 ? hash : password)
    hash = md5(...round)
  }
  return `$1$${salt.toString()}$${encode(hash, md5Order)}`
}

const md5Order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]

interface Method {
  readonly id: string
  readonly algorithm: string
  readonly size: number
  /** Triples of bytes in the order in which they are written. */
  readonly order: readonly (readonly number[])[]
}

const methods: Readonly<Record<'sha256_crypt' | 'sha512_crypt', Method>> = {
  sha512_crypt: { id: '6', algorithm: 'sha512', size: 64, order: [...rotated(21, 1), [63]] },
  sha256_crypt: { id: '5', algorithm: 'sha256', size: 32, order: [...rotated(10, 2), [31, 30]] },
}

/** Triples of one byte of each third; from one to the next, all go on by one and `turn` places to the left. */
function rotated(third: number, turn: number): number[][] {
  return Array.from({ length: third }, (_, i) => {
    const triple = [i, i + third, i + 2 * third]
    const from = (i * turn) % 3
    return [...triple.slice(from), ...triple.slice(0, from)]
  })
}

function crypt(password: Buffer, salt: Buffer, rounds: number, { algorithm, size }: Method): Buffer {
  const hash = (...parts: readonly Buffer[]): Buffer => {
    const state = createHash(algorithm)
    for (const part of parts) state.update(part)
    return state.digest()
  }
  const b = hash(password, salt, password)
  const parts = [password, salt, stretched(b, password.length)]
  for (let n = password.length; n > 0; n >>= 1) parts.push(n & 1 ? b : password)
  let a = hash(...parts)
  const p = stretched(hash(...Array.from({ length: password.length }, () => password)), password.length)
  const s = stretched(hash(...Array.from({ length: 16 + (a[0] ?? 0) }, () => salt)), salt.length)
  for (let i = 0; i < rounds; i++) {
    const round = [i % 2 ? p : a]
    if (i % 3) round.push(s)
    if (i % 7) round.push(p)
    round.push(i % 2 ? a : p)
    a = hash(...round)
  }
  return a.subarray(0, size)
}

/** The bytes again and again, up to a length. */
function stretched(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function encode(hash: Buffer, order: Method['order']): string {
  let text = ''
  for (const bytes of order) {
    let n = bytes.reduce((sum, at) => sum * 256 + (hash[at] ?? 0), 0)
    for (let i = 0; i < Math.ceil((bytes.length * 8) / 6); i++) {
      text += alphabet[n % 64]
      n = Math.floor(n / 64)
    }
  }
  return text
}
