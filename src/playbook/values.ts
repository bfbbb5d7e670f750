import { didYouMean } from '../near.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { data, keyText, type MapNode, type ScalarNode, type SourceNode } from '../source/node.ts'
import { formerKeywords, type KeywordType } from './keyword-table.ts'
import type { Problems } from './problems.ts'
import { checkExpression, checkRewritten, checkTemplates } from './templates.ts'
import type { Condition, Written } from './types.ts'

/** A node's value with the place that templates in it are told to stand at. */
export function written(node: SourceNode): Written {
  return { value: data(node), at: node.kind === 'scalar' ? node.templateAt : node.at }
}

/** Whether a key stands there without a value, which counts as not said. */
export function isEmpty(node: SourceNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null)
}

/** The value of a keyword, converted where it is no template. Undefined when it is not given or wrong. */
export function keyword(map: MapNode, name: string, { type, problems }: Typed): Written | undefined {
  const node = map.get(name)
  if (node === undefined || isEmpty(node)) return undefined
  problems.add(checkTemplates(node))
  const { value, at } = written(node)
  if (holdsTemplate(value)) return { value, at }
  const converted = node.kind === 'scalar' ? convert(value, type, node) : undefined
  if (converted !== undefined) return { value: converted, at }
  const is = node.kind === 'scalar' ? `\`${node.sourceText}\`` : node.kind === 'map' ? 'a mapping' : 'a list'
  problems.error('keyword-type', `\`${name}\` must be ${typeWords[type]}, not ${is}`, { at: node.at })
  return undefined
}

interface Typed {
  readonly type: Exclude<KeywordType, 'special'>
  readonly problems: Problems
}

const typeWords = {
  bool: 'yes or no',
  int: 'a whole number',
  float: 'a number',
  percent: 'a percentage',
  text: 'a text',
}
const truths: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  y: true,
  t: true,
  1: true,
  no: false,
  off: false,
  false: false,
  n: false,
  f: false,
  0: false,
}

function convert(value: unknown, type: Typed['type'], node: ScalarNode): unknown {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? value : truths[String(value).toLowerCase()]
    case 'int':
    case 'float': {
      const number = typeof value === 'boolean' || String(value).trim() === '' ? Number.NaN : Number(value)
      return Number.isNaN(number) || (type === 'int' && !Number.isInteger(number)) ? undefined : number
    }
    case 'percent':
      return convert(typeof value === 'string' ? value.replace(/%$/, '') : value, 'float', node)
    case 'text':
      return typeof value === 'string' ? value : node.sourceText
    default:
      return type satisfies never
  }
}

/** A text, also when YAML read it as a number or boolean. Undefined (and told) when it is a list or mapping. */
export function text(node: SourceNode | undefined, name: string, problems: Problems): Written<string> | undefined {
  if (node === undefined || isEmpty(node)) return undefined
  if (node.kind !== 'scalar') {
    problems.error('keyword-type', `\`${name}\` must be a text, not a ${node.kind === 'map' ? 'mapping' : 'list'}`, {
      at: node.at,
    })
    return undefined
  }
  problems.add(checkTemplates(node))
  return { value: plainText(node), at: node.templateAt }
}

function plainText(node: ScalarNode): string {
  return typeof node.value === 'string' ? node.value : node.sourceText
}

/** A list of texts; a single text counts as a list of one, and with `comma` as several. */
export function texts(
  node: SourceNode | undefined,
  name: string,
  { problems, comma = false }: { problems: Problems; comma?: boolean },
): Written<string>[] {
  if (node === undefined || isEmpty(node)) return []
  const items = node.kind === 'seq' ? node.items : [node]
  return items.flatMap(item => {
    const one = text(item, name, problems)
    if (one === undefined) return []
    if (!comma || !one.value.includes(',') || holdsTemplate(one.value)) return [one]
    return one.value.split(',').map(part => ({ value: part.trim(), at: one.at }))
  })
}

/** Conditions (`when`, `until`, …): one or a list, of expressions or booleans. */
export function conditions(node: SourceNode | undefined, name: string, problems: Problems): Condition[] {
  if (node === undefined || isEmpty(node)) return []
  const items = node.kind === 'seq' ? node.items : [node]
  return items.flatMap(item => {
    if (item.kind !== 'scalar') {
      const is = item.kind === 'map' ? 'mapping' : 'list'
      const hint = is === 'mapping' ? 'quote the whole expression if it holds `: ` or begins with `{`' : undefined
      problems.error('keyword-type', `\`${name}\` must be an expression, not a ${is}`, { at: item.at, hint })
      return []
    }
    if (item.value === null || item.value === '') return []
    return [condition(item, name, problems)]
  })
}

function condition(node: ScalarNode, name: string, problems: Problems): Condition {
  const at = node.templateAt
  if (typeof node.value === 'boolean') return { value: node.value, at }
  const expression = plainText(node)
  if (!holdsTemplate(expression)) {
    problems.add(checkExpression(expression, node))
    return { value: expression, at }
  }
  problems.warn(`\`${name}\` is an expression already; it needs no braces`, at)
  // statements make an expression only while playing
  if (expression.includes('{%')) {
    problems.add(checkTemplates(node))
    return { value: expression, at }
  }
  const bare = withoutBraces(expression)
  const errors = checkTemplates(node)
  problems.add(errors.length > 0 ? errors : checkRewritten(bare, node))
  return { value: bare, at }
}

/** `{{ x }} == 1` → `(x) == 1`; inside quotes `'{{ x }}'` → `(x ~ '')`. */
export function withoutBraces(expression: string): string {
  const whole = /^\s*\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(expression)
  if (whole?.[1] !== undefined) return whole[1].trim()
  return expression
    .replace(/(["'])((?:(?!\1).)*?)\{\{(.*?)\}\}((?:(?!\1).)*?)\1/gs, (_, quote, before, inner, after) => {
      const parts = [before && `${quote}${before}${quote}`, `(${inner.trim()})`, `${quote}${after}${quote}`]
      return `(${parts.filter(Boolean).join(' ~ ')})`
    })
    .replace(/\{\{(.*?)\}\}/gs, (_, inner) => `(${inner.trim()})`)
}

/** Variables: a mapping, or (older) a list of mappings. `undefined` when nothing is given. */
export function variables(
  node: SourceNode | undefined,
  name: string,
  problems: Problems,
): Written<Readonly<Record<string, unknown>>> | undefined {
  if (node === undefined || isEmpty(node)) return undefined
  const maps = node.kind === 'seq' ? node.items : [node]
  const result: [string, unknown][] = []
  for (const map of maps) {
    if (map.kind !== 'map') {
      problems.error('keyword-type', `\`${name}\` must be a mapping of names to values`, { at: map.at })
      return undefined
    }
    for (const { key, value } of map.entries) {
      const variable = keyText(key)
      problems.add(checkTemplates(value))
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
        const hint = 'names have letters, digits and `_`, and do not begin with a digit'
        problems.error('variable-name', `\`${variable}\` cannot be a variable's name`, { at: key.at, hint })
      }
      result.push([variable, data(value)])
    }
  }
  return { value: Object.fromEntries(result), at: node.at }
}

/** Tells every key that is not among the known ones. */
export function refuseUnknown(
  map: MapNode,
  subject: string,
  { known, problems }: { known: readonly string[]; problems: Problems },
): void {
  for (const { key } of map.entries) {
    const name = keyText(key)
    if (known.includes(name)) continue
    problems.error('unknown-key', `unknown key \`${name}\` of ${subject}`, {
      at: key.at,
      hint: formerKeywords[name] ?? didYouMean(name, known) ?? `known keys: ${known.join(', ')}`,
    })
  }
}
