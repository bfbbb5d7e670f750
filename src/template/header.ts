import type { TemplateOptions } from './environment.ts'
import { literal } from './language/escapes.ts'
import { type Marks, usualMarks } from './language/marks.ts'
import { failure } from './python/fail.ts'

/** Splits off a first line such as `#jinja2: lstrip_blocks: True, trim_blocks: False`, as Ansible's templates have it. */
export function withHeader(
  text: string,
  options: TemplateOptions,
): { readonly body: string; readonly settings: TemplateOptions } {
  const match = /^#jinja2:([^\n]*)\n?/.exec(text)
  if (!match) return { body: text, settings: options }
  const { at } = options
  let settings: TemplateOptions = at ? { ...options, at: { ...at, line: at.line + 1 } } : options
  for (const pair of (match[1] ?? '').split(',')) {
    const cut = pair.indexOf(':')
    const name = pair.slice(0, cut === -1 ? undefined : cut).trim()
    const set = Object.hasOwn(settable, name) ? settable[name] : undefined
    const value = cut === -1 ? undefined : literalOf(pair.slice(cut + 1).trim())
    const changed = value === undefined ? undefined : set?.(value, settings)
    if (changed === undefined) {
      const message = set
        ? `the first line sets \`${pair.trim()}\`, which is no such value`
        : `the first line sets \`${name}\`, which is not supported`
      const hint = set
        ? "it is written `name: True` or `name: '<%'`"
        : `only ${Object.keys(settable).join(', ')} can be set`
      throw failure('syntax', message, { at, hint })
    }
    settings = { ...settings, ...changed }
  }
  return { body: text.slice(match[0].length), settings }
}

type Setter = (value: string | boolean, before: TemplateOptions) => TemplateOptions | undefined

/** A Python literal: a text in quotes, or a truth. */
function literalOf(written: string): string | boolean | undefined {
  const quoted = /^(["'])(.*)\1$/.exec(written)
  if (quoted) return literal(quoted[2] ?? '')
  if (/^(true|yes|on|1)$/i.test(written)) return true
  return /^(false|no|off|0)$/i.test(written) ? false : undefined
}

const settable: Readonly<Record<string, Setter>> = {
  trim_blocks: value => ({ trimBlocks: value === true }),
  lstrip_blocks: value => ({ lstripBlocks: value === true }),
  keep_trailing_newline: value => ({ keepTrailingNewline: value === true }),
  newline_sequence: value =>
    typeof value === 'string' && /^(\r|\n|\r\n)$/.test(value) ? { newline: value } : undefined,
  variable_start_string: mark('variableStart'),
  variable_end_string: mark('variableEnd'),
  block_start_string: mark('blockStart'),
  block_end_string: mark('blockEnd'),
  comment_start_string: mark('commentStart'),
  comment_end_string: mark('commentEnd'),
}

function mark(name: keyof Marks): Setter {
  return (value, { marks }) =>
    typeof value === 'string' && value !== '' ? { marks: { ...usualMarks, ...marks, [name]: value } } : undefined
}
