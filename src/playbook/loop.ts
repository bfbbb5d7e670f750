import { didYouMean } from '../near.ts'
import { data, type Entry, keyText, type MapNode, type SourceNode } from '../source/node.ts'
import { lookupNames } from '../template/template.ts'
import type { Problems } from './problems.ts'
import { checkTemplates } from './templates.ts'
import type { Loop, Written } from './types.ts'
import { conditions, isEmpty, keyword, refuseUnknown, text, written } from './values.ts'

const controls = ['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems', 'break_when', 'parallel']

/** An SSH server takes ten sessions a line (MaxSessions of sshd_config); the rest are for the shells of users and for large files. */
export const mostParallel = 6

/** The loop of a task (`loop` or one `with_…`), or undefined. `parallel`: whether its turns may go at a time. */
export function readLoop(task: MapNode, problems: Problems, { parallel = false } = {}): Loop | undefined {
  const loops = task.entries.filter(({ key }) => keyText(key) === 'loop' || keyText(key).startsWith('with_'))
  const [first, second] = loops
  const control = readControl(task.get('loop_control'), { problems, parallel })
  if (first === undefined) {
    return undefined
  }
  const name = keyText(first.key)
  if (second !== undefined) {
    const names = loops.map(({ key }) => keyText(key)).join(', ')
    problems.error('several-loops', `a task has one loop, not several: ${names}`, { at: second.key.at })
    return undefined
  }
  if (isEmpty(first.value)) {
    problems.error('empty-loop', `\`${name}\` has no items`, { at: first.key.at })
    return undefined
  }
  problems.add(checkTemplates(first.value))
  const kind = loopKind(first, problems)
  if (kind === undefined) return undefined
  return { kind, items: written(first.value), control }
}

function loopKind({ key, value }: Entry, problems: Problems): string | undefined {
  const name = keyText(key)
  if (name === 'loop') {
    const is = data(value)
    if (Array.isArray(is) || (typeof is === 'string' && is.includes('{'))) return 'loop'
    problems.error('keyword-type', '`loop` must be a list, or a template that gives one', {
      at: value.at,
      hint: typeof is === 'string' ? `a variable's name needs braces: "{{ ${is} }}"` : undefined,
    })
    return undefined
  }
  const lookup = name.slice('with_'.length)
  const bare = lookup.slice(lookup.lastIndexOf('.') + 1)
  if (lookupNames.includes(bare)) return bare
  const hint = didYouMean(
    name,
    lookupNames.map(known => `with_${known}`),
  )
  problems.error('unknown-loop', `unknown loop \`${name}\``, { at: key.at, hint })
  return undefined
}

function readControl(
  node: SourceNode | undefined,
  { problems, parallel: mayBeParallel }: { problems: Problems; parallel: boolean },
): Loop['control'] {
  if (node === undefined || isEmpty(node)) return { loopVar: 'item', breakWhen: [] }
  if (node.kind !== 'map') {
    problems.error('keyword-type', '`loop_control` must be a mapping', { at: node.at })
    return { loopVar: 'item', breakWhen: [] }
  }
  refuseUnknown(node, 'loop_control', { known: controls, problems })
  const indexVar = text(node.get('index_var'), 'index_var', problems)?.value
  const label = isEmpty(node.get('label')) ? undefined : node.get('label')
  const pause = keyword(node, 'pause', { type: 'float', problems })
  if (label) problems.add(checkTemplates(label))
  const parallel = keyword(node, 'parallel', { type: 'int', problems })
  if (parallel) checkParallel(node, parallel, { problems, mayBeParallel })
  return {
    loopVar: text(node.get('loop_var'), 'loop_var', problems)?.value ?? 'item',
    ...(indexVar === undefined ? {} : { indexVar }),
    ...(label ? { label: written(label) } : {}),
    ...(pause ? { pause } : {}),
    extended: keyword(node, 'extended', { type: 'bool', problems })?.value === true,
    breakWhen: conditions(node.get('break_when'), 'break_when', problems),
    ...(parallel ? { parallel } : {}),
  }
}

function checkParallel(
  node: MapNode,
  { value, at }: Written,
  { problems, mayBeParallel }: { problems: Problems; mayBeParallel: boolean },
): void {
  if (!mayBeParallel) {
    problems.error('unsupported', '`parallel` is for loops of tasks', {
      at: node.entry('parallel')?.key.at,
      hint: 'the turns of a block or an include go one after the other',
    })
  } else if (typeof value === 'number' && (value < 1 || value > mostParallel)) {
    problems.error('keyword-type', `\`parallel\` must be a number from 1 to ${mostParallel}`, { at })
  }
  for (const name of ['pause', 'break_when']) {
    const other = node.entry(name)
    if (other === undefined || isEmpty(other.value)) continue
    problems.error('unsupported', `\`${name}\` has no meaning where turns go at a time`, {
      at: other.key.at,
      hint: `leave \`${name}\` or \`parallel\` out`,
    })
  }
}
