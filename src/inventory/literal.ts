import { float, isFloat } from '../source/float.ts'
import { escapeAt } from '../template/language/escapes.ts'
import { tuple } from '../template/python/values.ts'

/**
 * The value of an INI text as Ansible sees it: a Python literal where it is one (`5`, `True`, `[1, 'a']`), else the text.
 */
export function literal(text: string): unknown {
  // Most values are plain words, addresses or paths: nothing that begins a literal.
  if (!/^[ \t]*[-+0-9.'"[({TFNbBrRuU]/.test(text)) return text
  try {
    return new Literal(text).whole()
  } catch (error) {
    if (error instanceof NoLiteral) return text
    throw error
  }
}

class NoLiteral extends Error {}

const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.?(?:\d(?:_?\d)*)?(?:[eE][-+]?\d(?:_?\d)*)?)/y

/** A recursive-descent reader of Python literals (the Python Language Reference, section 2.4, and ast.literal_eval). */
class Literal {
  private readonly text: string
  private i = 0

  constructor(text: string) {
    this.text = text
  }

  whole(): unknown {
    const items = [this.value()]
    let tuple = false
    while (this.take(',')) {
      tuple = true
      if (this.atEnd()) break
      items.push(this.value())
    }
    if (!this.atEnd()) throw new NoLiteral()
    return tuple ? items : items[0]
  }

  private value(): unknown {
    this.blanks()
    const c = this.text[this.i] ?? ''
    if (c === '[') return this.list('[', ']').items
    if (c === '(') return this.tuple()
    if (c === '{') return this.braces()
    if (c === '-' || c === '+') return this.signed()
    if (/[0-9.]/.test(c)) return this.number()
    const word = /^[A-Za-z_]+/.exec(this.text.slice(this.i, this.i + 6))?.[0] ?? ''
    if (word === 'True' || word === 'False' || word === 'None') return this.constant(word)
    return this.strings()
  }

  private constant(word: 'True' | 'False' | 'None'): boolean | null {
    this.i += word.length
    if (/\w/.test(this.text[this.i] ?? '')) throw new NoLiteral()
    return word === 'None' ? null : word === 'True'
  }

  /** One sign at most. */
  private signed(): unknown {
    const minus = this.text[this.i] === '-'
    this.i++
    this.blanks()
    const value = this.number()
    if (!minus || value === 0) return value
    if (typeof value === 'bigint') return -value
    return isFloat(value) ? float(-Number(value)) : -Number(value)
  }

  private number(): unknown {
    NUMBER.lastIndex = this.i
    const word = NUMBER.exec(this.text)?.[0] ?? ''
    if (!/[0-9]/.test(word) || /\w/.test(this.text[this.i + word.length] ?? '')) throw new NoLiteral()
    this.i += word.length
    const digits = word.replaceAll('_', '')
    const isInteger = /^(?:0[xXoObB])?[0-9a-fA-F]+$/.test(digits) && !/^\d+[eE]/.test(digits)
    if (!isInteger) return float(Number(digits))
    if (/^0\d*[1-9]/.test(digits)) throw new NoLiteral()
    const value = BigInt(digits.toLowerCase())
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }

  /** Adjacent strings are joined, as in Python. */
  private strings(): string {
    let joined: string | undefined
    for (;;) {
      this.blanks()
      const prefix = /^(?:[rR]|[uU]|[bB]|[rR][bB]|[bB][rR])?(?=['"])/.exec(this.text.slice(this.i, this.i + 3))?.[0]
      if (prefix === undefined) break
      this.i += prefix.length
      joined = (joined ?? '') + this.string(/r/i.test(prefix))
    }
    if (joined === undefined) throw new NoLiteral()
    return joined
  }

  private string(raw: boolean): string {
    const quote = this.text[this.i] ?? ''
    const end = this.text.startsWith(quote.repeat(3), this.i) ? quote.repeat(3) : quote
    this.i += end.length
    let value = ''
    while (!this.text.startsWith(end, this.i)) {
      const c = this.text[this.i]
      if (c === undefined) throw new NoLiteral()
      if (c === '\\') value += this.escape(raw)
      else {
        value += c
        this.i++
      }
    }
    this.i += end.length
    return value
  }

  private escape(raw: boolean): string {
    const { length, value } = escapeAt(this.text, this.i)
    const next = this.text[this.i + 1]
    if (next === undefined || (!raw && value === undefined)) throw new NoLiteral()
    this.i += raw ? 2 : length
    return raw ? `\\${next}` : (value ?? '')
  }

  private tuple(): unknown {
    const { items, commas } = this.list('(', ')')
    // `(1)` is one in brackets; `()` and `(1,)` are tuples.
    return items.length === 1 && commas === 0 ? items[0] : tuple(items)
  }

  private list(open: string, close: string): { items: unknown[]; commas: number } {
    this.expect(open)
    const items: unknown[] = []
    let commas = 0
    while (!this.take(close)) {
      if (items.length > commas) throw new NoLiteral()
      items.push(this.value())
      if (this.take(',')) commas++
    }
    return { items, commas }
  }

  /** A dict, or a set as a list without doubles. A dict with keys that are no strings is a Map. */
  private braces(): unknown {
    this.expect('{')
    const pairs: [unknown, unknown][] = []
    let dict = true
    for (let needsComma = false; !this.take('}'); needsComma = !this.take(',')) {
      if (needsComma) throw new NoLiteral()
      const key = this.value()
      if (pairs.length === 0) dict = this.peek(':')
      if (dict) this.expect(':')
      pairs.push([key, dict ? this.value() : undefined])
    }
    if (!dict) return [...new Set(pairs.map(([key]) => key))]
    if (pairs.every(([key]) => typeof key === 'string')) return Object.fromEntries(pairs)
    return new Map(pairs)
  }

  private blanks(): void {
    while (/[ \t\n\r\f]/.test(this.text[this.i] ?? '')) this.i++
  }

  private peek(token: string): boolean {
    this.blanks()
    return this.text.startsWith(token, this.i)
  }

  private take(token: string): boolean {
    if (!this.peek(token)) return false
    this.i += token.length
    return true
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new NoLiteral()
  }

  /** Nothing but blanks and a comment may follow. */
  private atEnd(): boolean {
    this.blanks()
    return this.i >= this.text.length || this.text[this.i] === '#'
  }
}
