import type { Sample } from './prober.ts'
import { type Percentiles, percentiles } from './summary.ts'

/** When the steps of a push were seen, in milliseconds since the start of the measurement. */
export interface PushMoments {
  readonly started: number
  /** The model is made; what follows is the push. */
  readonly trained?: number
  /** The server has the commit, and begins to judge. */
  readonly received?: number
  readonly judged?: number
  /** Every worker answers with the new release, says the server. */
  readonly live?: number
  /** The release. */
  readonly id?: string
}

/** How long the steps of one delivery took, in milliseconds. */
export interface DeliveryTimes {
  readonly id: string
  readonly train: number
  /** From the trained model to the server that has the commit. */
  readonly push: number
  readonly gate: number
  /** From the verdict until the server saw every worker answer with the new release. */
  readonly switch: number
  /** From the verdict to the first answer of the new release that a user got; `undefined`: none came. */
  readonly firstNew: number | undefined
  /** From the verdict to the last answer of another release; `undefined`: none came. */
  readonly lastOld: number | undefined
  /** From the push until it was live, without the time of the gate. */
  readonly beyondGate: number
}

/** What was seen in all deliveries together. */
export type DeliveryPercentiles = Readonly<Record<(typeof columns)[number], Percentiles>>

/** The steps, in their order. */
export const columns = ['train', 'push', 'gate', 'switch', 'firstNew', 'lastOld', 'beyondGate'] as const

const signs = [
  ['trained', /^Saved model to disk|^Model [0-9a-f]{12} in /m],
  ['received', /^remote: (?:Master ref received|Ref \S+ received)\./m],
  ['judged', /^remote: accepted [0-9a-f]{12}/m],
  ['live', /^remote: \S+ [0-9a-f]{12} is live on /m],
] as const

/** Reads what a push prints, as it comes, and notes when the steps were seen. */
export function watchPush(started: number): { said(text: string, at: number): void; moments(): PushMoments } {
  const seen: { -readonly [key in keyof PushMoments]: PushMoments[key] } = { started }
  let all = ''
  return {
    said(text, at) {
      all += text
      for (const [name, sign] of signs) if (seen[name] === undefined && sign.test(all)) seen[name] = at
    },
    moments() {
      const id = /^remote: accepted ([0-9a-f]{12})/m.exec(all)?.[1]
      return id === undefined ? seen : { ...seen, id }
    },
  }
}

/** The steps of one push beside what users got until the next one was accepted; `undefined`: it did not go live. */
export function deliveryTimes(
  moments: PushMoments,
  samples: readonly Sample[],
  until: number,
): DeliveryTimes | undefined {
  const { started, trained = started, received, judged, live, id } = moments
  if (received === undefined || judged === undefined || live === undefined || id === undefined) return undefined
  // A release that was there before may answer again later: only this delivery's own time counts.
  const answers = samples
    .filter(({ version }) => version !== undefined)
    .map(({ due, ms, version }) => ({ received: due + ms, version }))
    .filter(answer => answer.received >= started && answer.received < until)
  const fresh = answers.filter(({ version }) => version === id).map(answer => answer.received)
  const old = answers.filter(({ version }) => version !== id).map(answer => answer.received)
  const since = (all: readonly number[], pick: (...values: number[]) => number) =>
    all.length > 0 ? pick(...all) - judged : undefined
  return {
    id,
    train: trained - started,
    push: received - trained,
    gate: judged - received,
    switch: live - judged,
    firstNew: since(fresh, Math.min),
    lastOld: since(old, Math.max),
    beyondGate: live - trained - (judged - received),
  }
}

/** The percentiles of each step. */
export function deliveryPercentiles(deliveries: readonly DeliveryTimes[]): DeliveryPercentiles {
  const of = (name: (typeof columns)[number]) =>
    percentiles(deliveries.flatMap(delivery => (delivery[name] === undefined ? [] : [delivery[name]])))
  return Object.fromEntries(columns.map(name => [name, of(name)])) as DeliveryPercentiles // a key for each column
}
