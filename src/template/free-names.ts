import { MlopsError } from '../errors.ts'
import { hasTemplate } from './has-template.ts'
import { namesRead, namesSet, visit } from './language/names.ts'
import type { Expression, Statement } from './language/nodes.ts'
import { bareProgramOf, programOf } from './programs.ts'

/** Names that a text reads from outside, and those among them that it does without when they are not defined. */
export interface FreeNames {
  readonly read: ReadonlySet<string>
  readonly guarded: ReadonlySet<string>
}

const nothing: FreeNames = { read: new Set(), guarded: new Set() }

/** The names of a template; of an expression without braces when `bare`. None where the text cannot be read. */
export function freeNames(text: string, bare = false): FreeNames {
  if (!bare && !hasTemplate(text)) return nothing
  try {
    const body: readonly Statement[] =
      bare && !hasTemplate(text)
        ? [{ kind: 'output', expression: bareProgramOf(text, {}).expression, offset: 0 }]
        : programOf(text, {}).statements
    return namesOf(body)
  } catch (error) {
    if (error instanceof MlopsError) return nothing
    throw error
  }
}

function namesOf(body: readonly Statement[]): FreeNames {
  const set = namesSet(body)
  const read = new Set([...namesRead(body)].filter(name => !set.has(name)))
  const guarded = new Set<string>()
  visit(body, {
    expression: node => {
      const name = isGuard(node) ? rootName(node.of) : undefined
      if (name !== undefined) guarded.add(name)
    },
  })
  return { read, guarded }
}

function isGuard(node: Expression): node is Extract<Expression, { kind: 'test' | 'filter' }> {
  if (node.kind === 'test') return ['defined', 'undefined'].includes(node.name)
  return node.kind === 'filter' && ['default', 'd', 'ansible.builtin.default'].includes(node.name)
}

function rootName(node: Expression | undefined): string | undefined {
  if (node?.kind === 'name') return node.name
  return node?.kind === 'attribute' || node?.kind === 'item' ? rootName(node.of) : undefined
}
