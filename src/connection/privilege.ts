import { becomeLine, promptOf } from '../shell/become.ts'
import { becomeRefused, wrongPassword } from './become-errors.ts'
import type { Channel, ChannelListener, OpenChannel } from './channel.ts'
import { type Become, ConnectionError } from './connection.ts'
import { Latch } from './latch.ts'

/** A command for one user of a host. */
export interface Start {
  readonly host: string
  /** A line of shell text that prints `token` as soon as it runs. */
  readonly command: string
  readonly token: string
  readonly become: Become | undefined
  /** True: the way to the host can choose the user itself (Docker). */
  readonly choosesUser: boolean
  readonly timeoutMs: number
}

/**
 * Starts a command, as another user where asked. With a password it waits until the command is up, as what is sent
 * earlier would be read as the password; without one, nothing reads what is sent but the command: no trip is lost.
 */
export async function startAs(openChannel: OpenChannel, start: Start, listener: ChannelListener): Promise<Channel> {
  const { become, command, token } = start
  if (become === undefined || start.choosesUser) return openChannel(`exec ${command}`, listener, become?.user)
  const prompt = become.password && promptOf(become, token)
  const line = `exec ${becomeLine(become, command, prompt)}`
  if (prompt === undefined) return openChannel(line, listener)
  const greeting = new Greeting(start, become, prompt)
  const opening = openChannel(line, {
    stdout: chunk => {
      greeting.stdout(chunk, opening)
      listener.stdout(chunk)
    },
    stderr: chunk => {
      greeting.stderr(chunk, opening)
      listener.stderr(chunk)
    },
    closed: status => {
      greeting.closed(status)
      listener.closed(status)
    },
  })
  const channel = await opening
  const timer = setTimeout(() => channel.destroy(), start.timeoutMs)
  await greeting.up.promise.finally(() => clearTimeout(timer))
  return channel
}

/** The talk with sudo or su before the command is up. */
class Greeting {
  readonly up = new Latch()
  readonly #start: Start
  readonly #become: Become
  readonly #prompt: string
  #stdout = ''
  #stderr = ''
  #answered = false

  constructor(start: Start, become: Become, prompt: string) {
    this.#start = start
    this.#become = become
    this.#prompt = prompt
  }

  stdout(chunk: Buffer, opening: Promise<Channel>): void {
    if (this.up.settled) return
    this.#stdout += chunk.toString('latin1')
    if (this.#stdout.includes(this.#start.token)) this.up.resolve()
    // The su of BusyBox asks here
    const at = this.#become.method === 'su' ? this.#stdout.indexOf(this.#prompt) : -1
    if (at < 0) return
    this.#stdout = this.#stdout.slice(at + this.#prompt.length)
    this.#reply(opening)
  }

  stderr(chunk: Buffer, opening: Promise<Channel>): void {
    if (this.up.settled) return
    this.#stderr += chunk.toString('utf8')
    const at = this.#stderr.indexOf(this.#prompt)
    if (at < 0) return
    this.#stderr = this.#stderr.slice(at + this.#prompt.length)
    this.#reply(opening)
  }

  /** Gives the password when it is asked for; a second time, it was wrong. */
  #reply(opening: Promise<Channel>): void {
    const refuse = (error: unknown) => {
      this.up.reject(error)
      void opening.then(channel => channel.end())
    }
    if (this.#answered) {
      refuse(wrongPassword(this.#become, this.#start.host))
      return
    }
    this.#answered = true
    const ask = this.#become.password ?? (() => Promise.resolve(''))
    ask()
      .then(async password => (await opening).write(Buffer.from(`${password}\n`)))
      .catch(refuse)
  }

  closed(status: number | undefined): void {
    const { host, timeoutMs } = this.#start
    const error =
      status === undefined
        ? new ConnectionError('lost', `${this.#become.method} on ${host} did not answer within ${timeoutMs / 1000} s`)
        : becomeRefused(this.#become, host, this.#stderr)
    this.up.reject(error)
  }
}
