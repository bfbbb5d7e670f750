import { didYouMean } from '../near.ts'
import { data, type Entry, keyText, type MapNode, type SourceNode } from '../source/node.ts'
import { lookupNames } from '../template/template.ts'
import type { Problems } from './problems.ts'
import { checkTemplates } from './templates.ts'
import type { Loop } from './types.ts'
import { conditions, isEmpty, keyword, refuseUnknown, text, written } from './values.ts'

const controls = ['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems', 'break_when']

/** The loop of a task (`loop` or one `with_…`), or undefined. */
export function readLoop(task: MapNode, problems: Problems): Loop | undefined {
  const loops = task.entries.filter(({ key }) => keyText(key) === 'loop' || keyText(key).startsWith('with_'))
  const [first, second] = loops
  const control = readControl(task.get('loop_control'), problems)
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

function readControl(node: SourceNode | undefined, problems: Problems): Loop['control'] {
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
  return {
    loopVar: text(node.get('loop_var'), 'loop_var', problems)?.value ?? 'item',
    ...(indexVar === undefined ? {} : { indexVar }),
    ...(label ? { label: written(label) } : {}),
    ...(pause ? { pause } : {}),
    extended: keyword(node, 'extended', { type: 'bool', problems })?.value === true,
    breakWhen: conditions(node.get('break_when'), 'break_when', problems),
  }
}
