import { MlopsError } from '../errors.ts'
import { ModuleFailure } from '../modules/module.ts'
import type { Block, Include, Loop, Task } from '../playbook/types.ts'
import { runLookup, str } from '../template/template.ts'
import type { Names } from './context.ts'

/** One turn of a loop. `vars` are seen by the step: the item, its index, `ansible_loop`. */
export interface LoopItem {
  readonly value: unknown
  readonly vars: Readonly<Record<string, unknown>>
  readonly label: (names: Names) => string
  readonly pauseMs: number
}

/**
 * The items of a loop for one host. Undefined when the list cannot be opened but `when` says no without it.
 * Throws `ModuleFailure` when `loop` gives no list.
 */
export function loopItems(step: Task | Include | Block, names: Names): readonly LoopItem[] | undefined {
  const { loop } = step
  if (loop === undefined) return undefined
  let values: readonly unknown[]
  try {
    values = open(loop, names)
  } catch (error) {
    if (error instanceof MlopsError && refuses(step, names)) return undefined
    throw error
  }
  const { loopVar, indexVar, label, pause, extended } = loop.control
  const pauseMs = pause ? Number(names.written(pause)) * 1000 : 0
  return values.map((value, i) => ({
    value,
    vars: {
      [loopVar]: value,
      ansible_loop_var: loopVar,
      ...(indexVar ? { [indexVar]: i, ansible_index_var: indexVar } : {}),
      ...(extended ? { ansible_loop: around(values, i) } : {}),
    },
    label: item => (label ? str(item.written(label)) : str(value)),
    pauseMs,
  }))
}

function open({ kind, items }: Loop, names: Names): readonly unknown[] {
  const value = names.written(items)
  if (kind === 'loop') {
    if (Array.isArray(value)) return value
    throw new ModuleFailure(
      `Invalid data passed to 'loop', it requires a list, got this instead: ${str(value)}. Hint: If you passed a list/dict of just one element, try adding wantlist=True to your lookup invocation or use q/query instead of lookup.`,
    )
  }
  const terms = Array.isArray(value) ? value : [value]
  return runLookup(kind, terms, names.scope, names.options)
}

function refuses(step: Task | Include | Block, names: Names): boolean {
  try {
    return step.keywords.when.some(condition => !names.test(condition))
  } catch {
    return false
  }
}

function around(values: readonly unknown[], i: number): Record<string, unknown> {
  return {
    allitems: values,
    index: i + 1,
    index0: i,
    revindex: values.length - i,
    revindex0: values.length - i - 1,
    first: i === 0,
    last: i === values.length - 1,
    length: values.length,
    ...(i > 0 ? { previtem: values[i - 1] } : {}),
    ...(i + 1 < values.length ? { nextitem: values[i + 1] } : {}),
  }
}
