import { defined } from '../python/fail.ts'
import { str } from '../python/print.ts'
import { assign } from './assign.ts'
import { call, compileArguments } from './compile-call.ts'
import { compileExpression, type Known } from './compile-expression.ts'
import { compileFor } from './compile-loop.ts'
import { compileMacro } from './compile-macro.ts'
import { compileBlock, compileExtends, compileFromImport, compileImport, compileInclude } from './compile-template.ts'
import { type CompileBody, type Evaluate, type Execute, type Flow, inner } from './frame.ts'
import { act, at, truthAt } from './located.ts'
import { captive } from './names.ts'
import type { Expression, FilterCall, Statement } from './nodes.ts'

/** Turns statements into one function that runs them in order. */
export function compileBody(body: readonly Statement[], known: Known): Execute {
  const steps = body.map(node => compileStatement(node, known))
  const [first, second] = steps
  if (!first) return () => 'on'
  if (!second) return first
  return (frame, out) => {
    for (const step of steps) {
      const flow = step(frame, out)
      if (flow !== 'on') return flow
    }
    return 'on'
  }
}

export function compileStatement(node: Statement, known: Known): Execute {
  const bodyOf: CompileBody = body => compileBody(body, known)
  switch (node.kind) {
    case 'data': {
      const { text } = node
      return (_frame, out) => {
        out.push(text)
        return 'on'
      }
    }
    case 'output': {
      const { offset } = node.expression
      const text = at(offset, printed(compileExpression(node.expression, known)))
      return (frame, out) => {
        out.push(String(text(frame)))
        return 'on'
      }
    }
    case 'do': {
      const evaluate = compileExpression(node.expression, known)
      return act(node.offset, frame => void evaluate(frame))
    }
    case 'if':
      return compileIf(node, known, bodyOf)
    case 'for':
      return compileFor(node, known, bodyOf)
    case 'set': {
      const value = compileExpression(node.value, known)
      return act(node.offset, frame => assign(node.target, value(frame), frame))
    }
    case 'set-block': {
      const value = captured(bodyOf(node.body), node.filters, known)
      return act(node.offset, frame => assign(node.target, value(frame), frame))
    }
    case 'filter-block': {
      const text = captured(bodyOf(node.body), node.filters, known)
      return act(node.offset, (frame, out) => void out.push(str(text(frame))))
    }
    case 'with':
      return compileWith(node, known, bodyOf)
    case 'macro': {
      const macro = compileMacro(node, known, bodyOf)
      return act(node.offset, frame => void frame.names.set(node.name, macro(frame)))
    }
    case 'call-block':
      return compileCallBlock(node, known, bodyOf)
    case 'block':
      return compileBlock(node)
    case 'extends':
      return compileExtends(node, known)
    case 'include':
      return compileInclude(node, known)
    case 'import':
      return compileImport(node, known)
    case 'from-import':
      return compileFromImport(node, known)
    case 'break':
      return () => 'break'
    case 'continue':
      return () => 'continue'
  }
}

function printed(evaluate: Evaluate): Evaluate {
  return frame => str(evaluate(frame))
}

function compileIf(node: Extract<Statement, { kind: 'if' }>, known: Known, bodyOf: CompileBody): Execute {
  const branches = node.branches.map(({ test, body }) => ({
    test: compileExpression(test, known),
    offset: test.offset,
    body: bodyOf(body),
  }))
  const otherwise = bodyOf(node.otherwise)
  return (frame, out): Flow => {
    for (const { test, offset, body } of branches) {
      if (truthAt(test(frame), frame, offset)) return body(frame, out)
    }
    return otherwise(frame, out)
  }
}

function compileWith(node: Extract<Statement, { kind: 'with' }>, known: Known, bodyOf: CompileBody): Execute {
  const assignments = node.assignments.map(([target, value]) => [target, compileExpression(value, known)] as const)
  const body = bodyOf(node.body)
  return (frame, out) => {
    const scope = inner(frame)
    for (const [target, value] of assignments) assign(target, value(frame), scope)
    return body(scope, out)
  }
}

function compileCallBlock(
  node: Extract<Statement, { kind: 'call-block' }>,
  known: Known,
  bodyOf: CompileBody,
): Execute {
  const caller = compileMacro({ name: 'caller', parameters: node.parameters, body: node.body }, known, bodyOf)
  if (node.call.kind !== 'call') throw new TypeError('the parser gives a call')
  const callee = compileExpression(node.call.of, known)
  const args = compileArguments(node.call.args, one => compileExpression(one, known))
  return act(node.offset, (frame, out) => {
    const kwargs = { ...args.named(frame), caller: caller(frame) }
    out.push(str(defined(call(callee(frame), args.positional(frame), kwargs))))
  })
}

/** The text of a body, sent through filters. */
function captured(body: Execute, filters: readonly FilterCall[], known: Known): Evaluate {
  let chain: Expression = { kind: 'name', name: captive, offset: 0 }
  for (const { name, args, offset } of filters) chain = { kind: 'filter', of: chain, name, args, offset }
  const filtered = compileExpression(chain, known)
  return frame => {
    const out: string[] = []
    body(inner(frame), out)
    const scope = inner(frame)
    scope.names.set(captive, out.join(''))
    return filtered(scope)
  }
}
