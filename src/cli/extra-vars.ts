import { MlopsError } from '../errors.ts'
import { parseKeyValues } from '../playbook/key-values.ts'
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
  const read = parseKeyValues(text)
  if (read === undefined || read.rest !== '') {
    throw new MlopsError('cli.extra-vars', `--extra-vars \`${read?.rest ?? text}\` is not name=value`, {
      hint: 'quote values with blanks: -e \'name="two words"\'; JSON and @file work, too',
    })
  }
  return Object.fromEntries(read.pairs)
}

function dictionary(value: unknown, text: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown> // data of a map
  throw new MlopsError('cli.extra-vars', `--extra-vars ${text} is no dictionary`)
}
