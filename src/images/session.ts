import { setTimeout as wait } from 'node:timers/promises'
import { authorize, parseChallenge } from './challenge.ts'
import { type Answer, type Line, NoAnswer, send } from './http.ts'
import { findLogin, type Login } from './logins.ts'
import { DOCKER_HUB, type ImageReference } from './reference.ts'
import { refused, speaksNoTls, unreachable } from './registry-errors.ts'
import { authoritiesFor, mayBePlain } from './trust.ts'

export interface RegistryOptions {
  /** Whether it may be spoken to without TLS, or with a certificate that nobody vouches for; by default on this machine alone. */
  readonly insecure?: boolean | undefined
  /** Where logins and authorities are looked for; by default our own. */
  readonly environment?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
  /** Of one request; by default half a minute. */
  readonly timeoutMs?: number
}

/** A repository of a registry, with the login that the user has there. */
export class Session {
  readonly #image: ImageReference
  readonly #environment: NodeJS.ProcessEnv
  readonly #line: Line
  #base: URL
  #login: Login | undefined
  #authorization: string | undefined
  #token = false

  /** Nothing is asked before the first question. */
  constructor(image: ImageReference, options: RegistryOptions = {}) {
    const { registry } = image
    this.#image = image
    this.#environment = options.environment ?? process.env
    const insecure = options.insecure ?? mayBePlain(registry)
    this.#line = {
      authorities: insecure ? undefined : authoritiesFor(registry, this.#environment),
      insecure,
      timeoutMs: options.timeoutMs ?? 30_000,
      signal: options.signal,
      environment: this.#environment,
    }
    this.#base = new URL(`https://${registry === DOCKER_HUB ? 'registry-1.docker.io' : registry}`)
  }

  /**
   * Asks below `/v2/REPOSITORY/`. 200 and 404 are answers, all else throws: `image.login`, `image.denied`,
   * `image.rate-limit`, `image.certificate`, `image.registry`, or `ConnectionError` when nobody answers.
   */
  async ask(method: 'HEAD' | 'GET', path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    try {
      const send = () => this.#send(method, path, headers)
      let answer = await send()
      if (answer.status === 401 && (await this.#meet(answer))) answer = await send()
      if (answer.status === 200 || answer.status === 404) return answer
      // what HEAD answers has no words of why
      throw this.#refused(method === 'HEAD' ? await this.#send('GET', path, headers) : answer)
    } catch (error) {
      throw error instanceof NoAnswer ? unreachable(this.#image.registry, error) : error
    }
  }

  async #send(method: 'HEAD' | 'GET', path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const once = () =>
      patiently(
        {
          method,
          url: new URL(`/v2/${this.#image.repository}/${path}`, this.#base),
          headers: { ...headers, ...(this.#authorization && { authorization: this.#authorization }) },
        },
        this.#line,
      )
    try {
      return await once()
    } catch (error) {
      const isPlain = error instanceof NoAnswer && speaksNoTls(error.cause)
      if (!isPlain || !this.#line.insecure || this.#base.protocol === 'http:') throw error
      this.#base = new URL(`http://${this.#base.host}`)
      return await once()
    }
  }

  /** Gets what a registry wants to be shown; false: we have nothing to show. */
  async #meet(answer: Answer): Promise<boolean> {
    const challenge = parseChallenge(answer.headers['www-authenticate'])
    if (challenge === undefined) return false
    this.#login = await findLogin(this.#image, this.#environment)
    const { repository } = this.#image
    const granted = await authorize(challenge, {
      ...{ login: this.#login, repository, base: this.#base, line: this.#line },
    })
    if ('refusal' in granted) throw this.#refused(granted.refusal)
    this.#token = challenge.scheme === 'bearer'
    this.#authorization = granted.authorization
    return granted.authorization !== undefined
  }

  #refused(answer: Answer) {
    const { registry, repository } = this.#image
    return refused(answer, { registry, repository, login: this.#login, token: this.#token })
  }
}

const TRIES = 3
const PAUSE_MS = 500

/** Questions change nothing: they are asked again when a line broke or a service stumbled. */
async function patiently(request: Parameters<typeof send>[0], line: Line): Promise<Answer> {
  for (let turn = 1; ; turn++) {
    try {
      const answer = await send(request, line)
      if (turn === TRIES || ![500, 502, 503, 504].includes(answer.status)) return answer
    } catch (error) {
      if (turn === TRIES || !(error instanceof NoAnswer) || !isBroken(error.cause)) throw error
    }
    await wait(PAUSE_MS * turn, undefined, line.signal ? { signal: line.signal } : {})
  }
}

function isBroken(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && ['ECONNRESET', 'EAI_AGAIN', 'EPIPE'].includes(String(cause.code))
}
