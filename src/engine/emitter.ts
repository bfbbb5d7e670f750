import type { Position } from '../errors.ts'
import type { Event } from '../events.ts'
import type { Secrets } from './mask.ts'

type Said = Event extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never

/** Says events: stamps the time and hides secrets, so that no reporter ever sees one. */
export class Emitter {
  readonly #emit: (event: Event) => void
  readonly #secrets: Secrets
  readonly #warned = new Set<string>()

  constructor(emit: (event: Event) => void, secrets: Secrets) {
    this.#emit = emit
    this.#secrets = secrets
  }

  say(event: Said): void {
    this.#emit(this.#secrets.hideEvent({ ...event, at: Date.now() } as Event)) // `at` completes the union member
  }

  /** A warning is said once a run. */
  warn(message: string, host?: string, where?: Position): void {
    if (this.#warned.has(message)) return
    this.#warned.add(message)
    this.say({
      type: 'warning',
      message,
      ...(host === undefined ? {} : { host }),
      ...(where === undefined ? {} : { where }),
    })
  }
}
