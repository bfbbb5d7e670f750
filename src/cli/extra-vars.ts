import { MlopsError } from '../errors.ts'
import { splitWords } from '../shell/words.ts'
import { load } from '../source/load.ts'
import { data } from '../source/node.ts'
import { parse } from '../source/parse.ts'

/** The values of `-e`: `name=value …` (text), JSON or YAML in braces, `@file`. Later ones win. */
export function extraVars(given: readonly string[]): Record<string, unknown> {
  const vars: Record<string, unknown> = {}
  for (const text of given) Object.assign(vars, one(text.trim()))
  return vars
}

function one(text: string): Record<string, unknown> {
  if (text.startsWith('@')) return dictionary(data(load(text.slice(1)).root), text)
  if (text.startsWith('{') || text.startsWith('[')) {
    const [document] = parse(text, '--extra-vars')
    return dictionary(document ? data(document.root) : undefined, text)
  }
  return Object.fromEntries(
    splitWords(text).map(word => {
      const equals = word.indexOf('=')
      if (equals < 1) {
        throw new MlopsError('cli.extra-vars', `--extra-vars \`${word}\` is not name=value`, {
          hint: 'quote values with blanks: -e \'name="two words"\'; JSON and @file work, too',
        })
      }
      return [word.slice(0, equals), word.slice(equals + 1)]
    }),
  )
}

function dictionary(value: unknown, text: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown> // data of a map
  throw new MlopsError('cli.extra-vars', `--extra-vars ${text} is no dictionary`)
}
