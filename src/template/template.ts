import { check, checkExpression } from './check.ts'
import type { Environment, Lookup, Scope, TemplateOptions } from './environment.ts'
import { fileNames } from './file-names.ts'
import { filterNames } from './filters/registry.ts'
import { finish, plain } from './finish.ts'
import { hasTemplate, holdsTemplate } from './has-template.ts'
import { withHeader } from './header.ts'
import { usualMarks } from './language/marks.ts'
import { liveDictionary } from './lazy.ts'
import { lookupNames } from './lookups/registry.ts'
import { encode } from './python/codec.ts'
import { hashKinds, passwordHash } from './python/crypt.ts'
import { setProperty } from './python/dict.ts'
import { failure, undefinedFailure } from './python/fail.ts'
import { truth } from './python/iterate.ts'
import { repr, str } from './python/print.ts'
import { Float, isDict, isTuple, Omit, omit, Tuple, tuple, Undefined } from './python/values.ts'
import { type Runtime, start, extended as withNames } from './runtime.ts'
import { scopeDict } from './scope-dict.ts'
import { testNames } from './tests/registry.ts'

export type { Environment, Lookup, Scope, TemplateOptions }
export {
  check,
  checkExpression,
  encode,
  Float,
  fileNames,
  filterNames,
  hashKinds,
  hasTemplate,
  liveDictionary,
  lookupNames,
  Omit,
  omit,
  passwordHash,
  plain,
  repr,
  scopeDict,
  str,
  Tuple,
  testNames,
  Undefined,
  usualMarks,
  withNames,
}

/**
 * The value with all templates in it opened, in dict keys too; a text that is one expression becomes that
 * expression's value. Throws `template.…`.
 */
export function open(value: unknown, scope: Scope, options: TemplateOptions = {}): unknown {
  if (!holdsTemplate(value)) return value
  const runtime = start(scope, options)
  return guarded(() => openAll(value, runtime, options))
}

/** The value of an expression without braces. */
export function evaluate(expression: string, scope: Scope, options: TemplateOptions = {}): unknown {
  const runtime = start(scope, options)
  return guarded(() => finished(runtime.bare(expression, options), options))
}

/** The same as between braces: an `if` without `else` that is false is empty text. */
export function evaluateAsBraced(expression: string, scope: Scope, options: TemplateOptions = {}): unknown {
  const value = evaluate(expression, scope, { ...options, allowUndefined: true })
  return value instanceof Undefined && value.about.isEmpty ? '' : finished(value, options)
}

/** The truth of a condition as `when` has it: an empty one holds. */
export function test(condition: string | boolean, scope: Scope, options: TemplateOptions = {}): boolean {
  if (typeof condition === 'boolean') return condition
  if (condition.trim() === '') return true
  const runtime = start(scope, options)
  return guarded(() => {
    const value = hasTemplate(condition)
      ? unwrapped(condition, runtime, options)
      : runtime.bare(condition, { ...options, backslashes: undefined })
    if (value instanceof Undefined && !value.about.isEmpty) throw undefinedFailure(value)
    return !(value instanceof Undefined) && truth(value)
  })
}

/** The text of a template, as the template module writes it; a first line `#jinja2: …` sets options. */
export function render(text: string, scope: Scope, options: TemplateOptions = {}): string {
  const { body, settings } = withHeader(text, options)
  const runtime = start(scope, settings)
  return guarded(() => runtime.text(body, settings))
}

/** The items of a loop `with_NAME`; the terms are open already. */
export function runLookup(
  name: string,
  terms: readonly unknown[],
  scope: Scope,
  options: TemplateOptions = {},
): unknown[] {
  const { environment } = start(scope, options)
  return guarded(() => environment.lookup(name, terms, {}).map(finish))
}

function openAll(value: unknown, runtime: Runtime, options: TemplateOptions): unknown {
  if (typeof value === 'string') {
    if (!hasTemplate(value)) return value
    const { body, settings } = withHeader(value, options)
    return finished(runtime.native(body, settings), options)
  }
  if (!holdsTemplate(value)) return value
  const inner = { ...options, allowUndefined: false }
  if (isTuple(value)) return tuple(value.map(item => openAll(item, runtime, inner)))
  if (Array.isArray(value)) return value.map(item => openAll(item, runtime, inner))
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [openAll(key, runtime, inner), openAll(item, runtime, inner)]))
  }
  if (!isDict(value)) return value
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    setProperty(result, hasTemplate(key) ? str(runtime.native(key, inner)) : key, openAll(item, runtime, inner))
  }
  return result
}

function finished(value: unknown, options: TemplateOptions): unknown {
  return options.allowUndefined && value instanceof Undefined ? value : finish(value)
}

/** `when: "{{ x }} == 1"`: what the braces give is taken as an expression, as Ansible does, with a warning. */
function unwrapped(condition: string, runtime: Runtime, options: TemplateOptions): unknown {
  options.onWarning?.(`a condition needs no {{ }}: ${condition}`)
  const value = runtime.native(condition, options)
  return typeof value === 'string' && value.trim() !== ''
    ? runtime.bare(value, { ...options, backslashes: undefined })
    : value
}

/** An endless recursion of macros or of hosts' variables becomes an error that says so. */
function guarded<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof RangeError) || !/call stack/i.test(error.message)) throw error
    throw failure('recursion', 'the template calls itself without end', { cause: error })
  }
}
