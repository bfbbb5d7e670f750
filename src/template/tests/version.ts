import { failure, valueFailure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'
import { str } from '../python/print.ts'

export interface VersionQuestion {
  readonly left: string
  readonly right: string
  /** `<`, `lt`, `==`, … */
  readonly operator: string
  readonly strict?: unknown
  /** loose (the default), strict, semver, semantic or pep440. */
  readonly type?: unknown
}

/** Ansible's test `version`. */
export function compareVersions({ left, right, operator, strict, type }: VersionQuestion): boolean {
  if (left === '' || right === '') throw valueFailure(`version needs two versions, got '${left}' and '${right}'`)
  const judge = Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (!judge) {
    throw failure('value', `version does not know the operator ${operator}`, {
      hint: Object.keys(operators).join(', '),
    })
  }
  if ((strict ?? null) !== null && (type ?? null) !== null)
    throw valueFailure("Cannot specify both 'strict' and 'version_type'")
  const kind = type === undefined || type === null ? (truth(strict ?? false) ? 'strict' : 'loose') : str(type)
  return judge(orderOf(kind)(left, right))
}

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '==': n => n === 0,
  '=': n => n === 0,
  eq: n => n === 0,
  '<': n => n < 0,
  lt: n => n < 0,
  '<=': n => n <= 0,
  le: n => n <= 0,
  '>': n => n > 0,
  gt: n => n > 0,
  '>=': n => n >= 0,
  ge: n => n >= 0,
  '!=': n => n !== 0,
  '<>': n => n !== 0,
  ne: n => n !== 0,
}

function orderOf(kind: string): (left: string, right: string) => number {
  switch (kind) {
    case 'loose':
      return loose
    case 'strict':
      return strictly
    case 'semver':
    case 'semantic':
      return semantic
    case 'pep440':
      return pep440
    default:
      throw valueFailure(`version knows the types loose, strict, semver and pep440, not ${kind}`)
  }
}

type Part = number | string

/** Numbers and words in turn, compared one by one. */
function loose(left: string, right: string): number {
  const parts = (version: string): Part[] =>
    (version.match(/\d+|[a-z]+|[^\da-z.]+/gi) ?? []).map(part => (/^\d+$/.test(part) ? Number(part) : part))
  return compareParts(parts(left), parts(right), (a, b) => {
    throw failure('type', `the versions ${left} and ${right} cannot be compared: ${a} with ${b}`, {
      hint: "version_type='semver' or 'pep440' compares such versions",
    })
  })
}

function strictly(left: string, right: string): number {
  const parts = (version: string): Part[] => {
    const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version)
    if (!match) throw valueFailure(`invalid version number '${version}'`)
    const [, major, minor, patch = '0', letter = 'final', number = '0'] = match
    return [Number(major), Number(minor), Number(patch), letter, Number(number)]
  }
  return compareParts(parts(left), parts(right))
}

/** Semantic versioning 2.0, section 11. */
function semantic(left: string, right: string): number {
  const [a, b] = [left, right].map(version => {
    const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([\da-z.-]+))?(?:\+[\da-z.-]+)?$/i.exec(version)
    if (!match) throw valueFailure(`invalid semantic version '${version}'`)
    return { numbers: match.slice(1, 4).map(Number), before: match[4] }
  })
  if (!a || !b) return 0
  const release = compareParts(a.numbers, b.numbers)
  if (release !== 0 || a.before === b.before) return release
  if (a.before === undefined) return 1
  if (b.before === undefined) return -1
  const parts = (text: string): Part[] => text.split('.').map(part => (/^\d+$/.test(part) ? Number(part) : part))
  return compareParts(parts(a.before), parts(b.before), (x, y) =>
    typeof x === 'number' && typeof y === 'string' ? -1 : 1,
  )
}

/** PEP 440: epoch, release, then dev < pre < nothing < post. */
function pep440(left: string, right: string): number {
  const key = (version: string): Part[] => {
    const match =
      /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:(?:[-_.]?(?:post|rev|r)[-_.]?|-)(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+.*)?$/i.exec(
        version.trim(),
      )
    if (!match) throw valueFailure(`invalid version: '${version}'`)
    const [, epoch = '0', release = '', letter, number, post, dev] = match
    const numbers = release.split('.').map(Number)
    while (numbers.length < 8) numbers.push(0)
    const pre = letter === undefined ? (post === undefined && dev !== undefined ? -1 : 9) : 'abr'.indexOf(stage(letter))
    return [
      Number(epoch),
      ...numbers,
      pre,
      Number(number || 0),
      post === undefined ? -1 : Number(post || 0),
      dev === undefined ? Number.POSITIVE_INFINITY : Number(dev || 0),
    ]
  }
  return compareParts(key(left), key(right))
}

function stage(letter: string): string {
  const first = letter[0]?.toLowerCase() ?? ''
  return first === 'c' || first === 'p' || first === 'r' ? 'r' : first
}

function compareParts(
  a: readonly Part[],
  b: readonly Part[],
  mixed: (x: Part, y: Part) => number = (x, y) => (String(x) < String(y) ? -1 : 1),
): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0]
    if (x === y) continue
    if (typeof x !== typeof y) return mixed(x, y)
    return x < y ? -1 : 1
  }
  return a.length - b.length
}
