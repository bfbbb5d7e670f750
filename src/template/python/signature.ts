import { typeFailure } from './fail.ts'
import type { Keywords } from './values.ts'

/**
 * Arguments in the order of `names`, whether given by place or by name; JavaScript's undefined where
 * none was given. Throws `template.type` for too many and for unknown names.
 */
export function bind(what: string, names: readonly string[], args: readonly unknown[], kwargs: Keywords): unknown[] {
  if (args.length > names.length) {
    throw typeFailure(
      `${what}() takes at most ${names.length} argument${names.length === 1 ? '' : 's'}, got ${args.length}`,
    )
  }
  const bound = [...args]
  for (const name of Object.keys(kwargs)) {
    const index = names.indexOf(name)
    if (index === -1) throw typeFailure(`${what}() got an unexpected keyword argument '${name}'`)
    if (index < args.length) throw typeFailure(`${what}() got multiple values for argument '${name}'`)
    bound[index] = kwargs[name]
  }
  return bound
}

/** An argument that must be there. */
export function required(what: string, name: string, value: unknown): unknown {
  if (value === undefined) throw typeFailure(`${what}() missing 1 required argument: '${name}'`)
  return value
}
