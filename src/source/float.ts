/** Stands in for 3.0, which JavaScript's numbers cannot tell from the integer 3. */
class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
  valueOf(): number {
    return this.value
  }
}

/** A float of YAML: a plain number unless its value is integral. */
export function float(value: number): unknown {
  return Number.isInteger(value) ? new Float(value) : value
}

export function isFloat(value: unknown): boolean {
  return value instanceof Float
}
