import type { Failure, Sample } from './prober.ts'

/** What a measurement says. Times in milliseconds, since its start where they are moments. */
export interface Summary {
  readonly requests: number
  readonly failed: number
  readonly failures: Readonly<Partial<Record<Failure, number>>>
  /** The longest time in which nothing was answered well; `undefined`: no request failed. */
  readonly longestGap: { readonly from: number; readonly ms: number } | undefined
  /** Of answers that were well. */
  readonly latency: Percentiles
  /** In the order in which they appeared. */
  readonly versions: readonly VersionSpan[]
}

export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** From the first to the last answer of a release: by when it was received. */
export interface VersionSpan {
  readonly version: string
  readonly answers: number
  readonly first: number
  readonly last: number
}

export function summarise(samples: readonly Sample[]): Summary {
  const failed = samples.filter(sample => sample.failure !== undefined)
  const failures: Partial<Record<Failure, number>> = {}
  for (const { failure } of failed) if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1
  return {
    requests: samples.length,
    failed: failed.length,
    failures,
    longestGap: longestGap(samples),
    latency: percentiles(samples.filter(sample => sample.failure === undefined).map(sample => sample.ms)),
    versions: spans(samples),
  }
}

/** The value below which each share of the values lies (nearest rank). */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: sorted.at(-1) ?? 0 }
}

/** From the first request that failed after a good one until the next good one. */
function longestGap(samples: readonly Sample[]): Summary['longestGap'] {
  let longest: Summary['longestGap']
  let from: number | undefined
  const close = (until: number) => {
    if (from !== undefined && (longest === undefined || until - from > longest.ms)) longest = { from, ms: until - from }
    from = undefined
  }
  for (const { due, failure } of samples) {
    if (failure === undefined) close(due)
    else from ??= due
  }
  const last = samples.at(-1)
  if (last !== undefined) close(last.due + last.ms)
  return longest
}

function spans(samples: readonly Sample[]): VersionSpan[] {
  const found = new Map<string, { answers: number; first: number; last: number }>()
  for (const { version, due, ms } of samples) {
    if (version === undefined) continue
    const received = due + ms
    const span = found.get(version) ?? { answers: 0, first: received, last: received }
    span.answers++
    span.first = Math.min(span.first, received)
    span.last = Math.max(span.last, received)
    found.set(version, span)
  }
  return [...found].map(([version, span]) => ({ version, ...span })).sort((a, b) => a.first - b.first)
}
