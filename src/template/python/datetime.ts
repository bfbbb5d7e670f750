import { failure, typeFailure } from './fail.ts'
import { asNumber } from './numbers.ts'
import { parseTime, strftime, type Zone } from './strftime.ts'
import { float, Instance, isInt, numeric, tuple } from './values.ts'

/** A `datetime` of Python's; `ms` since 1970 as if its clock were UTC's. */
export function datetime(ms: number): Instance {
  const date = new Date(ms)
  const methods: Readonly<Record<string, unknown>> = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: date.getUTCMilliseconds() * 1000,
    strftime: ([format]: readonly unknown[]) => strftime(String(format), ms),
    isoformat: ([separator = 'T']: readonly unknown[]) => isoText(ms, String(separator)),
    timestamp: () => float(localMs(ms) / 1000),
    weekday: () => (date.getUTCDay() + 6) % 7,
    isoweekday: () => date.getUTCDay() || 7,
    date: () => datetime(Math.floor(ms / day) * day),
    toordinal: () => Math.floor(ms / day) + 719163,
    timetuple: () => tuple([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]),
    __sub__: ([other]: readonly unknown[]) => minus(ms, other),
    __add__: ([other]: readonly unknown[]) => plus(ms, other, 1),
  }
  return new Instance({
    type: 'datetime',
    value: ms,
    get: name => (Object.hasOwn(methods, name) ? methods[name] : undefined),
    text: () => isoText(ms, ' '),
  })
}

/** A `timedelta` of Python's. */
export function timedelta(ms: number): Instance {
  const days = Math.floor(ms / day)
  const seconds = Math.floor((ms - days * day) / 1000)
  const microseconds = Math.round((ms - days * day - seconds * 1000) * 1000)
  const methods: Readonly<Record<string, unknown>> = {
    days,
    seconds,
    microseconds,
    total_seconds: () => float(ms / 1000),
    __add__: ([other]: readonly unknown[]) => {
      return other instanceof Instance && other.value !== undefined ? timedelta(ms + other.value) : undefined
    },
    __sub__: ([other]: readonly unknown[]) => {
      return other instanceof Instance && other.value !== undefined ? timedelta(ms - other.value) : undefined
    },
  }
  return new Instance({
    type: 'timedelta',
    value: ms,
    get: name => (Object.hasOwn(methods, name) ? methods[name] : undefined),
    text: () => {
      const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
      const fraction = microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`
      return `${days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `}${clock}${fraction}`
    },
  })
}

/** What the clock of this machine shows at a moment, as milliseconds since 1970 if it were UTC's. */
export function localClock(ms: number): number {
  return ms - new Date(ms).getTimezoneOffset() * 60_000
}

/** `now(utc, format)`: the clock of this machine. */
export function currentTime(utc: boolean, format: string | undefined): unknown {
  const ms = utc ? Date.now() : localClock(Date.now())
  return format === undefined ? datetime(ms) : strftime(format, ms)
}

/** Python's `datetime.strptime`. */
export function parseDatetime(text: string, format: string): Instance {
  return datetime(parseTime(text, format))
}

/** The text of a moment; seconds since 1970, now when there are none. */
export function formatSeconds(format: string, seconds: unknown, utc: boolean): string {
  if (
    seconds !== undefined &&
    seconds !== null &&
    !isInt(seconds) &&
    numeric(seconds) === undefined &&
    typeof seconds !== 'string'
  ) {
    throw typeFailure('strftime needs seconds since 1970')
  }
  const ms =
    seconds === undefined || seconds === null
      ? Date.now()
      : (typeof seconds === 'string' ? Number(seconds) : asNumber(seconds)) * 1000
  if (Number.isNaN(ms)) throw failure('value', `strftime needs seconds since 1970, not ${String(seconds)}`)
  const zone = utc ? { minutes: 0, name: 'UTC' } : localZone(ms)
  return strftime(format, ms + zone.minutes * 60_000, zone)
}

function localZone(ms: number): Zone {
  const date = new Date(ms)
  const name = new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(date)
    .find(part => part.type === 'timeZoneName')?.value
  return { minutes: -date.getTimezoneOffset(), name: name ?? '' }
}

const day = 86_400_000

/** What the clock of this machine showed, back to milliseconds since 1970. */
function localMs(ms: number): number {
  const d = new Date(ms)
  return new Date(
    d.getUTCFullYear(),
    d.getUTCMonth(),
    d.getUTCDate(),
    d.getUTCHours(),
    d.getUTCMinutes(),
    d.getUTCSeconds(),
    d.getUTCMilliseconds(),
  ).getTime()
}

function isoText(ms: number, separator: string): string {
  const [date = '', time = ''] = new Date(ms).toISOString().replace('Z', '').split('T')
  return date + separator + (time.endsWith('.000') ? time.slice(0, 8) : `${time}000`)
}

function minus(ms: number, other: unknown): unknown {
  if (other instanceof Instance && other.type === 'datetime') return timedelta(ms - (other.value ?? 0))
  return plus(ms, other, -1)
}

function plus(ms: number, other: unknown, sign: 1 | -1): unknown {
  if (!(other instanceof Instance) || other.type !== 'timedelta') return undefined
  return datetime(ms + sign * (other.value ?? 0))
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
