import type { Play, Task } from '../playbook/types.ts'
import type { Halt, Place, Resume } from './engine.ts'
import type { HostState } from './host-state.ts'
import type { Secrets } from './mask.ts'

/** What later tasks cannot do without, and what is cheap: done again for hosts that go on further below. */
const REPEATED = new Set(['setup', 'include_vars', 'add_host', 'group_by', 'service_facts', 'package_facts', 'getent'])

/** How far each host has come, and where those that stopped in an earlier run go on. */
export class Progress {
  readonly #resume: Resume | undefined
  readonly #plays: readonly Play[]
  readonly #waiting = new Map<string, Place>()
  readonly #places = new Map<string, Place>()
  readonly #seen = new Set<string>()
  readonly #turns = new Map<string, number>()
  readonly #frozen = new Map<string, number>()
  readonly #handlerNames = new Map<string, string>()
  readonly #brokenHandlers = new Map<string, Set<string>>()
  #isBroken = false
  readonly #concealed = new Map<string, Set<string>>()

  constructor(resume: Resume | undefined, plays: readonly Play[]) {
    this.#resume = resume
    this.#plays = plays
  }

  /** Gives hosts what they had registered, when they are to go on. */
  restore(stateOf: (name: string) => HostState): void {
    if (!this.#resume?.passOver) return
    for (const [name, { place, registered }] of Object.entries(this.#resume.hosts)) {
      this.#waiting.set(name, place)
      Object.assign(stateOf(name).registered, registered)
    }
  }

  /** Whether a host has not come to the place yet where it goes on. */
  waits(host: HostState): boolean {
    return this.#waiting.has(host.name)
  }

  /** Hosts that took part and whose place was not met, with the task. */
  missed(): readonly (readonly [string, string])[] {
    return [...this.#waiting].filter(([host]) => this.#seen.has(host)).map(([host, { task }]) => [host, task])
  }

  /** Whether a host does this task now; asked once for each turn of it. */
  takes(host: HostState, play: Play, task: Task): boolean {
    const key = task.role ? `${task.role.name} : ${nameOf(task)}` : nameOf(task)
    const turn = this.#turn(host, play, key)
    this.#seen.add(host.name)
    const place = this.#waiting.get(host.name)
    if (place) {
      if (place.play !== this.#plays.indexOf(play) || place.task !== key || place.turn !== turn)
        return REPEATED.has(task.module)
      this.#waiting.delete(host.name)
      this.#places.set(host.name, place)
      if (place.done) return false
    }
    if (!this.#frozen.get(host.name))
      this.#places.set(host.name, { play: this.#plays.indexOf(play), task: key, turn, done: false })
    return true
  }

  /** The host has done the task that it took. */
  done(host: HostState): void {
    const place = this.#places.get(host.name)
    if (place && !this.#waiting.has(host.name) && !this.#frozen.get(host.name))
      this.#places.set(host.name, { ...place, done: true })
  }

  /** What hosts do after a failure (rescue, always) does not move their place: they go on where they failed. */
  async staying(hosts: readonly HostState[], walk: () => Promise<void>): Promise<void> {
    const turn = (by: number) => {
      for (const { name } of hosts) this.#frozen.set(name, (this.#frozen.get(name) ?? 0) + by)
    }
    turn(1)
    await walk()
    turn(-1)
  }

  /** The name of a handler that was notified. */
  name(handler: string, name: string): void {
    this.#handlerNames.set(handler, name)
  }

  /** The failure of some ended the play for all. */
  breaks(): void {
    this.#isBroken = true
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  /** A handler that failed has not run. */
  broke(host: HostState, handler: string): void {
    this.#brokenHandlers.set(host.name, (this.#brokenHandlers.get(host.name) ?? new Set()).add(handler))
  }

  /** Names that a `no_log` task set: they are not written down. */
  conceal(host: HostState, names: readonly string[]): void {
    const known = this.#concealed.get(host.name) ?? new Set()
    for (const name of names) known.add(name)
    this.#concealed.set(host.name, known)
  }

  isConcealed(host: HostState, name: string): boolean {
    return this.#concealed.get(host.name)?.has(name) === true
  }

  /** Handlers that hosts were told of in an earlier run of this play, and that have not run. */
  pending(host: HostState, play: Play): readonly string[] {
    const halt = this.#resume?.hosts[host.name]
    return halt?.place.play === this.#plays.indexOf(play) ? halt.notified : []
  }

  /** Where each host that took part stands now. */
  halts(states: Iterable<HostState>, secrets: Secrets, interrupted: boolean): Record<string, Halt> {
    const halts: Record<string, Halt> = {}
    for (const state of states) {
      const before = this.#resume?.hosts[state.name]
      const place = this.#places.get(state.name)
      if (!this.#seen.has(state.name)) continue
      if (this.#waiting.has(state.name) && before) halts[state.name] = before
      else if (place) {
        const stopped = state.failure !== undefined || state.unreachable || interrupted
        const ids = [...state.notified, ...(this.#brokenHandlers.get(state.name) ?? [])]
        const notified = [...new Set(ids.flatMap(id => this.#handlerNames.get(id) ?? []))]
        halts[state.name] = { place, stopped, notified, ...this.#kept(state, secrets) }
      }
    }
    return halts
  }

  /** What was registered, as far as it is plain data without secrets. */
  #kept(state: HostState, secrets: Secrets): Pick<Halt, 'registered' | 'lost'> {
    const registered: Record<string, unknown> = {}
    const lost: string[] = [...(this.#resume?.passOver ? (this.#resume.hosts[state.name]?.lost ?? []) : [])]
    for (const [name, value] of Object.entries(state.registered)) {
      const text = plainText(value)
      const isSecret = this.#concealed.get(state.name)?.has(name) || text !== plainText(secrets.hide(value))
      if (text === undefined || isSecret) lost.push(name)
      else registered[name] = JSON.parse(text)
    }
    return { registered, lost: [...new Set(lost)].filter(name => !(name in registered)) }
  }

  #turn(host: HostState, play: Play, key: string): number {
    const full = JSON.stringify([host.name, play.id, key])
    const turn = (this.#turns.get(full) ?? 0) + 1
    this.#turns.set(full, turn)
    return turn
  }
}

/** As it is written: what a name is opened to may be another one the next time. */
function nameOf(task: Task): string {
  return task.name ?? task.moduleAsWritten
}

/** Undefined for what JSON does not know. */
function plainText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
