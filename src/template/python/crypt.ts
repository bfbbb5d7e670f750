import { createHash } from 'node:crypto'
import { failure, valueFailure } from './fail.ts'

/**
 * The text that crypt(3) makes of a password with SHA-256 or SHA-512
 * (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6).
 */
export function passwordHash(
  password: string,
  kind: string,
  { salt, rounds }: { readonly salt: string; readonly rounds: number | undefined },
): string {
  const method = Object.hasOwn(methods, kind) ? methods[kind] : undefined
  if (!method) {
    throw failure('unsupported', `password_hash with ${kind} is not supported`, { hint: 'sha512 and sha256 are' })
  }
  if (!/^[./\dA-Za-z]*$/.test(salt)) throw valueFailure('a salt has only letters, digits, `.` and `/`')
  const times = Math.min(999_999_999, Math.max(1000, rounds ?? 5000))
  const short = salt.slice(0, 16)
  const hash = crypt(Buffer.from(password, 'utf8'), Buffer.from(short), times, method)
  const named = rounds === undefined ? '' : `rounds=${times}$`
  return `$${method.id}$${named}${short}$${encode(hash, method.order)}`
}

interface Method {
  readonly id: string
  readonly algorithm: string
  readonly size: number
  /** Triples of bytes in the order in which they are written. */
  readonly order: readonly (readonly number[])[]
}

const methods: Readonly<Record<string, Method>> = {
  sha512: { id: '6', algorithm: 'sha512', size: 64, order: [...rotated(21, 1), [63]] },
  sha256: { id: '5', algorithm: 'sha256', size: 32, order: [...rotated(10, 2), [31, 30]] },
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
