import { MlopsError } from '../../errors.ts'
import type { Environment } from '../environment.ts'
import { failure, typeFailure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'
import { str } from '../python/print.ts'
import type { Callable, Keywords } from '../python/values.ts'

/** `lookup('name', …)`: one result as it is, several texts joined by commas. */
export function lookupGlobal(environment: Environment): Callable {
  return (args, kwargs) => {
    const { found, wantList } = run(environment, args, kwargs)
    if (wantList || found === null) return found
    if (found.length === 1) return found[0]
    if (found.every(item => typeof item === 'string')) return found.join(',')
    return found
  }
}

/** `query('name', …)`: always a list. */
export function queryGlobal(environment: Environment): Callable {
  return (args, kwargs) => run(environment, args, kwargs).found ?? []
}

function run(
  environment: Environment,
  [name, ...terms]: readonly unknown[],
  { wantlist = false, errors = 'strict', ...kwargs }: Keywords,
): { found: readonly unknown[] | null; wantList: boolean } {
  if (name === undefined) throw typeFailure("lookup() missing 1 required argument: 'name'")
  const wantList = truth(wantlist)
  try {
    return { found: environment.lookup(str(name), terms, kwargs), wantList }
  } catch (error) {
    const hard =
      !(error instanceof MlopsError) || error.code === 'template.undefined' || error.code === 'template.unknown'
    if (hard || errors === 'strict') throw error
    if (errors !== 'ignore' && errors !== 'warn')
      throw failure('value', `errors is strict, warn or ignore, not ${str(errors)}`)
    if (errors === 'warn') environment.options.onWarning?.(error.message)
    return { found: wantList ? [] : null, wantList }
  }
}
