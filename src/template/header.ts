import type { TemplateOptions } from './environment.ts'
import { failure } from './python/fail.ts'

/** Splits off a first line such as `#jinja2: lstrip_blocks: True, trim_blocks: False`, as Ansible's templates have it. */
export function withHeader(
  text: string,
  options: TemplateOptions,
): { readonly body: string; readonly settings: TemplateOptions } {
  const match = /^#jinja2:([^\n]*)\n?/.exec(text)
  if (!match) return { body: text, settings: options }
  let settings = options
  for (const pair of (match[1] ?? '').split(',')) {
    const [name = '', value = ''] = pair.split(':').map(part => part.trim())
    const key = Object.hasOwn(settable, name) ? settable[name] : undefined
    if (!key) {
      throw failure('syntax', `the first line sets \`${name}\`, which is not supported`, {
        at: options.at,
        hint: `only ${Object.keys(settable).join(', ')} can be set`,
      })
    }
    settings = { ...settings, [key]: /^(true|yes|on|1)$/i.test(value) }
  }
  const { at } = options
  return {
    body: text.slice(match[0].length),
    settings: at ? { ...settings, at: { ...at, line: at.line + 1 } } : settings,
  }
}

const settable: Readonly<Record<string, 'trimBlocks' | 'lstripBlocks' | 'keepTrailingNewline'>> = {
  trim_blocks: 'trimBlocks',
  lstrip_blocks: 'lstripBlocks',
  keep_trailing_newline: 'keepTrailingNewline',
}
