import { isIPv6 } from 'node:net'

const MOST_HOSTS = 100_000
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** The hosts that an inventory's host text stands for, or what is wrong with it. */
export type ExpandedHosts = { readonly names: readonly string[]; readonly port?: number } | { readonly problem: string }

/** Opens ranges and takes the port off: `web[01:03]:2222`, `db-[a:f]`, `[::1]:22`. */
export function expandHosts(text: string): ExpandedHosts {
  if (!/[[\]:]/.test(text)) return { names: [text] }
  const { host, port } = splitPort(text)
  if (host.endsWith(':')) return { problem: `a host name cannot end with \`:\`, which stands before a port` }
  // to ask is dear the first time
  const names = host.includes(':') && isIPv6(host) ? [host] : expandRanges(host)
  if (typeof names === 'string') return { problem: names }
  return port === undefined ? { names } : { names, port }
}

function splitPort(text: string): { host: string; port?: number } {
  const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::(\d+))?$/.exec(text)
  if (bracketed && isIPv6(bracketed[1] ?? '')) return withPort(bracketed[1] ?? '', bracketed[2])
  const plain = text.replace(/\[[^\]]*\]/g, range => '-'.repeat(range.length))
  const colon = plain.indexOf(':')
  if (colon === -1 || plain.indexOf(':', colon + 1) !== -1 || !/^\d+$/.test(plain.slice(colon + 1))) {
    return { host: text }
  }
  return withPort(text.slice(0, colon), plain.slice(colon + 1))
}

function withPort(host: string, port: string | undefined): { host: string; port?: number } {
  return port === undefined ? { host } : { host, port: Number(port) }
}

/** The names, or a sentence about what is wrong. */
function expandRanges(text: string): string[] | string {
  let names = ['']
  let rest = text
  for (;;) {
    const range = /^([^[]*)\[([^\]]*)\](.*)$/.exec(rest)
    if (!range) break
    const [, head = '', inside = '', tail = ''] = range
    const members = openRange(inside)
    if (typeof members === 'string') return members
    if (names.length * members.length > MOST_HOSTS) return `the range stands for more than ${MOST_HOSTS} hosts`
    names = names.flatMap(name => members.map(member => name + head + member))
    rest = tail
  }
  if (/[[\]]/.test(rest)) return 'a range needs both brackets: `web[1:3]`'
  return names.map(name => name + rest)
}

function openRange(text: string): string[] | string {
  const bounds = text.split(':')
  const [first = '', last = '', stepText = '1'] = bounds
  if (bounds.length < 2 || bounds.length > 3)
    return `a range is written [first:last] or [first:last:step], not [${text}]`
  if (last === '') return `the range [${text}] has no end`
  if (!/^[1-9]\d*$/.test(stepText)) return `the step of the range [${text}] must be a whole number above 0`
  const step = Number(stepText)
  if (/^\d*$/.test(first) && /^\d+$/.test(last)) return openNumbers(first, last, step)
  const [from, to] = [LETTERS.indexOf(first), LETTERS.indexOf(last)]
  if (first.length !== 1 || last.length !== 1 || from === -1 || to === -1) {
    return `a range runs over numbers or single letters, not [${text}]`
  }
  if (from > to) return `the range [${text}] ends before it begins`
  return [...LETTERS.slice(from, to + 1)].filter((_, i) => i % step === 0)
}

function openNumbers(first: string, last: string, step: number): string[] | string {
  const padded = first.length > 1 && first.startsWith('0')
  if (padded && first.length !== last.length) return `both ends of the range [${first}:${last}] need as many digits`
  const [from, to] = [Number(first), Number(last)]
  if (from > to) return `the range [${first}:${last}] ends before it begins`
  if ((to - from) / step > MOST_HOSTS) return `the range stands for more than ${MOST_HOSTS} hosts`
  const numbers: string[] = []
  for (let n = from; n <= to; n += step) numbers.push(padded ? String(n).padStart(first.length, '0') : String(n))
  return numbers
}
