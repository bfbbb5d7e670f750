import { MlopsError } from '../errors.ts'
import type { TemplateOptions } from './environment.ts'
import { filterNamed, unknownFilter } from './filters/registry.ts'
import { SyntaxFailure } from './language/lexer.ts'
import { place } from './language/place.ts'
import { type BareProgram, compileBare, compileTemplate, type Program } from './language/program.ts'
import { testNamed, unknownTest } from './tests/registry.ts'

/** The program of a template text, compiled once per text. Throws `template.syntax`. */
export function programOf(text: string, options: TemplateOptions): Program {
  const { trimBlocks = true, lstripBlocks = false, keepTrailingNewline = true, newline, marks, backslashes } = options
  const odd = marks || newline !== undefined ? JSON.stringify([marks, newline]) : ''
  const flags = [trimBlocks && 't', lstripBlocks && 'l', keepTrailingNewline && 'k', backslashes && 'b']
  const key = `${flags.filter(Boolean).join('')}${odd}:${text}`
  return cached(templates, key, () =>
    guarded(text, options, () =>
      compileTemplate(text, { trimBlocks, lstripBlocks, keepTrailingNewline, newline, marks, backslashes }, plugins),
    ),
  )
}

/** The program of an expression without braces, compiled once per text. Throws `template.syntax`. */
export function bareProgramOf(text: string, options: TemplateOptions): BareProgram {
  const { backslashes } = options
  const key = `${backslashes ? 'b' : ''}:${text}`
  return cached(expressions, key, () => guarded(text, options, () => compileBare(text, { backslashes }, plugins)))
}

const plugins = { filter: filterNamed, test: testNamed, unknownFilter, unknownTest }

/** Enough for any playbook; beyond it the oldest is dropped. */
const most = 4096
const templates = new Map<string, Program>()
const expressions = new Map<string, BareProgram>()

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const found = cache.get(key)
  if (found !== undefined) return found
  const made = make()
  const oldest = cache.size >= most ? cache.keys().next().value : undefined
  if (oldest !== undefined) cache.delete(oldest)
  cache.set(key, made)
  return made
}

function guarded<T>(text: string, { at }: TemplateOptions, compile: () => T): T {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error
    const message = `template syntax: ${error.message}`
    throw new MlopsError('template.syntax', message, { at: place({ text, at }, error.offset) })
  }
}
