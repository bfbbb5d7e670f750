import { ModuleFailure, type Result } from '../module.ts'
import type { FindArgs } from './find-args.ts'
import { globPattern } from './glob-pattern.ts'
import { pythonRegex, search } from './python-regex.ts'

export interface Found {
  readonly facts: Result
  readonly name: string
  readonly raw: number
  content?: Buffer | 'large' | undefined
}

/** How `age` is written. */
export const AGE = /^(-?\d+)([smhdw])?$/
/** How `size` is written. */
export const SIZE = /^(-?\d+)([bkmgt])?$/
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const BYTES: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Whether it is what the arguments look for. `now` is in seconds since 1970. */
export function isMeant({ facts, name, raw, content }: Found, args: FindArgs, now: number): boolean {
  const type = raw & 0o170000
  const wanted = { directory: 0o040000, file: 0o100000, link: 0o120000, any: type }[args.file_type]
  if (type !== wanted || (!args.hidden && name.startsWith('.')) || !isNamed(name, args)) return false
  if (args.age !== undefined) {
    const age = amount(args.age, AGE, SECONDS)
    const is = now - Number(facts[args.age_stamp])
    if (age >= 0 && !args.age.startsWith('-') ? is < age : is > Math.abs(age)) return false
  }
  if (args.size !== undefined && type === 0o100000) {
    const size = amount(args.size, SIZE, BYTES)
    const is = Number(facts['size'])
    if (size >= 0 && !args.size.startsWith('-') ? is < size : is > Math.abs(size)) return false
  }
  if (args.contains === undefined || args.file_type !== 'file') return true
  if (content === 'large') {
    throw new ModuleFailure(`${String(facts['path'])} is too large to search in: use grep for files over 4 MB`)
  }
  return content !== undefined && holds(content.toString(), args.contains, args.read_whole_file)
}

function isNamed(name: string, { patterns, excludes = [], use_regex }: FindArgs): boolean {
  const fits = (pattern: string) => (use_regex ? begins(name, pattern) : globPattern(pattern).test(name))
  if (patterns.length > 0 && !patterns.some(fits)) return false
  return !excludes.some(fits)
}

function holds(text: string, pattern: string, whole: boolean): boolean {
  if (whole) return search(pythonRegex(pattern), text) !== undefined
  return text.split(/(?<=\n)/).some(line => begins(line, pattern))
}

/** Python's `match`: the expression is found at the very beginning. */
function begins(text: string, pattern: string): boolean {
  return search(pythonRegex(pattern, { anchored: true }), text) !== undefined
}

function amount(text: string, form: RegExp, units: Readonly<Record<string, number>>): number {
  const [, number, unit = ''] = form.exec(text.toLowerCase()) ?? []
  return Number(number) * (units[unit] ?? 1)
}
