/** A share with its 95 % interval, in percent. */
export interface Share {
  readonly right: number
  readonly total: number
  readonly low: number
  readonly high: number
}

/** The two-sided 95 % quantile of the normal distribution. */
const z = 1.959963984540054

/** The share of right answers with Wilson's score interval (E. B. Wilson 1927), which holds for few rows and for shares near 0 and 1. */
export function shareOf(right: number, total: number): Share {
  if (total === 0) return { right, total, low: 0, high: 100 }
  const p = right / total
  const middle = p + z ** 2 / (2 * total)
  const half = z * Math.sqrt((p * (1 - p)) / total + z ** 2 / (4 * total ** 2))
  const scale = 1 + z ** 2 / total
  return {
    right,
    total,
    low: Math.max(0, (middle - half) / scale) * 100,
    high: Math.min(1, (middle + half) / scale) * 100,
  }
}

/** How two models differ on the same rows: `lost` had the old one right and the new one wrong, `won` the other way round. */
export interface Pairs {
  readonly lost: number
  readonly won: number
  /** The chance to lose at least this many of the rows on which they differ, when both are equally good. */
  readonly chance: number
}

/** McNemar's exact test, one-sided (Q. McNemar 1947): only the rows on which two models differ say which one is better. */
export function pairs(labels: readonly number[], old: readonly number[], fresh: readonly number[]): Pairs {
  let lost = 0
  let won = 0
  for (const [row, label] of labels.entries()) {
    if (old[row] === fresh[row]) continue
    if (old[row] === label) lost++
    else if (fresh[row] === label) won++
  }
  return { lost, won, chance: atLeast(lost, lost + won) }
}

/** P(X ≥ k) for X ~ Binomial(n, 1/2), by logarithms so that thousands of rows do not underflow. */
function atLeast(k: number, n: number): number {
  let logChoose = 0
  let sum = 0
  // From n downwards: C(n, i) = C(n, i + 1) · (i + 1) / (n − i)
  for (let i = n; i >= k; i--) {
    sum += Math.exp(logChoose - n * Math.LN2)
    logChoose += Math.log(i) - Math.log(n - i + 1)
  }
  return Math.min(1, sum)
}
