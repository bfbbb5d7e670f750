import type { Diff, State } from '../modules/module.ts'

/** Before and after of a state as lines of `key: value`, for modules that do not draw a diff of their own. */
export function looseDiff(from: State | undefined, to: Partial<State> | undefined): Diff {
  const keys = to === undefined ? Object.keys(from ?? {}) : Object.keys(to).filter(key => to[key] !== undefined)
  return { before: text(from, keys), after: text(to, keys) }
}

function text(state: Partial<State> | undefined, keys: readonly string[]): string {
  if (state === undefined) return 'state: absent\n'
  return keys
    .map(key => `${key}: ${typeof state[key] === 'string' ? state[key] : JSON.stringify(state[key] ?? null)}\n`)
    .join('')
}
