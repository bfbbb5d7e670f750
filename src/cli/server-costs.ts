/** How long a server that is paid for has been there. */
export interface ServerCost {
  readonly name: string
  /** The size that is paid for. */
  readonly flavor: string
  /** Since it was made, one digit behind the point; a server that is stopped counts, as clouds count it. */
  readonly hours: number
  /** ISO 8601; undefined: it stays. */
  readonly expiresAt: string | undefined
}

/** The servers of `servers.json` that have a flavor, with their hours so far. */
export function serverCosts(servers: unknown, now: number): ServerCost[] {
  if (!Array.isArray(servers)) return []
  return servers.flatMap((server: unknown) => {
    const { name, flavor, createdAt, expiresAt } = words(server)
    if (name === undefined || flavor === undefined || createdAt === undefined) return []
    const hours = Math.round(Math.max(0, now - Date.parse(createdAt)) / 360_000) / 10
    return [{ name, flavor, hours, expiresAt }]
  })
}

/** A row for each server, and the sum of all as a sentence. */
export function costRows(costs: readonly ServerCost[], now: number): { rows: string[][]; sum: string } {
  const rows = costs.map(({ name, flavor, hours, expiresAt }) => [name, flavor, hours.toFixed(1), left(expiresAt, now)])
  const sums = new Map<string, number>()
  for (const { flavor, hours } of costs) sums.set(flavor, (sums.get(flavor) ?? 0) + hours)
  const sum = [...sums].map(([flavor, hours]) => `${hours.toFixed(1)} hours of ${flavor}`).join(', ')
  return { rows, sum: `Cost to date: ${sum}\n` }
}

function left(expiresAt: string | undefined, now: number): string {
  if (expiresAt === undefined) return 'never'
  const minutes = Math.round((Date.parse(expiresAt) - now) / 60_000)
  const span = Math.abs(minutes) < 60 ? `${Math.abs(minutes)}m` : `${Math.round(Math.abs(minutes) / 60)}h`
  return minutes < 0 ? `OVER for ${span}` : `in ${span}`
}

function words(value: unknown): Readonly<Record<string, string | undefined>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === 'string'))
}
