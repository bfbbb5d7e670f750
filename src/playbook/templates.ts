import { MlopsError } from '../errors.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import type { ScalarNode, SourceNode } from '../source/node.ts'
import { check } from '../template/template.ts'

/** Syntax errors of every template inside a written value. */
export function checkTemplates(node: SourceNode): MlopsError[] {
  if (node.kind === 'seq') return node.items.flatMap(checkTemplates)
  if (node.kind === 'map') {
    return node.entries.flatMap(({ key, value }) => [...checkTemplates(key), ...checkTemplates(value)])
  }
  if (typeof node.value !== 'string' || !holdsTemplate(node.value)) return []
  return checkText(node.value, node, 0)
}

const before = '{{ '

/** Syntax errors of an expression that is written without braces. */
export function checkExpression(expression: string, node: ScalarNode): MlopsError[] {
  return checkText(`${before}${expression} }}`, node, before.length)
}

/** `check` counts lines and columns in the text it is given; only the node knows where in the file its text stands. */
function checkText(text: string, node: ScalarNode, shift: number): MlopsError[] {
  return check(text, { file: '', line: 1, column: 1 }).map(error => {
    const { line = 1, column = 1, length = 1 } = error.at ?? {}
    const lineStart =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0)
    const at = node.locate(Math.max(0, lineStart + column - 1 - shift), length)
    return new MlopsError(error.code, error.message, { at, hint: error.hint, cause: error.cause })
  })
}
