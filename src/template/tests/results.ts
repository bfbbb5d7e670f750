import { type Test, test } from '../environment.ts'
import { dictGet } from '../python/dict.ts'
import { defined, failure } from '../python/fail.ts'
import { iterate, truth } from '../python/iterate.ts'
import { typeName } from '../python/types.ts'
import { isDict } from '../python/values.ts'

const failed = result('failed', get => truth(get('failed')))
const succeeded = result('success', get => !truth(get('failed')))
const changed = result('changed', get => {
  const results = get('results')
  if (get('changed') !== false || !Array.isArray(results)) return truth(get('changed'))
  return iterate(results).some(one => isDict(one) && truth(dictGet(one, 'changed') ?? false))
})
const skipped = result('skipped', get => truth(get('skipped')))

/** Ansible's tests of registered results. */
export const resultTests: Readonly<Record<string, Test>> = {
  failed,
  failure: failed,
  success: succeeded,
  succeeded,
  successful: succeeded,
  changed,
  change: changed,
  skipped,
  skip: skipped,
  reachable: result('reachable', get => !truth(get('unreachable'))),
  unreachable: result('unreachable', get => truth(get('unreachable'))),
  timedout: result('timedout', get => truth(get('timedout'))),
  // what is no job has started and finished
  started: result('started', (get, has) => !has('started') || truth(get('started'))),
  finished: result('finished', (get, has) => !has('finished') || truth(get('finished'))),
}

/** A test that reads keys of a result; a missing key is false. */
function result(name: string, holds: (get: (key: string) => unknown, has: (key: string) => boolean) => boolean): Test {
  return test([], value => {
    if (!isDict(defined(value))) {
      throw failure('type', `the test '${name}' needs the result of a task, not ${typeName(value)}`, {
        hint: 'register the task, and test the registered variable',
      })
    }
    const keys = value as Map<unknown, unknown> // isDict does not narrow through defined()
    return holds(
      key => dictGet(keys, key) ?? false,
      key => dictGet(keys, key) !== undefined,
    )
  })
}
