/** A promise that is settled from outside, once. Nobody needs to wait for it. */
export class Latch<T = void> {
  readonly promise: Promise<T>
  #resolve: (value: T) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #settled = false

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.promise.catch(() => {})
  }

  get settled(): boolean {
    return this.#settled
  }

  resolve(value: T): void {
    this.#settled = true
    this.#resolve(value)
  }

  reject(error: unknown): void {
    this.#settled = true
    this.#reject(error)
  }
}
