import { MlopsError } from '../errors.ts'
import type { ScalarNode, SourceNode } from '../source/node.ts'
import * as template from '../template/template.ts'

/** Syntax errors of every template inside a written value. */
export function checkTemplates(node: SourceNode): MlopsError[] {
  if (node.kind === 'seq') return node.items.flatMap(checkTemplates)
  if (node.kind === 'map') {
    return node.entries.flatMap(({ key, value }) => [...checkTemplates(key), ...checkTemplates(value)])
  }
  const text = node.value
  if (typeof text !== 'string' || !template.hasTemplate(text)) return []
  return placed(template.check(text, start), text, node)
}

/** Syntax errors of an expression that is written without braces. */
export function checkExpression(expression: string, node: ScalarNode): MlopsError[] {
  return placed(template.checkExpression(expression, start), expression, node)
}

/** The same for an expression that is not quite the text that was written, so that only the whole of it can be pointed to. */
export function checkRewritten(expression: string, node: ScalarNode): MlopsError[] {
  return template
    .checkExpression(expression)
    .map(({ code, message, hint, cause }) => new MlopsError(code, message, { at: node.at, hint, cause }))
}

const start = { file: '', line: 1, column: 1 }

/** A check counts lines and columns in the text it is given; only the node knows where in the file its text stands. */
function placed(errors: readonly MlopsError[], text: string, node: ScalarNode): MlopsError[] {
  return errors.map(error => {
    const { line = 1, column = 1 } = error.at ?? {}
    const lines = text.split('\n').slice(0, line - 1)
    const offset = lines.reduce((sum, part) => sum + part.length + 1, 0) + column - 1
    const at = node.locate(Math.min(offset, text.length - 1), /^\w*/.exec(text.slice(offset))?.[0].length || 1)
    return new MlopsError(error.code, error.message, { at, hint: error.hint, cause: error.cause })
  })
}
