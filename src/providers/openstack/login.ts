import type { Cloud } from './cloud.ts'
import type { Retries } from './retries.ts'
import { httpOptions, logIn, type Session } from './session.ts'

/** Holds the token of one cloud, and renews it before it ends. */
export class Login {
  readonly #cloud: Cloud
  readonly #retries: Retries
  #session: Promise<Session> | undefined
  #known: Session | undefined

  constructor(cloud: Cloud, retries: Retries) {
    this.#cloud = cloud
    this.#retries = retries
  }

  /** All who ask at the same time wait for the same token; the signal of the first ends the asking. */
  session(signal?: AbortSignal): Promise<Session> {
    if (this.#known !== undefined && Date.now() > this.#known.renewAt) this.forget(this.#known)
    this.#session ??= this.#begin(signal)
    return this.#session
  }

  /** The next who asks gets a new token. */
  forget(session: Session): void {
    if (this.#known !== session) return
    this.#known = undefined
    this.#session = undefined
  }

  async #begin(signal: AbortSignal | undefined): Promise<Session> {
    try {
      this.#known = await logIn(this.#cloud, { ...httpOptions(this.#cloud), signal }, this.#retries)
      return this.#known
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }
}
