import type { Arguments, Expression, FilterCall, Statement, Target } from './nodes.ts'

/** Called for every expression and statement, outermost first. */
export interface Visitor {
  readonly expression?: (node: Expression) => void
  readonly statement?: (node: Statement) => void
  readonly filter?: (call: FilterCall) => void
}

/** Names that expressions of the statements read. */
export function namesRead(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>()
  visit(body, { expression: node => node.kind === 'name' && names.add(node.name) })
  return names
}

/** Stands for the text of a block on its way through filters; no template can spell it. */
export const captive = ' text'

/** Names that the template itself may set: those are looked for in its blocks before the variables. */
export function namesSet(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>(['self', 'super', 'varargs', 'kwargs', 'caller', captive])
  const read = namesRead(body)
  if (read.has('loop')) names.add('loop')
  visit(body, {
    statement: node => {
      for (const name of namesOf(node)) names.add(name)
    },
  })
  return names
}

export function visit(body: readonly Statement[], visitor: Visitor): void {
  for (const node of body) visitStatement(node, visitor)
}

export function visitExpression(node: Expression | undefined, visitor: Visitor): void {
  if (!node) return
  visitor.expression?.(node)
  for (const child of children(node)) visitExpression(child, visitor)
}

function namesOf(node: Statement): readonly string[] {
  switch (node.kind) {
    case 'for':
    case 'set':
    case 'set-block':
      return targetNames(node.target)
    case 'with':
      return node.assignments.flatMap(([target]) => targetNames(target))
    case 'macro':
      return [node.name, ...node.parameters.map(p => p.name)]
    case 'call-block':
      return node.parameters.map(p => p.name)
    case 'import':
      return [node.as]
    case 'from-import':
      return node.names.map(name => name.as)
    default:
      return []
  }
}

function targetNames(target: Target): readonly string[] {
  if (target.kind === 'name') return [target.name]
  return target.kind === 'member' ? [target.of] : target.targets.flatMap(targetNames)
}

function visitStatement(node: Statement, visitor: Visitor): void {
  visitor.statement?.(node)
  for (const expression of expressionsOf(node)) visitExpression(expression, visitor)
  if (node.kind === 'set-block' || node.kind === 'filter-block') {
    for (const call of node.filters) {
      visitor.filter?.(call)
      for (const argument of argumentsOf(call.args)) visitExpression(argument, visitor)
    }
  }
  if (node.kind === 'if') for (const branch of node.branches) visit(branch.body, visitor)
  if ('body' in node) visit(node.body, visitor)
  if ('otherwise' in node) visit(node.otherwise, visitor)
}

function expressionsOf(node: Statement): readonly (Expression | undefined)[] {
  switch (node.kind) {
    case 'output':
    case 'do':
      return [node.expression]
    case 'for':
      return [node.over, node.filter]
    case 'if':
      return node.branches.map(branch => branch.test)
    case 'set':
      return [node.value]
    case 'with':
      return node.assignments.map(([, value]) => value)
    case 'macro':
      return node.parameters.map(p => p.fallback)
    case 'call-block':
      return [node.call, ...node.parameters.map(p => p.fallback)]
    case 'extends':
    case 'include':
    case 'import':
    case 'from-import':
      return [node.template]
    default:
      return []
  }
}

function children(node: Expression): readonly (Expression | undefined)[] {
  switch (node.kind) {
    case 'tuple':
    case 'list':
      return node.items
    case 'dict':
      return node.pairs.flat()
    case 'condition':
      return [node.test, node.yes, node.no]
    case 'and':
    case 'or':
    case 'binary':
      return [node.left, node.right]
    case 'not':
    case 'negative':
    case 'positive':
      return [node.operand]
    case 'compare':
      return [node.first, ...node.rest.map(one => one.operand)]
    case 'concat':
      return node.parts
    case 'attribute':
      return [node.of]
    case 'item':
      return [node.of, node.key]
    case 'slice':
      return [node.of, node.start, node.stop, node.step]
    case 'call':
    case 'filter':
    case 'test':
      return [node.of, ...argumentsOf(node.args)]
    default:
      return []
  }
}

function argumentsOf(args: Arguments): readonly (Expression | undefined)[] {
  return [...args.positional, ...args.named.map(([, value]) => value), args.rest, args.restNamed]
}
