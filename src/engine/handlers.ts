import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { Handler, Written } from '../playbook/types.ts'
import type { Extra } from './context.ts'
import type { HostState } from './host-state.ts'
import { stepName } from './task-name.ts'
import type { PlayWorld, Surroundings } from './world.ts'

/** Who runs a handler on hosts: the walker of the play. */
export interface HandlerRunner {
  handler(handler: Handler, hosts: readonly HostState[], around: Surroundings): Promise<void>
}

/** The handlers of a play: who was notified, and running them in the order in which they were written. */
export class Handlers {
  readonly #world: PlayWorld
  readonly #handlers: Handler[]
  /** What surrounded the include that brought a handler, by its id. */
  readonly #extras = new Map<string, Extra>()
  /** What an earlier run owes: it waits for the end of the play, whose tasks may first mend what made it fail. */
  readonly #owed = new Map<HostState, Set<string>>()
  /** Of equal uses of a role by imports and includes each handler is one: the first. By what makes it that one, and by id. */
  readonly #firsts = new Map<string, Handler>()
  readonly #same = new Map<string, Handler>()

  constructor(world: PlayWorld) {
    this.#world = world
    this.#handlers = []
    for (const handler of world.play.handlers) this.#put(handler, {})
  }

  /** Handlers of a role that was included while playing; they see the variables of the include. */
  add(handlers: readonly Handler[], extra: Extra): void {
    for (const handler of handlers) {
      this.#put(handler, extra)
      this.#extras.set(handler.id, extra)
    }
  }

  #put(handler: Handler, extra: Extra): void {
    this.#handlers.push(handler)
    const { role, at, keywords } = handler
    if (role === undefined || role.useKey !== undefined) return
    const values = [role.useVars, role.params, keywords.when].map(list => list.map(each => each.value))
    const key = JSON.stringify([at.file, at.line, at.column, role.path, values, keywords.tags, extra])
    const first = this.#firsts.get(key)
    if (first === undefined) this.#firsts.set(key, handler)
    else this.#same.set(handler.id, first)
  }

  /** Remembers names or topics. Throws `play.handler` for one that nobody answers to: only now its name is known. */
  notify(host: HostState, names: readonly Written<string>[]): void {
    for (const { value: name, at } of names) {
      const here = this.#handlers.filter(handler => !host.passesOver(handler))
      const named = here.filter(handler => this.#called(handler, host).includes(name)).at(-1)
      const listening = here.filter(handler =>
        handler.listen.some(topic => this.#open(handler, host, topic.value) === name),
      )
      if (!named && listening.length === 0) {
        const known = this.#handlers.flatMap(handler => [
          ...this.#called(handler, host),
          ...handler.listen.map(topic => this.#open(handler, host, topic.value)),
        ])
        const hint = didYouMean(name, known)
        throw new MlopsError('play.handler', `no handler is called \`${name}\` or listens to it`, {
          at,
          ...(hint === undefined ? {} : { hint }),
        })
      }
      for (const told of [...(named ? [named] : []), ...listening]) {
        const handler = this.#same.get(told.id) ?? told
        this.#owed.get(host)?.delete(handler.id)
        if (host.notified.has(handler.id)) continue
        host.notified.add(handler.id)
        this.#world.progress.name(handler.id, this.#called(handler, host)[1] ?? name)
        this.#world.emitter.say({ type: 'handler-notified', host: host.name, handler: name })
      }
    }
  }

  /** Tells hosts of what an earlier run told them and did not come to. */
  remind(hosts: readonly HostState[]): void {
    const { progress, play, emitter } = this.#world
    const told = new Map<string, string[]>()
    for (const host of hosts) {
      for (const name of progress.pending(host, play)) {
        try {
          this.notify(host, [{ value: name, at: play.at }])
          told.set(name, [...(told.get(name) ?? []), host.name])
        } catch (error) {
          if (!(error instanceof MlopsError)) throw error
          emitter.warn(
            `handler \`${name}\` was notified in the last run, did not run, and is not there any more`,
            host.name,
          )
        }
      }
    }
    for (const host of hosts) this.#owed.set(host, new Set(host.notified))
    for (const [name, names] of told)
      emitter.warn(
        `handler \`${name}\` was notified in the last run and did not run: it runs in this one, on ${names.join(', ')}`,
      )
  }

  /**
   * Runs what was notified, and what that notifies in turn. One that stands before who notified it waits for the next flush, as in
   * Ansible, but not `atEnd` of the play; then what an earlier run owes runs, too.
   */
  async flush(hosts: readonly HostState[], walker: HandlerRunner, { atEnd }: { atEnd: boolean }): Promise<void> {
    if (atEnd) for (const host of hosts) this.#owed.delete(host)
    const ran = new Map<HostState, Set<string>>(hosts.map(host => [host, new Set()]))
    const runs = (host: HostState, { id }: Handler) =>
      host.active && host.notified.has(id) && !this.#owed.get(host)?.has(id) && !ran.get(host)?.has(id)
    for (let i = 0; i < this.#handlers.length; i++) {
      const handler = this.#handlers[i]
      if (!handler) continue
      const notified = hosts.filter(host => runs(host, handler))
      if (notified.length === 0) continue
      for (const host of notified) {
        host.notified.delete(handler.id)
        ran.get(host)?.add(handler.id)
      }
      await walker.handler(handler, notified, { extra: this.#extra(handler), rescuable: false, upcoming: () => [] })
      if (!atEnd) continue
      const again = this.#handlers.findIndex(earlier => hosts.some(host => runs(host, earlier)))
      if (again !== -1 && again <= i) i = again - 1
    }
  }

  #extra({ id }: Handler): Extra {
    return this.#extras.get(id) ?? {}
  }

  #called(handler: Handler, host: HostState): string[] {
    const name = stepName(this.#world, handler, host, { extra: this.#extra(handler) })
    const bare =
      handler.role && name.startsWith(`${handler.role.name} : `) ? name.slice(handler.role.name.length + 3) : name
    return [name, bare]
  }

  #open(handler: Handler, host: HostState, text: string): string {
    try {
      return String(this.#world.nameSpace.names(host, this.#world, handler, this.#extra(handler)).open(text))
    } catch {
      return text
    }
  }
}
