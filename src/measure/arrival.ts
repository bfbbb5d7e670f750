import type { Sample } from './prober.ts'
import { summarise } from './summary.ts'

/** How another release took the place of the one before. Milliseconds, moments since the command began. */
export interface Arrival {
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** When the command had ended. */
  readonly commandMs: number
  /** The first answer of the new release. */
  readonly firstNewMs: number
  /** The last answer of the one before; `undefined`: none came since. */
  readonly lastOldMs: number | undefined
  /** The longest time in which nothing was answered well; 0: every request was. */
  readonly awayMs: number
}

/** Who answered until a moment, and who answered later for the first time. Moments in milliseconds since the start of the measurement. */
export function releasesAround(samples: readonly Sample[], moment: number): { old: Set<string>; fresh: Set<string> } {
  const old = new Set<string>()
  const fresh = new Set<string>()
  for (const sample of samples) {
    if (sample.version !== undefined && received(sample) <= moment) old.add(sample.version)
  }
  for (const { version } of samples) if (version !== undefined && !old.has(version)) fresh.add(version)
  return { old, fresh }
}

/** What the answers say of a command; `undefined`: no other release answered. */
export function arrivalOf(
  samples: readonly Sample[],
  { began, ended }: { readonly began: number; readonly ended: number },
): Arrival | undefined {
  const { old, fresh } = releasesAround(samples, began)
  const since = (releases: ReadonlySet<string>) =>
    samples
      .filter(({ version }) => version !== undefined && releases.has(version))
      .map(sample => received(sample) - began)
  const [news, olds] = [since(fresh), since(old).filter(ms => ms >= 0)]
  if (news.length === 0) return undefined
  return {
    before: [...old],
    after: [...fresh],
    commandMs: ended - began,
    firstNewMs: Math.min(...news),
    lastOldMs: olds.length === 0 ? undefined : Math.max(...olds),
    awayMs: summarise(samples).longestGap?.ms ?? 0,
  }
}

function received({ due, ms }: Sample): number {
  return due + ms
}
