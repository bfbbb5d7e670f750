import { createHash, randomBytes } from 'node:crypto'
import { type Filter, filter } from '../environment.ts'
import { passwordHash } from '../python/crypt.ts'
import { defined, typeFailure, valueFailure } from '../python/fail.ts'
import { iterate } from '../python/iterate.ts'
import { mersenne, type Random } from '../python/mersenne.ts'
import { asInt } from '../python/numbers.ts'
import { str } from '../python/print.ts'
import { typeName } from '../python/types.ts'
import { isInt } from '../python/values.ts'
import { optional, text } from './coerce.ts'

/** Filters that choose by chance; with a seed, as Python's generator would. */
export const randomFilters: Readonly<Record<string, Filter>> = {
  random: filter(['start', 'step', 'seed'], (value, [start, step, seed]) => {
    const chance = generator(seed)
    if (isInt(defined(value)) || typeof value === 'boolean') {
      const [from, by] = [
        start === undefined || start === null ? 0 : asInt(start),
        step === undefined || step === null ? 1 : asInt(step),
      ]
      const count = Math.ceil((asInt(value) - from) / by)
      if (count <= 0) throw valueFailure('random has nothing to choose from')
      return from + by * chance.below(count)
    }
    if (typeof value !== 'string' && !Array.isArray(value))
      throw typeFailure(`random needs an int or a list, got ${typeName(value)}`)
    if ((start !== undefined && start !== null) || (step !== undefined && step !== null))
      throw valueFailure('start and step can only be used with an int')
    const items = iterate(value)
    if (items.length === 0) throw valueFailure('random has nothing to choose from')
    return items[chance.below(items.length)]
  }),
  shuffle: filter(['seed'], (value, [seed]) => {
    const items = [...iterate(value)]
    const chance = generator(seed)
    for (let i = items.length - 1; i > 0; i--) {
      const j = chance.below(i + 1)
      const held = items[i]
      items[i] = items[j]
      items[j] = held
    }
    return items
  }),
  random_mac: filter(['seed'], (value, [seed]) => randomMac(text(value), seed)),
  password_hash: filter(
    ['hashtype', 'salt', 'salt_size', 'rounds', 'ident'],
    (value, [kind = 'sha512', salt, size, rounds, ident]) =>
      passwordHash(text(value), text(kind), {
        salt: optional(salt),
        saltSize: size === undefined || size === null ? undefined : asInt(size),
        rounds: rounds === undefined || rounds === null ? undefined : asInt(rounds),
        ident: optional(ident),
      }),
  ),
}

/** A generator of its own with a seed; without, numbers that nobody can foresee. */
function generator(seed: unknown): Random {
  if (seed === undefined || seed === null) return mersenne(randomBytes(32).toString('hex'))
  return mersenne(isInt(seed) ? seed : str(seed))
}

function randomMac(prefix: string, seed: unknown): string {
  const parts = prefix.toLowerCase().replace(/:+$/, '').split(':')
  if (parts.length > 5 || parts.some(part => !/^[\da-f]{1,2}$/.test(part))) {
    throw valueFailure(`random_mac needs the first one to five bytes of an address, not ${prefix}`)
  }
  const digits = (6 - parts.length) * 2
  const made = seed === undefined || seed === null ? randomBytes(6) : createHash('sha256').update(str(seed)).digest()
  const rest = made.toString('hex').slice(0, digits).match(/../g) ?? []
  return [...parts, ...rest].join(':')
}
