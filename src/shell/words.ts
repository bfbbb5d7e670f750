import { MlopsError } from '../errors.ts'
import { quote, type Script, script } from './sh.ts'

/** Splits text into words as a POSIX shell does, and as Python's shlex: blanks, both quotes, backslashes. Throws `shell.words` for an open quote. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === "'" || char === '"') {
      const end = closing(text, i)
      const inner = text.slice(i + 1, end)
      word = (word ?? '') + (char === "'" ? inner : inner.replace(/\\(["\\])/g, '$1'))
      i = end
    } else if (char === '\\') {
      if (i + 1 === text.length) throw new MlopsError('shell.words', `nothing follows the last backslash of: ${text}`)
      word = (word ?? '') + text.charAt(++i)
    } else {
      word = (word ?? '') + char
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/**
 * One word for a path, in which a leading `~` or `~user` is the home folder that the host knows, and `$NAME` and `${NAME}` are
 * variables of its environment. One that is not set stays as it was written.
 */
export function pathWord(path: string): Script {
  const home = /^~[A-Za-z0-9._-]*(?=\/|$)/.exec(path)?.[0]
  if (home === undefined) return script(expanded(path) || "''")
  const rest = path.slice(home.length)
  // a slash right after `~` must stand outside the quotes, or the home folder is not looked up
  return script(rest.length > 1 ? `${home}/${expanded(rest.slice(1))}` : home + rest)
}

/** One word whose `*`, `?` and `[…]` match file names, and whose variables and `~` are as in a path; everything else is taken as it is. */
export function globWord(pattern: string): Script {
  const home = /^~[A-Za-z0-9._-]*\//.exec(pattern)?.[0] ?? ''
  const parts = pattern.slice(home.length).split(/([*?]|\[[^\]/]+\])/)
  return script(home + parts.map((part, i) => (i % 2 === 1 ? globPart(part) : expanded(part))).join('') || "''")
}

const VARIABLE = /\$(\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)/

function expanded(text: string): string {
  const parts = text.split(VARIABLE)
  return parts.map((part, i) => (i % 2 === 0 ? part && quote(part) : variable(part))).join('')
}

/** Of the environment alone: a script's own variables are nobody else's business. */
function variable(written: string): string {
  const name = written.replace(/[{}]/g, '')
  const program = `BEGIN { if (!("${name}" in ENVIRON)) exit 1; printf "%s", ENVIRON["${name}"] }`
  return `"$(awk '${program}' || printf %s '$${written}')"`
}

function globPart(part: string): string {
  if (!part.startsWith('[')) return part
  const negated = /^\[[!^]/.test(part)
  const inner = part.slice(negated ? 2 : 1, -1)
  return `[${negated ? '!' : ''}${inner.replace(/[^-]+/g, quote)}]`
}

function closing(text: string, open: number): number {
  const mark = text.charAt(open)
  for (let i = open + 1; i < text.length; i++) {
    if (mark === '"' && text.charAt(i) === '\\') i++
    else if (text.charAt(i) === mark) return i
  }
  throw new MlopsError('shell.words', `a quote is not closed in: ${text}`)
}
