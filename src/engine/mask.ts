/** Secret values that the run has met. Events pass through `hide` before anybody sees them. */
export class Secrets {
  readonly #values = new Set<string>()

  /** Values of fewer than four characters are not masked: they would blot out ordinary text. */
  add(value: unknown): void {
    if (typeof value === 'string' && value.length >= 4) this.#values.add(value)
    else if (Array.isArray(value)) for (const item of value) this.add(item)
  }

  /** A copy in which every secret is replaced by asterisks; the value itself when there is none. */
  hide<T>(value: T): T {
    if (this.#values.size === 0) return value
    return this.#hide(value) as T // the shape stays; only text inside changes
  }

  #hide(value: unknown): unknown {
    if (typeof value === 'string') {
      let text = value
      for (const secret of this.#values) if (text.includes(secret)) text = text.replaceAll(secret, '********')
      return text
    }
    if (Array.isArray(value)) return value.map(item => this.#hide(item))
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#hide(item)]))
    }
    return value
  }
}
