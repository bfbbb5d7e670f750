import { valueFailure } from './fail.ts'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** A time zone of a moment: minutes ahead of UTC, and its short name. */
export interface Zone {
  readonly minutes: number
  readonly name: string
}

/** C's `strftime` in the C locale; `ms` since 1970 as if its clock were UTC's. Without a zone, `%z` and `%Z` are empty. */
export function strftime(format: string, ms: number, zone?: Zone): string {
  const date = new Date(ms)
  return format.replace(/%([-_0^#]?)(.)/gs, (whole, flag: string, letter: string) => {
    const text = directive(letter, date, zone)
    if (text === undefined) return whole
    if (flag === '-') return text.replace(/^[0 ]+(?=.)/, '')
    return flag === '^' ? text.toUpperCase() : text
  })
}

/** Python's `strptime`: milliseconds since 1970 as if the clock were UTC's. Throws `template.value`. */
export function parseTime(text: string, format: string): number {
  const letters: string[] = []
  const source = format.replace(/%(.)|[\\^$.*+?()[\]{}|]|\s+/gs, (whole, letter?: string) => {
    if (letter === undefined) return /\s/.test(whole) ? '\\s+' : `\\${whole}`
    if (letter === '%') return '%'
    const pattern = patterns[letter]
    if (pattern === undefined) throw valueFailure(`'${letter}' is a bad directive in format '${format}'`)
    letters.push(letter)
    return `(${pattern})`
  })
  const match = new RegExp(`^${source}$`, 'i').exec(text)
  if (!match) throw valueFailure(`time data '${text}' does not match format '${format}'`)
  const of = new Map(letters.map((letter, i) => [letter, match[i + 1] ?? '']))
  return fromParts(of)
}

function directive(letter: string, date: Date, zone: Zone | undefined): string | undefined {
  const hour = date.getUTCHours()
  const year = date.getUTCFullYear()
  switch (letter) {
    case 'Y':
      return String(year)
    case 'C':
      return two(Math.floor(year / 100))
    case 'y':
      return two(year % 100)
    case 'm':
      return two(date.getUTCMonth() + 1)
    case 'd':
      return two(date.getUTCDate())
    case 'e':
      return String(date.getUTCDate()).padStart(2, ' ')
    case 'H':
      return two(hour)
    case 'I':
      return two(hour % 12 || 12)
    case 'M':
      return two(date.getUTCMinutes())
    case 'S':
      return two(date.getUTCSeconds())
    case 'f':
      return String(date.getUTCMilliseconds() * 1000).padStart(6, '0')
    case 'p':
      return hour < 12 ? 'AM' : 'PM'
    case 'A':
      return days[date.getUTCDay()] ?? ''
    case 'a':
      return days[date.getUTCDay()]?.slice(0, 3) ?? ''
    case 'B':
      return months[date.getUTCMonth()] ?? ''
    case 'b':
    case 'h':
      return months[date.getUTCMonth()]?.slice(0, 3) ?? ''
    case 'j':
      return String(dayOfYear(date) + 1).padStart(3, '0')
    case 'u':
      return String(date.getUTCDay() || 7)
    case 'w':
      return String(date.getUTCDay())
    case 'U':
      return two(Math.floor((dayOfYear(date) + 7 - date.getUTCDay()) / 7))
    case 'W':
      return two(Math.floor((dayOfYear(date) + 7 - ((date.getUTCDay() + 6) % 7)) / 7))
    case 'V':
      return two(isoWeek(date).week)
    case 'G':
      return String(isoWeek(date).year)
    case 's':
      return String(Math.floor(date.getTime() / 1000) - (zone?.minutes ?? 0) * 60)
    case 'D':
      return strftime('%m/%d/%y', date.getTime())
    case 'F':
      return strftime('%Y-%m-%d', date.getTime())
    case 'T':
    case 'X':
      return strftime('%H:%M:%S', date.getTime())
    case 'R':
      return strftime('%H:%M', date.getTime())
    case 'c':
      return strftime('%a %b %e %H:%M:%S %Y', date.getTime())
    case 'x':
      return strftime('%m/%d/%y', date.getTime())
    case 'z':
      return zone === undefined ? '' : offsetText(zone.minutes)
    case 'Z':
      return zone?.name ?? ''
    case 'n':
      return '\n'
    case 't':
      return '\t'
    case '%':
      return '%'
  }
  return undefined
}

const patterns: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  y: '\\d{2}',
  m: '1[0-2]|0?[1-9]',
  d: '3[01]|[12]\\d|0?[1-9]| [1-9]',
  H: '2[0-3]|[01]?\\d',
  I: '1[0-2]|0?[1-9]',
  M: '[0-5]?\\d',
  S: '6[01]|[0-5]?\\d',
  f: '\\d{1,6}',
  p: 'am|pm',
  b: months.map(month => month.slice(0, 3)).join('|'),
  B: months.join('|'),
  a: days.map(day => day.slice(0, 3)).join('|'),
  A: days.join('|'),
  j: '\\d{1,3}',
  z: '[+-]\\d{2}:?\\d{2}|Z',
  Z: 'UTC|GMT|[A-Z]{3,4}',
}

function fromParts(of: ReadonlyMap<string, string>): number {
  const number = (letter: string, standard: number): number => (of.has(letter) ? Number(of.get(letter)) : standard)
  const short = of.get('y')
  const year = short === undefined ? number('Y', 1900) : Number(short) + (Number(short) < 69 ? 2000 : 1900)
  const named = (of.get('b') ?? of.get('B'))?.slice(0, 3).toLowerCase()
  const month = named === undefined ? number('m', 1) : months.findIndex(m => m.slice(0, 3).toLowerCase() === named) + 1
  const afternoon = of.get('p')?.toLowerCase() === 'pm' ? 12 : 0
  const hour = of.has('I') ? (number('I', 0) % 12) + afternoon : number('H', 0)
  const ms = Math.floor(Number((of.get('f') ?? '0').padEnd(6, '0')) / 1000)
  const start = of.has('j') ? Date.UTC(year, 0, number('j', 1)) : Date.UTC(year, month - 1, number('d', 1))
  if (!of.has('j') && new Date(start).getUTCMonth() !== month - 1) throw valueFailure('day is out of range for month')
  return start + ((hour * 60 + number('M', 0)) * 60 + number('S', 0)) * 1000 + ms
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000)
}

function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000)
  return { year: thursday.getUTCFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 }
}

function offsetText(minutes: number): string {
  const ahead = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}${two(ahead % 60)}`
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
