import type { Document, YAMLParseError } from 'yaml'
import { MlopsError } from '../errors.ts'
import type { SourceText } from './text.ts'

/** The parser's complaints in words for people, at most one a line, without those that only follow from another. */
export function syntaxErrors(documents: readonly Document.Parsed[], source: SourceText): MlopsError[] {
  const errors: MlopsError[] = []
  const lines = new Set<number>()
  for (const error of documents.flatMap(document => document.errors)) {
    if (errors.length > 0 && error.message.includes('in YAML stream')) continue
    const told = tell(error, source)
    const line = told.at?.line ?? 0
    if (lines.has(line)) continue
    lines.add(line)
    errors.push(told)
  }
  return errors
}

function tell(error: YAMLParseError, source: SourceText): MlopsError {
  const [start, end] = error.pos
  const at = source.position(Math.min(start, lastCharacter(source)), end)
  const { text = '' } = at
  const template = /(?:[:-]\s+)(\{\{.*\}\})[^}]*$/.exec(text)
  if (template?.[1] !== undefined && !text.slice(0, template.index).includes('"')) {
    const column = text.indexOf(template[1])
    const begin = start - (at.column - 1) + column
    return new MlopsError('source.unquoted-template', 'a value that begins with a template must be quoted', {
      at: source.position(begin, begin + template[1].length),
      hint: 'put the whole value in quotes: "{{ … }} …"',
    })
  }
  const { message, hint } = words(error, text.slice(at.column - 1), text)
  return new MlopsError('source.syntax', message, { at, hint })
}

function words(error: YAMLParseError, rest: string, line: string): { message: string; hint?: string } {
  const [, bracket] = /must (?:be sufficiently indented and )?end with a ([}\]])/.exec(error.message) ?? []
  if (bracket !== undefined) {
    return {
      message: `a \`${bracket === '}' ? '{' : '['}\` that stands before is not closed up to here`,
      hint: `a \`${bracket}\` is missing`,
    }
  }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab cannot indent; YAML wants blanks' }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a second `: ` in one value',
        hint: 'quote the value, or put the mapping on lines of its own, indented',
      }
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'a key must stand on one line', hint: 'is a `:` with a blank behind it missing?' }
    case 'BAD_INDENT':
      return { message: 'this does not fit the indentation around it' }
    case 'MISSING_CHAR':
      if (error.message.includes('Sequence item')) {
        return {
          message: 'this is neither part of the list item above nor a new item',
          hint: 'line it up with the other keys of the item, or begin it with `- `',
        }
      }
      if (error.message.includes('quote')) return { message: 'the quote is never closed' }
      return { message: plain(error.message) }
    case 'BAD_SCALAR_START':
      return rest.startsWith('%') || line.includes('{%')
        ? { message: 'a plain value cannot begin with `%`', hint: 'quote it; templates do not work around YAML itself' }
        : { message: `a plain value cannot begin with \`${rest.charAt(0)}\``, hint: 'quote it' }
    case 'BAD_DQ_ESCAPE':
      return {
        message: `\`${rest.slice(0, 2)}\` is no escape of a double-quoted value`,
        hint: 'double the backslash, or use single quotes',
      }
    case 'UNEXPECTED_TOKEN':
      if (/["']/.test(line)) {
        return { message: 'text behind a closed quote', hint: 'put the whole value in quotes' }
      }
      return { message: 'this does not belong to what stands before it' }
    default:
      return { message: plain(error.message) }
  }
}

function plain(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}

function lastCharacter(source: SourceText): number {
  return Math.max(0, source.text.trimEnd().length - 1)
}
