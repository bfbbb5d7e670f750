import { setTimeout as wait } from 'node:timers/promises'
import { MlopsError } from '../../errors.ts'
import type { Cloud } from './cloud.ts'
import { CloudError, cloudError } from './cloud-errors.ts'
import type { HttpAnswer, HttpOptions, HttpRequest } from './http.ts'
import { Login } from './login.ts'
import { type Retries, sendAgain, USUAL_RETRIES } from './retries.ts'
import { httpOptions, type Service, type Session } from './session.ts'

/** How often a thing is asked for that is never there afterwards. */
const MAKES = 3

/** Speaks to the services of one cloud, in the name of who is logged in. */
export class CloudClient {
  readonly #cloud: Cloud
  readonly #login: Login
  readonly #options: HttpOptions
  readonly #retries: Retries

  constructor(cloud: Cloud, { retries = USUAL_RETRIES, login, signal }: ClientOptions = {}) {
    this.#cloud = cloud
    this.#options = { ...httpOptions(cloud), signal }
    this.#retries = retries
    this.#login = login ?? new Login(cloud, retries)
  }

  /** The same, logged in once for both, whose requests end when the signal fires. */
  until(signal: AbortSignal | undefined): CloudClient {
    return new CloudClient(this.#cloud, { retries: this.#retries, login: this.#login, signal })
  }

  /** Who we are, and where. */
  session(): Promise<Session> {
    return this.#login.session(this.#options.signal)
  }

  /** The parsed answer of a GET. */
  async get(service: Service, path: string): Promise<unknown> {
    return (await this.#send('GET', service, path)).body
  }

  /** The parsed answer of a POST. It is not sent twice when the first may have arrived: see `once`. */
  async post(service: Service, path: string, body: unknown): Promise<unknown> {
    return (await this.#send('POST', service, path, body)).body
  }

  async put(service: Service, path: string, body: unknown): Promise<unknown> {
    return (await this.#send('PUT', service, path, body)).body
  }

  /** Removes a thing; that it is gone already is as well. */
  async delete(service: Service, path: string): Promise<void> {
    try {
      await this.#send('DELETE', service, path)
    } catch (error) {
      if (!(error instanceof CloudError && error.status === 404)) throw error
    }
  }

  /** All items of a list, over all of its pages. `key` is the list's name in the answer. */
  async list(service: Service, path: string, key: string): Promise<unknown[]> {
    const items: unknown[] = []
    let next: string | undefined = path
    while (next !== undefined) {
      const body = await this.get(service, next)
      const page = field(body, key)
      if (!Array.isArray(page)) throw new MlopsError('openstack.answer', `the cloud's answer has no list of ${key}`)
      items.push(...page)
      next = page.length === 0 ? undefined : nextPage(path, body, key)
    }
    return items
  }

  /**
   * Makes a thing whose POST must not happen twice: when nobody knows whether the cloud has done it, or still does it,
   * `find` looks for it for a while before it is tried again.
   */
  async once<T>(find: () => Promise<T | undefined>, make: () => Promise<T>): Promise<T> {
    for (let turn = 1; ; turn++) {
      try {
        return await make()
      } catch (error) {
        if (!isUncertain(error) || turn === MAKES) throw error
      }
      for (let look = 0; look < this.#retries.tries; look++) {
        await this.pause(this.#retries.firstPauseMs * 2 ** look)
        const found = await find()
        if (found !== undefined) return found
      }
    }
  }

  /** Waits; an interrupt ends it. */
  pause(ms: number): Promise<void> {
    const { signal } = this.#options
    return wait(ms, undefined, signal ? { signal } : {})
  }

  async #send(
    method: HttpRequest['method'],
    service: Service,
    path: string,
    body?: unknown,
  ): Promise<HttpAnswer & { body: unknown }> {
    let session = await this.#login.session(this.#options.signal)
    let request = this.#request(session, { method, service, path, body })
    const retries = { ...this.#retries, repeatable: method !== 'POST', caFile: this.#cloud.caFile }
    let answer = await sendAgain(request, this.#options, retries)
    if (answer.status === 401) {
      // revoked, or its time was cut short: one new token, then it is an error
      this.#login.forget(session)
      session = await this.#login.session(this.#options.signal)
      request = this.#request(session, { method, service, path, body })
      answer = await sendAgain(request, this.#options, retries)
    }
    if (answer.status >= 300) throw cloudError(request, answer)
    return { ...answer, body: answer.text === '' ? undefined : parsed(request, answer) }
  }

  #request(
    { endpoints, token }: Session,
    { method, service, path, body }: { method: HttpRequest['method']; service: Service; path: string; body: unknown },
  ): HttpRequest {
    return { method, url: `${endpoints[service]}${path}`, headers: { 'X-Auth-Token': token }, body }
  }
}

interface ClientOptions {
  readonly retries?: Retries
  readonly login?: Login
  readonly signal?: AbortSignal | undefined
}

/** Whether the cloud may have done what it was asked for. */
function isUncertain(error: unknown): boolean {
  if (error instanceof CloudError) return error.status >= 500
  return error instanceof MlopsError && error.code === 'openstack.unreachable'
}

/** Nova and Neutron give links, Glance a path. Only what stands behind `?` counts: a service may know itself by another address. */
function nextPage(path: string, body: unknown, key: string): string | undefined {
  const links = field(body, `${key}_links`)
  const link = Array.isArray(links) ? links.find(one => field(one, 'rel') === 'next') : undefined
  const href = field(link, 'href') ?? field(body, 'next')
  const query = typeof href === 'string' ? href.split('?')[1] : undefined
  return query === undefined ? undefined : `${path.split('?')[0]}?${query}`
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined // any object has names
}

function parsed(request: HttpRequest, { text }: HttpAnswer): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MlopsError(
      'openstack.answer',
      `${new URL(request.url).origin} does not answer as a service of OpenStack`,
      {
        hint: 'something between here and the cloud answers in its place: a proxy, or a login page?',
        cause,
      },
    )
  }
}
