/** A double as Python prints it: the texts on the pages are those of the Keras application that this one replaces. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  // Python writes the shortest digits in plain form from 1e-4 to 1e16, JavaScript from 1e-6 to 1e21.
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  if (exponent < 0) return value.toFixed(mantissa.replace(/\D/g, '').length - 1 - exponent)
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** The share of right answers in percent, with the rounding of Keras: the ratio is a 32-bit float. */
export function accuracyPercent(right: number, total: number): number {
  return total === 0 ? 0 : Math.fround(right / total) * 100
}

/** Numbers from 0 (inclusive) to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
