import { type Test, test } from '../environment.ts'
import { contains, order } from '../python/compare.ts'
import { equals } from '../python/dict.ts'
import { defined } from '../python/fail.ts'
import { isIterable } from '../python/iterate.ts'
import { asNumber } from '../python/numbers.ts'
import { operate } from '../python/operators.ts'
import { str } from '../python/print.ts'
import { Instance, isCallable, isDict, isFloat, isInt, Range, Undefined } from '../python/values.ts'

const equal = test(['other'], (value, [other]) => equals(value, other))
const unequal = test(['other'], (value, [other]) => !equals(value, other))
const less = test(['other'], (value, [other]) => order(value, other, '<') < 0)
const atMost = test(['other'], (value, [other]) => order(value, other, '<=') <= 0)
const greater = test(['other'], (value, [other]) => order(value, other, '>') > 0)
const atLeast = test(['other'], (value, [other]) => order(value, other, '>=') >= 0)
const remainder = (value: unknown, by: unknown): number => asNumber(operate('%', value, by))

/** Jinja2's own tests. */
export const coreTests: Readonly<Record<string, Test>> = {
  defined: test([], value => !(value instanceof Undefined)),
  undefined: test([], value => value instanceof Undefined),
  none: test([], value => value === null),
  boolean: test([], value => typeof value === 'boolean'),
  true: test([], value => value === true),
  false: test([], value => value === false),
  integer: test([], value => isInt(value)),
  float: test([], value => isFloat(value)),
  number: test([], value => isInt(value) || isFloat(value) || typeof value === 'boolean'),
  string: test([], value => typeof value === 'string'),
  mapping: test([], value => isDict(value)),
  sequence: test([], value => isIterable(value)),
  iterable: test([], value => isIterable(value)),
  callable: test([], value => isCallable(value) || (value instanceof Instance && value.call !== undefined)),
  sameas: test(['other'], (value, [other]) => value === other || (value instanceof Range && value === other)),
  escaped: test([], () => false),
  lower: test([], value => str(value) === str(value).toLowerCase() && str(value) !== str(value).toUpperCase()),
  upper: test([], value => str(value) === str(value).toUpperCase() && str(value) !== str(value).toLowerCase()),
  odd: test([], value => remainder(value, 2) === 1),
  even: test([], value => remainder(value, 2) === 0),
  divisibleby: test(['num'], (value, [by]) => remainder(value, by) === 0),
  in: test(['seq'], (value, [container]) => contains(container, defined(value))),
  filter: test([], (value, _args, { environment }) => environment.hasFilter(str(value))),
  test: test([], (value, _args, { environment }) => environment.hasTest(str(value))),
  '==': equal,
  eq: equal,
  equalto: equal,
  '!=': unequal,
  ne: unequal,
  '<': less,
  lt: less,
  lessthan: less,
  '<=': atMost,
  le: atMost,
  '>': greater,
  gt: greater,
  greaterthan: greater,
  '>=': atLeast,
  ge: atLeast,
}
