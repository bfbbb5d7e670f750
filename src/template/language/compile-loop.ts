import { equals } from '../python/dict.ts'
import { typeFailure } from '../python/fail.ts'
import { iterate } from '../python/iterate.ts'
import { Instance, tuple, Undefined } from '../python/values.ts'
import { assign } from './assign.ts'
import { compileExpression, type Known } from './compile-expression.ts'
import { type CompileBody, type Execute, type Flow, type Frame, inner } from './frame.ts'
import { at, truthAt } from './located.ts'
import type { Statement } from './nodes.ts'

type For = Extract<Statement, { kind: 'for' }>

/** `{% for %}`, with its `loop` object. */
export function compileFor(node: For, known: Known, compileBody: CompileBody): Execute {
  const over = at(node.over.offset, compileOver(node, known))
  const filter = node.filter && compileExpression(node.filter, known)
  const body = compileBody(node.body)
  const otherwise = compileBody(node.otherwise)
  const names = known.names.has('loop')

  const select = (items: readonly unknown[], frame: Frame): readonly unknown[] => {
    if (!filter || !node.filter) return items
    const { offset } = node.filter
    return items.filter(item => {
      const scope = inner(frame)
      assign(node.target, item, scope)
      return truthAt(filter(scope), scope, offset)
    })
  }

  const play = (all: readonly unknown[], frame: Frame, out: string[], depth: number): Flow => {
    const items = select(all, frame)
    if (items.length === 0) return otherwise(inner(frame), out)
    const again = (value: unknown): string => {
      const text: string[] = []
      play(iterate(value), frame, text, depth + 1)
      return text.join('')
    }
    const state: LoopState = { items, index: 0, depth, changed: undefined }
    const loop = names ? loopObject(state, node.recursive ? again : undefined) : undefined
    for (const [index, item] of items.entries()) {
      state.index = index
      const scope = inner(frame)
      if (loop) scope.names.set('loop', loop)
      assign(node.target, item, scope)
      if (body(scope, out) === 'break') break
    }
    return 'on'
  }
  return (frame, out) => play(over(frame) as readonly unknown[], frame, out, 1) // compileOver gives lists
}

function compileOver(node: For, known: Known): (frame: Frame) => readonly unknown[] {
  const over = compileExpression(node.over, known)
  return frame => iterate(over(frame))
}

interface LoopState {
  readonly items: readonly unknown[]
  index: number
  readonly depth: number
  /** Arguments of the last `loop.changed`. */
  changed: readonly unknown[] | undefined
}

function loopObject(state: LoopState, again: ((items: unknown) => string) | undefined): Instance {
  const { items } = state
  const get = (name: string): unknown => {
    const { index } = state
    switch (name) {
      case 'index':
        return index + 1
      case 'index0':
        return index
      case 'revindex':
        return items.length - index
      case 'revindex0':
        return items.length - index - 1
      case 'first':
        return index === 0
      case 'last':
        return index === items.length - 1
      case 'length':
        return items.length
      case 'depth':
        return state.depth
      case 'depth0':
        return state.depth - 1
      case 'previtem':
        return index === 0 ? new Undefined('there is no previous item') : items[index - 1]
      case 'nextitem':
        return index === items.length - 1 ? new Undefined('there is no next item') : items[index + 1]
      case 'cycle':
        return (values: readonly unknown[]) => {
          if (values.length === 0) throw typeFailure('no items for cycling given')
          return values[index % values.length]
        }
      case 'changed':
        return (values: readonly unknown[]) => {
          const same = state.changed !== undefined && equals(tuple(state.changed), tuple(values))
          state.changed = values
          return !same
        }
    }
    return undefined
  }
  return new Instance({
    type: 'LoopContext',
    get,
    text: () => `<LoopContext ${state.index + 1}/${items.length}>`,
    call: ([value]) => {
      if (!again) throw typeFailure("the loop must have the 'recursive' marker to be called")
      return again(value)
    },
  })
}
