import { MlopsError } from '../errors.ts'

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** How many seconds ago a time was, of `90`, `10m`, `1h30m`, `2d`, or `2026-01-31T12:00:00Z`. Throws `logs.since`. */
export function secondsSince(text: string, now: number): number {
  if (/^\d+$/.test(text)) return Math.max(1, Number(text))
  const parts = /^(\d+[smhd])+$/.test(text) ? [...text.matchAll(/(\d+)([smhd])/g)] : []
  const seconds = parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units], 0) // one of the letters above
  if (parts.length > 0) return Math.max(1, seconds)
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(moment)) return Math.max(1, Math.ceil((now - moment) / 1000))
  throw new MlopsError('logs.since', `${text} is no time`, { hint: '10m, or 2026-01-31T12:00:00Z' })
}

/** The same as an option of `docker`, which takes a bare number for a moment and knows no days. Throws `logs.since`. */
export function sinceOption(text: string | undefined): string[] {
  return text === undefined ? [] : ['--since', `${secondsSince(text, Date.now())}s`]
}
