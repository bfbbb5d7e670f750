import { type Pairs, pairs, type Share, shareOf } from './statistics.ts'

/** What `mlops.yml` says about metrics, under `delivery`. */
export interface Threshold {
  /** Percentage points that a new model may lose, whatever chance says. */
  readonly maxDrop: number
  /** Below this chance a loss is no accident: the level of the paired test. */
  readonly level: number
}

/** The labels of one model beside the true ones, row by row. */
export interface Answers {
  readonly labels: readonly number[]
  readonly predicted: readonly number[]
}

/** The metric of a new model beside the live one's on the same rows. */
export interface Comparison {
  readonly rows: number
  readonly fresh: Share
  /** `undefined`: no model is live. */
  readonly live: Share | undefined
  readonly pairs: Pairs | undefined
  /** `undefined`: not worse than chance allows. */
  readonly worse: string | undefined
}

/** Says whether a new model may replace the live one on the ground of its metric. */
export function compare(
  fresh: Answers,
  live: readonly number[] | undefined,
  { maxDrop, level }: Threshold,
): Comparison {
  const right = (predicted: readonly number[]) => fresh.labels.filter((label, row) => label === predicted[row]).length
  const rows = fresh.labels.length
  const share = shareOf(right(fresh.predicted), rows)
  if (live === undefined) return { rows, fresh: share, live: undefined, pairs: undefined, worse: undefined }
  const before = shareOf(right(live), rows)
  const differing = pairs(fresh.labels, live, fresh.predicted)
  const drop = percent(before) - percent(share)
  const accident = drop > 0 && differing.chance < level
  const worse = accident
    ? `it loses ${differing.lost} rows and wins ${differing.won}: chance alone does that in ${(differing.chance * 100).toFixed(1)} % of cases, the limit is ${(level * 100).toFixed(1)} %`
    : drop > maxDrop
      ? `it loses ${drop.toFixed(1)} percentage points, at most ${maxDrop} are allowed`
      : undefined
  return { rows, fresh: share, live: before, pairs: differing, worse }
}

/** The share in percent. */
export function percent({ right, total }: Share): number {
  return total === 0 ? 0 : (right / total) * 100
}
