import { MlopsError } from '../errors.ts'
import type { Environment, Scope, TemplateOptions } from './environment.ts'
import { findTemplate } from './files.ts'
import { filterNamed, unknownFilter } from './filters/registry.ts'
import { globalNamed } from './globals.ts'
import type { Frame, LoadedTemplate } from './language/frame.ts'
import type { Source } from './language/place.ts'
import { begin, type Program, runText } from './language/program.ts'
import { copied, lazily } from './lazy.ts'
import { lookupNamed, unknownLookup } from './lookups/registry.ts'
import { bareProgramOf, programOf } from './programs.ts'
import { failure } from './python/fail.ts'
import { bind } from './python/signature.ts'
import { type Keywords, Undefined } from './python/values.ts'
import { testNamed, unknownTest } from './tests/registry.ts'

/** One evaluation: variables are opened at most once in it. */
export interface Runtime {
  /** The value of a template; text, unless it is one expression. */
  native(text: string, options: TemplateOptions): unknown
  /** The text of a template. */
  text(text: string, options: TemplateOptions): string
  /** The value of an expression without braces. */
  bare(text: string, options: TemplateOptions): unknown
  readonly environment: Environment
}

export function start(scope: Scope, options: TemplateOptions): Runtime {
  const state: State = { scope, options, read: new Map(), chain: [], changes: false }
  const environment = environmentOf(state)
  return {
    environment,
    native: (text, given) => runNative(text, given, state, environment),
    text: (text, given) => {
      const out: string[] = []
      loaded(text, { ...given, keepTrailingNewline: given.keepTrailingNewline ?? false }, state).run(
        { environment, outer: undefined },
        out,
      )
      return ended(out.join(''), text, given)
    },
    bare: (text, given) => {
      const program = bareProgramOf(text, given)
      state.changes ||= program.changes
      return program.evaluate(frameOf(undefined, { text, at: given.at }, state, environment))
    },
  }
}

interface State {
  readonly scope: Scope
  readonly options: TemplateOptions
  /** Variables read so far. */
  readonly read: Map<string, unknown>
  /** Names of the variables that are being opened, outermost first. */
  readonly chain: string[]
  /** Some template of this evaluation changes lists or dicts: variables are copied for it. */
  changes: boolean
}

function environmentOf(state: State): Environment {
  const { scope, options } = state
  const environment: Environment = {
    options,
    read: name => read(name, state, environment),
    names: () => scope.names(),
    filter: (name, value, args, kwargs) => {
      const found = filterNamed(name)
      if (!found) throw unknownFilter(name)
      return apply(name, found, value, args, kwargs, environment)
    },
    test: (name, value, args, kwargs) => {
      const found = testNamed(name)
      if (!found) throw unknownTest(name)
      return apply(name, found, value, args, kwargs, environment)
    },
    hasFilter: name => filterNamed(name) !== undefined,
    hasTest: name => testNamed(name) !== undefined,
    lookup: (name, terms, kwargs) => {
      const found = lookupNamed(name, options)
      if (!found) throw unknownLookup(name, options)
      return found(terms, { kwargs, environment })
    },
    bare: () => environmentOf({ ...state, scope: noScope, read: new Map(), chain: [] }),
    renderText: (text, extra, given) =>
      start(extended(scope, extra), { ...options, ...given }).text(text, { ...options, ...given }),
  }
  return environment
}

function apply<T>(
  name: string,
  plugin: {
    readonly params?: readonly string[]
    readonly run: (value: unknown, args: readonly unknown[], call: { kwargs: Keywords; environment: Environment }) => T
  },
  value: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
  environment: Environment,
): T {
  const { params, run } = plugin
  if (!params) return run(value, args, { kwargs, environment })
  return run(value, bind(name, params, args, kwargs), { kwargs: {}, environment })
}

/** The value of a variable, opened; of a global, when there is no such variable. */
function read(name: string, state: State, environment: Environment): unknown {
  const known = state.read.get(name)
  if (known !== undefined) return known
  const found = state.scope.get(name)
  if (!found) return globalNamed(name, environment)
  const at = { ...state.options, at: found.at, marks: undefined, newline: undefined, backslashes: 'kept' as const }
  const value = found.open
    ? lazily(found.value, name, (text, path) => opened(text, path, at, state, environment))
    : found.value
  const given = state.changes ? copied(value) : value
  state.read.set(name, given)
  return given ?? null
}

/** A variable's template, opened; undefined when something in it is. */
function opened(text: string, path: string, options: TemplateOptions, state: State, environment: Environment): unknown {
  const { chain } = state
  if (chain.includes(path)) {
    const round = [...chain.slice(chain.indexOf(path)), path].join(' → ')
    throw failure('recursion', `the variable \`${path}\` needs its own value: ${round}`, { at: options.at })
  }
  chain.push(path)
  try {
    return runNative(text, options, state, environment)
  } catch (error) {
    if (!(error instanceof MlopsError) || error.code !== 'template.undefined') throw error
    return new Undefined(error.message, { cause: error })
  } finally {
    chain.pop()
  }
}

function runNative(text: string, options: TemplateOptions, state: State, environment: Environment): unknown {
  const { keepTrailingNewline = !text.endsWith('\n') } = options
  const program = programOf(text, { ...options, keepTrailingNewline })
  state.changes ||= program.changes
  const source = { text, at: options.at }
  if (program.native && keepTrailingNewline) return program.native(frameOf(program, source, state, environment))
  const out: string[] = []
  runText(program, frameOf(program, source, state, environment), out)
  return ended(out.join(''), text, options)
}

/** Ansible drops the last line break of a template, and gives a text that ends with fewer than the template the missing ones. */
function ended(result: string, template: string, { keepTrailingNewline, newline = '\n' }: TemplateOptions): string {
  if (keepTrailingNewline !== undefined || !template.endsWith('\n')) return result
  return result + newline.repeat(Math.max(0, breaksAtEnd(template) - breaksAtEnd(result)))
}

function breaksAtEnd(text: string): number {
  let at = text.length
  while (text[at - 1] === '\n') at--
  return text.length - at
}

function frameOf(program: Program | undefined, source: Source, state: State, environment: Environment): Frame {
  return begin(program, source, names => load(names, state), { environment, outer: undefined })
}

function load(names: readonly string[], state: State): LoadedTemplate | undefined {
  const file = findTemplate(names, state.options.searchPath ?? [])
  if (!file) return undefined
  const { keepTrailingNewline = false } = state.options
  const options = { ...state.options, keepTrailingNewline, at: { file: file.path, line: 1, column: 1 } }
  return loaded(file.text, options, state)
}

function loaded(text: string, options: TemplateOptions, state: State): LoadedTemplate {
  const program = programOf(text, { ...options, backslashes: undefined })
  state.changes ||= program.changes
  return {
    run: (begun, out) => {
      const source = { text, at: options.at }
      const frame = begin(program, source, names => load(names, state), begun)
      runText(program, frame, out)
      return frame.unit.top
    },
  }
}

const noScope: Scope = { get: () => undefined, names: () => [] }

/** A scope with more names, which win. */
export function extended(scope: Scope, extra: Keywords): Scope {
  return {
    get: name => (Object.hasOwn(extra, name) ? { value: extra[name], open: false } : scope.get(name)),
    names: () => [...scope.names(), ...Object.keys(extra)],
  }
}
