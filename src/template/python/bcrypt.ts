import { encrypt, firstState } from './blowfish.ts'
import { valueFailure } from './fail.ts'

/** The text that crypt(3) makes of a password with bcrypt (Provos and Mazières, "A Future-Adaptable Password Scheme"). */
export function bcrypt(
  password: string,
  { salt, rounds, ident }: { readonly salt: string; readonly rounds: number; readonly ident: string },
): string {
  if (!/^2[aby]?$/.test(ident)) throw valueFailure(`bcrypt has no ident \`${ident}\``)
  if (!Number.isInteger(rounds) || rounds < 4 || rounds > 31) throw valueFailure('the rounds of bcrypt are 4 to 31')
  if (!/^[./\dA-Za-z]{22}$/.test(salt))
    throw valueFailure('invalid salt size: that of bcrypt has 22 letters, digits, `.` and `/`')
  const bytes = decode(salt).subarray(0, 16)
  const end = ident === '2' ? '' : '\0'
  const key = Buffer.from(`${password}${end}`).subarray(0, 72)
  const hash = hashOf(key, bytes, 2 ** rounds)
  return `$${ident}$${String(rounds).padStart(2, '0')}$${encode(bytes).slice(0, 22)}${encode(hash.subarray(0, 23))}`
}

function hashOf(key: Buffer, salt: Buffer, times: number): Buffer {
  const state = firstState()
  const keyWords = cycled(key)
  const saltWords = cycled(salt)
  const nothing = new Uint32Array(18)
  expand(state, keyWords, saltWords)
  for (let i = 0; i < times; i++) {
    expand(state, keyWords, nothing)
    expand(state, saltWords, nothing)
  }
  const text = Uint32Array.from({ length: 6 }, (_, i) => MAGIC.readUInt32BE(i * 4))
  for (let i = 0; i < 64; i++) for (let at = 0; at < 6; at += 2) encrypt(state, text, at)
  const hash = Buffer.alloc(24)
  for (const [i, word] of text.entries()) hash.writeUInt32BE(word, i * 4)
  return hash
}

const MAGIC = Buffer.from('OrpheanBeholderScryDoubt')

/** Eighteen words, the bytes again and again. */
function cycled(bytes: Buffer): Uint32Array {
  const words = new Uint32Array(18)
  for (let i = 0; i < 72; i++) words[i >> 2] = ((words[i >> 2] ?? 0) << 8) | (bytes[i % bytes.length] ?? 0)
  return words
}

/** Mixes key and salt into the state. The salt has 16 bytes that come again: four words. */
function expand(state: Uint32Array, key: Uint32Array, salt: Uint32Array): void {
  for (let i = 0; i < 18; i++) state[i] = (state[i] ?? 0) ^ (key[i] ?? 0)
  const block = new Uint32Array(2)
  for (let i = 0, at = 0; i < state.length; i += 2, at = (at + 2) % 4) {
    block[0] = (block[0] ?? 0) ^ (salt[at] ?? 0)
    block[1] = (block[1] ?? 0) ^ (salt[at + 1] ?? 0)
    encrypt(state, block, 0)
    state[i] = block[0] ?? 0
    state[i + 1] = block[1] ?? 0
  }
}

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function encode(bytes: Buffer): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  return (bits.match(/.{1,6}/g) ?? []).map(six => alphabet[Number.parseInt(six.padEnd(6, '0'), 2)]).join('')
}

function decode(text: string): Buffer {
  const bits = [...text].map(char => alphabet.indexOf(char).toString(2).padStart(6, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map(eight => Number.parseInt(eight, 2)))
}
