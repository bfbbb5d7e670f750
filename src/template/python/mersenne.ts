import { createHash } from 'node:crypto'

/** A source of numbers. */
export interface Random {
  /** An int from 0 up to, but not including, `n`. */
  below(n: number): number
}

/**
 * Python's `random.Random(seed)`: the Mersenne Twister MT19937 with Python's way to seed it
 * (`init_by_array` of the seed's 32-bit words, for texts with their SHA-512 behind), so that a seed chooses what it chooses there.
 */
export function mersenne(seed: string | number | bigint): Random {
  const state = twister(words(seed))
  return {
    below: n => {
      const bits = n.toString(2).length
      let value = getBits(state, bits)
      while (value >= n) value = getBits(state, bits)
      return value
    },
  }
}

const size = 624

interface Twister {
  readonly numbers: Uint32Array
  at: number
}

/** The absolute value of an int, or of text and digest as one big-endian number, in 32-bit words, lowest first. */
function words(seed: string | number | bigint): number[] {
  let n: bigint
  if (typeof seed === 'string') {
    const bytes = Buffer.from(seed, 'utf8')
    n = BigInt(`0x${Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]).toString('hex')}`)
  } else {
    n = BigInt(seed) < 0n ? -BigInt(seed) : BigInt(seed)
  }
  const result: number[] = []
  for (; n > 0n; n >>= 32n) result.push(Number(n & 0xffffffffn))
  return result.length === 0 ? [0] : result
}

function twister(key: readonly number[]): Twister {
  const numbers = new Uint32Array(size)
  const get = (i: number): number => numbers[i] ?? 0
  numbers[0] = 19650218
  for (let i = 1; i < size; i++) numbers[i] = Math.imul(1812433253, get(i - 1) ^ (get(i - 1) >>> 30)) + i
  let i = 1
  let j = 0
  for (let k = Math.max(size, key.length); k > 0; k--) {
    numbers[i] = (get(i) ^ Math.imul(get(i - 1) ^ (get(i - 1) >>> 30), 1664525)) + (key[j] ?? 0) + j
    i++
    j++
    if (i >= size) {
      numbers[0] = get(size - 1)
      i = 1
    }
    if (j >= key.length) j = 0
  }
  for (let k = size - 1; k > 0; k--) {
    numbers[i] = (get(i) ^ Math.imul(get(i - 1) ^ (get(i - 1) >>> 30), 1566083941)) - i
    i++
    if (i >= size) {
      numbers[0] = get(size - 1)
      i = 1
    }
  }
  numbers[0] = 0x80000000
  return { numbers, at: size }
}

function next(state: Twister): number {
  const { numbers } = state
  const get = (i: number): number => numbers[i % size] ?? 0
  if (state.at >= size) {
    for (let i = 0; i < size; i++) {
      const y = (get(i) & 0x80000000) | (get(i + 1) & 0x7fffffff)
      numbers[i] = get(i + 397) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    state.at = 0
  }
  let y = get(state.at++)
  y ^= y >>> 11
  y ^= (y << 7) & 0x9d2c5680
  y ^= (y << 15) & 0xefc60000
  return (y ^ (y >>> 18)) >>> 0
}

/** Up to 53 bits. */
function getBits(state: Twister, bits: number): number {
  if (bits <= 32) return next(state) >>> (32 - bits)
  const low = next(state)
  return low + (next(state) >>> (64 - bits)) * 2 ** 32
}
