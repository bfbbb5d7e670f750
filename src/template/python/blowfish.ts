/** The first state of Blowfish: 18 words for the rounds, then four boxes of 256. They are the digits of π behind the point. */
export function firstState(): Uint32Array {
  if (state === undefined) {
    const digits = piFraction(WORDS * 32)
    state = Uint32Array.from({ length: WORDS }, (_, i) =>
      Number((digits >> BigInt((WORDS - 1 - i) * 32)) & 0xffff_ffffn),
    )
  }
  return state.slice()
}

/** Encrypts the two words at `at` of `block` in place. */
export function encrypt(s: Uint32Array, block: Uint32Array, at: number): void {
  let left = (block[at] ?? 0) ^ (s[0] ?? 0)
  let right = block[at + 1] ?? 0
  for (let round = 1; round <= 16; round += 2) {
    right ^= mix(s, left) ^ (s[round] ?? 0)
    left ^= mix(s, right) ^ (s[round + 1] ?? 0)
  }
  block[at] = right ^ (s[17] ?? 0)
  block[at + 1] = left
}

const ROUND_WORDS = 18
const WORDS = ROUND_WORDS + 4 * 256
let state: Uint32Array | undefined

function mix(s: Uint32Array, word: number): number {
  const sum = (s[ROUND_WORDS + (word >>> 24)] ?? 0) + (s[ROUND_WORDS + 256 + ((word >>> 16) & 255)] ?? 0)
  return ((sum ^ (s[ROUND_WORDS + 512 + ((word >>> 8) & 255)] ?? 0)) + (s[ROUND_WORDS + 768 + (word & 255)] ?? 0)) | 0
}

/** That many bits of π behind the point (Machin: π = 16 arctan 1/5 − 4 arctan 1/239). */
function piFraction(bits: number): bigint {
  const spare = 64
  const one = 1n << BigInt(bits + spare)
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one)
  return (pi - 3n * one) >> BigInt(spare)
}

function arctanOfInverse(x: bigint, one: bigint): bigint {
  let power = one / x
  let sum = power
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= x * x
    sum += (sign * power) / n
  }
  return sum
}
