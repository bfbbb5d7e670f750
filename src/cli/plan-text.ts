import { diffText } from '../report/diff-text.ts'
import { hostRange } from '../report/host-range.ts'
import type { Paint } from '../report/paint.ts'
import { oneLine } from '../report/text.ts'
import type { Made } from './plan-make.ts'
import type { Effect, PlannedStep } from './plan-record.ts'

type Shown = Exclude<Effect, 'none'>

const SIGNS: Readonly<Record<Shown, string>> = {
  create: '+ create',
  change: '~ change',
  remove: '- remove',
  run: '? run   ',
  read: '? read  ',
}

/** A plan for people: hosts with the same steps together, then the totals. */
export function planText({ hosts, obstacles }: Made, paint: Paint): string {
  const groups = new Map<string, string[]>()
  for (const [host, steps] of Object.entries(hosts)) {
    const text = steps.map(step => stepText(step, paint)).join('')
    groups.set(text, [...(groups.get(text) ?? []), host])
  }
  const parts = [...groups].map(([text, names]) => {
    const who = paint.bold(names.length > 1 ? `${hostRange(names)} (${names.length})` : (names[0] ?? ''))
    return `${who}\n${text === '' ? '  nothing to do\n' : text}\n`
  })
  const stopped = obstacles.map(({ host, task, unreachable, message }) => {
    const what = unreachable ? 'cannot be reached' : `cannot be planned beyond \`${oneLine(task)}\``
    return `${paint.outcome.failed(`${host} ${what}: ${oneLine(message)}`)}\n`
  })
  return `\n${parts.join('')}${stopped.join('')}${totals({ hosts })}\n`
}

/** How many steps of each effect there are. */
export function countEffects(hosts: Made['hosts']): Readonly<Record<Effect, number>> {
  const counts: Record<Effect, number> = { create: 0, change: 0, remove: 0, run: 0, read: 0, none: 0 }
  for (const { effect } of Object.values(hosts).flat()) counts[effect]++
  return counts
}

function totals({ hosts }: Pick<Made, 'hosts'>): string {
  const { create, change, remove, run, read } = countEffects(hosts)
  const reads = read === 0 ? '' : `, ${read} to read`
  return `plan: ${create} to create, ${change} to change, ${remove} to remove, ${run} unknown until applied${reads}`
}

function stepText(step: PlannedStep, paint: Paint): string {
  const { effect, task, item, module, at, keys, diff } = step
  if (effect === 'none') return ''
  const of = item === undefined ? '' : ` (item=${oneLine(item)})`
  const what = keys.length === 0 || keys.includes('presence') || effect !== 'change' ? '' : `: ${keys.join(', ')}`
  const line = `  ${colorOf(effect, paint)(SIGNS[effect])}  ${oneLine(task)}${of}${what}`
  const place = paint.dim(`  [${module}${at === undefined ? '' : ` ${at}`}]`)
  return `${line}${place}\n${diff === undefined ? '' : indented(diffText(diff, paint))}`
}

function colorOf(effect: Shown, paint: Paint): (text: string) => string {
  switch (effect) {
    case 'create':
      return paint.added
    case 'change':
      return paint.outcome.changed
    case 'remove':
      return paint.removed
    case 'run':
    case 'read':
      return paint.notice
    default:
      return effect satisfies never
  }
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '      ')
}
