import { MlopsError, type Position } from '../errors.ts'
import type { TemplateOptions } from './environment.ts'
import { filterNamed, unknownFilter } from './filters/registry.ts'
import { hasTemplate } from './has-template.ts'
import { visit } from './language/names.ts'
import type { Expression, Statement } from './language/nodes.ts'
import { locate } from './language/place.ts'
import { lookupNamed, lookupNames, unknownLookup } from './lookups/registry.ts'
import { bareProgramOf, programOf } from './programs.ts'
import { testNamed, unknownTest } from './tests/registry.ts'

/** Everything that is wrong with a template and can be seen without evaluating it: its syntax, and names of filters, tests and lookups. */
export function check(text: string, at?: Position, options: TemplateOptions = {}): MlopsError[] {
  if (!hasTemplate(text)) return []
  return checked(text, { ...options, at }, given => programOf(text, given).statements)
}

/** The same for an expression without braces. */
export function checkExpression(text: string, at?: Position, options: TemplateOptions = {}): MlopsError[] {
  if (text.trim() === '') return []
  if (hasTemplate(text)) return check(text, at, options)
  return checked(text, { ...options, at }, given => [
    { kind: 'output', expression: bareProgramOf(text, given).expression, offset: 0 },
  ])
}

function checked(
  text: string,
  options: TemplateOptions,
  parse: (options: TemplateOptions) => readonly Statement[],
): MlopsError[] {
  const errors: MlopsError[] = []
  const report = (error: MlopsError, offset: number): void => {
    const located = locate(error, { text, at: options.at }, offset)
    errors.push(located instanceof MlopsError ? located : error)
  }
  try {
    visit(parse(options), {
      expression: node => checkNames(node, options, report),
      filter: ({ name, offset }) => {
        if (!filterNamed(name)) report(unknownFilter(name), offset)
      },
    })
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    errors.push(error)
  }
  return errors
}

type Report = (error: MlopsError, offset: number) => void

function checkNames(node: Expression, options: TemplateOptions, report: Report): void {
  if (node.kind === 'filter' && !filterNamed(node.name)) report(unknownFilter(node.name), node.offset)
  if (node.kind === 'test' && !testNamed(node.name)) report(unknownTest(node.name), node.offset)
  if (node.kind !== 'call' || node.of.kind !== 'name' || !['lookup', 'query', 'q'].includes(node.of.name)) return
  const [first] = node.args.positional
  if (first?.kind !== 'constant' || typeof first.value !== 'string') return
  const known = lookupNamed(first.value, options) ?? lookupNames.includes(first.value)
  if (!known) report(unknownLookup(first.value, options), first.offset)
}
