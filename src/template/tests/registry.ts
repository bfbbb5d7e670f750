import type { MlopsError } from '../../errors.ts'
import { didYouMean } from '../../near.ts'
import type { Test } from '../environment.ts'
import { failure } from '../python/fail.ts'
import { ansibleTests } from './ansible.ts'
import { coreTests } from './core.ts'
import { resultTests } from './results.ts'

const tests = new Map<string, Test>(Object.entries({ ...coreTests, ...ansibleTests, ...resultTests }))

/** Bare names of all tests. */
export const testNames: readonly string[] = [...tests.keys()].filter(name => /^\w+$/.test(name))

/** A test by its name, which may be `ansible.builtin.…`. */
export function testNamed(name: string): Test | undefined {
  return tests.get(name.replace(/^ansible\.(builtin|legacy)\./, ''))
}

export function unknownTest(name: string): MlopsError {
  return failure('unknown', `there is no test \`${name}\``, { hint: didYouMean(name, testNames) })
}
