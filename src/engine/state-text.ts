import type { Diff, State } from '../modules/module.ts'

/** Before and after of a state, for modules that do not draw a diff of their own: the keys that are wanted. */
export function looseDiff(from: State | undefined, to: Partial<State> | undefined): Diff {
  const keys = to === undefined ? Object.keys(from ?? {}) : Object.keys(to).filter(key => to[key] !== undefined)
  return { before: only(from, keys), after: only(to, keys) }
}

function only(state: Partial<State> | undefined, keys: readonly string[]): State {
  if (state === undefined) return { state: 'absent' }
  return Object.fromEntries(keys.map(key => [key, state[key] ?? null]))
}
