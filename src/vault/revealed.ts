/** Shorter texts are not hidden: they would blot out ordinary ones. */
const SHORTEST = 4
const SHORTEST_LINE = 8
export const MASK = '********'

/** Texts that nobody shall see. */
export class Hidden {
  readonly #texts = new Set<string>()
  #pattern: RegExp | undefined

  /** Adds a text, or all texts of data. Of several lines, each longer one is hidden by itself, too, as diffs show lines. */
  add(value: unknown): void {
    if (typeof value === 'string') this.#addText(value)
    else if (Array.isArray(value)) for (const item of value) this.add(item)
    else if (value instanceof Map) for (const item of value.values()) this.add(item)
    else if (isDictionary(value)) for (const item of Object.values(value)) this.add(item)
  }

  /** The text with every hidden one in it replaced by asterisks. */
  hide(text: string): string {
    if (this.#texts.size === 0) return text
    // the longest first: one secret may stand inside of another
    this.#pattern ??= new RegExp(
      [...this.#texts]
        .sort((a, b) => b.length - a.length)
        .map(escaped)
        .join('|'),
      'g',
    )
    return text.replace(this.#pattern, MASK)
  }

  get size(): number {
    return this.#texts.size
  }

  #addText(value: string): void {
    const text = value.trim()
    const lines = text.includes('\n') ? text.split('\n').map(line => line.trim()) : []
    for (const part of [text, ...lines.filter(line => line.length >= SHORTEST_LINE)]) {
      if (part.length < SHORTEST || /^\{\{[^{}]*\}\}$/.test(part)) continue
      this.#texts.add(part)
      this.#pattern = undefined
    }
  }
}

/** What came out of vaults in this process. */
export const revealed = new Hidden()

function isDictionary(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
