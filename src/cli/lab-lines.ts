import type { ServerEvent } from '../providers/provider.ts'

/** The lab's scripts look after ten seconds for the first time, then every five. */
const FIRST_LOOK_MS = 10_000
const NEXT_LOOK_MS = 5000

/**
 * Says how servers are made in the very lines of the lab's own scripts, at the same times; they know one server and
 * two, and no address of a single one. Never delays the work: what is left to say is said at the end.
 */
export class LabLines {
  readonly #write: (line: string) => void
  #making: readonly string[] = []
  readonly #states = new Map<string, string>()
  readonly #addresses = new Map<string, string>()
  /** The states at the look before: the scripts show those. */
  #shown = new Map<string, string>()
  #looked = false
  #done = false
  #timer: NodeJS.Timeout | undefined

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  on(event: ServerEvent): void {
    switch (event.type) {
      case 'authorized':
        this.#write('user authorization completed.')
        break
      case 'creating':
        this.#begin(event.servers)
        break
      case 'state':
        this.#states.set(event.server, event.state)
        break
      case 'active':
        this.#addresses.set(event.server, event.address)
        break
      default:
        throw new TypeError(`no such event: ${event satisfies never}`)
    }
  }

  /** Says the rest, about the servers of these names in their order. */
  end(names: readonly string[]): void {
    clearTimeout(this.#timer)
    if (this.#making.length > 0 && !this.#looked) this.#look()
    if (!this.#done) this.#result(names)
  }

  #begin(servers: readonly string[]): void {
    this.#making = servers
    this.#shown = new Map(servers.map(name => [name, 'BUILD']))
    this.#write(servers.length === 1 ? 'Creating instance ... ' : 'Creating instances ... ')
    this.#write('waiting for 10 seconds.. ')
    this.#wait(FIRST_LOOK_MS)
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      if ([...this.#shown.values()].includes('BUILD')) this.#look()
      else if (this.#making.every(name => this.#addresses.has(name))) return this.#result(this.#making)
      this.#wait(NEXT_LOOK_MS)
    }, ms)
    this.#timer.unref()
  }

  #look(): void {
    this.#looked = true
    for (const [name, state] of this.#shown) {
      this.#write(`Instance: ${name} is in ${state} state, sleeping for 5 seconds more...`)
    }
    this.#shown = new Map(this.#making.map(name => [name, this.#states.get(name) ?? 'BUILD']))
  }

  #result(names: readonly string[]): void {
    this.#done = true
    for (const name of names) {
      const address = this.#addresses.get(name)
      if (address === undefined) continue
      this.#write(`Instance: ${name} is in ACTIVE state${names.length === 1 ? '' : ` ip address: ${address}`}`)
    }
  }
}
