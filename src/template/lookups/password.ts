import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { text } from '../filters/coerce.ts'
import { passwordHash } from '../python/crypt.ts'
import { failure } from '../python/fail.ts'
import { iterate } from '../python/iterate.ts'
import { mersenne } from '../python/mersenne.ts'
import { asInt } from '../python/numbers.ts'
import type { Keywords } from '../python/values.ts'

/** A password kept in a file, made when the file is not there yet; `/dev/null` keeps nothing. */
export function password(term: string, kwargs: Keywords, searchPath: readonly string[]): string {
  const [name = '', ...pairs] = term.split(/\s+/)
  const given = new Map(pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  const option = (key: string): unknown => given.get(key) ?? kwargs[key]
  const path = isAbsolute(name) ? name : join(searchPath[0] ?? resolve('.'), name)
  const size = option('length') === undefined ? 20 : asInt(Number(text(option('length'))))
  const kept = path !== '/dev/null' && existsSync(path) ? read(path) : undefined
  const plain = kept?.plain ?? make(size, alphabet(option('chars')), option('seed'))
  const encrypt = option('encrypt')
  const salt =
    kept?.salt ?? (encrypt === undefined || encrypt === null ? undefined : make(8, letters + digits, undefined))
  if (!kept && path !== '/dev/null') write(path, plain, salt)
  if (encrypt === undefined || encrypt === null) return plain
  return passwordHash(plain, text(encrypt), { salt: salt ?? '', rounds: undefined })
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const digits = '0123456789'
const named: Readonly<Record<string, string>> = {
  ascii_letters: letters,
  ascii_lowercase: letters.slice(0, 26),
  ascii_uppercase: letters.slice(26),
  digits,
  hexdigits: `${digits}abcdefABCDEF`,
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}

/** Names of character classes and characters themselves; without any: letters, digits and `.,:-_`. */
function alphabet(chars: unknown): string {
  if (chars === undefined || chars === null) return `${letters}${digits}.,:-_`
  const parts =
    typeof chars === 'string'
      ? chars
          .replaceAll(',,', ',')
          .split(',')
          .filter(part => part !== '')
      : iterate(chars).map(text)
  const all = parts.map(part => named[part] ?? part).join('')
  if (all === '') throw failure('value', 'password needs at least one character to choose from')
  return all
}

function make(size: number, from: string, seed: unknown): string {
  const chance = seed === undefined || seed === null ? undefined : mersenne(text(seed))
  return Array.from({ length: size }, () => from[chance ? chance.below(from.length) : randomInt(from.length)]).join('')
}

function read(path: string): { plain: string; salt: string | undefined } {
  const [, plain = '', salt] = /^(.*?)(?: salt=(\S+))?$/s.exec(readFileSync(path, 'utf8').trimEnd()) ?? []
  return { plain, salt }
}

function write(path: string, plain: string, salt: string | undefined): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, `${plain}${salt === undefined ? '' : ` salt=${salt}`}\n`, { mode: 0o600 })
}
