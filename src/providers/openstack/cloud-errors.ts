import { MlopsError } from '../../errors.ts'
import type { HttpAnswer, HttpRequest } from './http.ts'

/** An answer that is an error, as OpenStack's services say it. */
export class CloudError extends MlopsError {
  override readonly name = 'CloudError'
  readonly status: number
  /** Neutron's own word, such as `OverQuota`; undefined: it said none. */
  readonly type: string | undefined

  constructor(code: string, message: string, details: { hint: string; status: number; type?: string | undefined }) {
    super(code, message, { hint: details.hint })
    this.status = details.status
    this.type = details.type
  }
}

/** The error that an answer is: in plain words, with what the service itself says and its request id. */
export function cloudError({ method, url }: Pick<HttpRequest, 'method' | 'url'>, answer: HttpAnswer): CloudError {
  const { status } = answer
  const { message, type } = readFault(answer)
  const id = answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id']
  const where = `${method} ${pathOf(url)} answered ${status}${typeof id === 'string' ? `, request ${id}` : ''}`
  const fault = (code: string, text: string, hint: string) =>
    new CloudError(`openstack.${code}`, text, { status, type, hint: `${hint} (${where})` })
  if (type === 'OverQuota' || (status < 500 && /quota/i.test(message))) {
    return fault(
      'quota',
      `the project has used up its quota: ${message}`,
      'destroy what is not needed, or ask for more',
    )
  }
  switch (status) {
    case 401:
      return fault('unauthorized', `the cloud does not let us in: ${message}`, 'check user, password and project')
    case 403:
      return fault('forbidden', `the cloud's policy forbids this: ${message}`, 'ask its operator for the role it takes')
    case 404:
      return fault('not-found', `the cloud knows no such thing: ${message}`, 'somebody may have removed it meanwhile')
    case 409:
      return fault('conflict', `the cloud says that this is in the way of something else: ${message}`, 'try again')
    case 413:
    case 429:
      return fault('rate-limit', 'the cloud takes no more requests from us for now', 'wait a minute, and try again')
    default:
      if (status >= 500) return fault('unavailable', `the cloud has a fault of its own: ${message}`, 'try again later')
      return fault('refused', `the cloud refuses this: ${message}`, 'correct mlops.yml')
  }
}

/** The error that no answer is: who could not be reached, and why. */
export function unreachable(url: string, cause: unknown, caFile: string | undefined): MlopsError {
  const reason = cause instanceof Error ? cause : new Error(String(cause))
  const code = 'code' in reason && typeof reason.code === 'string' ? reason.code : ''
  const host = new URL(url).origin
  if (/CERT|SIGNATURE|SELF_SIGNED|UNABLE_TO|ALTNAME|EPROTO|SSL/.test(code)) {
    return new MlopsError('openstack.certificate', `the certificate of ${host} is not trusted: ${reason.message}`, {
      hint:
        caFile === undefined
          ? 'give the file of the authority that signed it as OS_CACERT, or `cacert` in clouds.yaml'
          : `the authority in ${caFile} did not sign it`,
      cause,
    })
  }
  const why = reason.name === 'TimeoutError' ? 'no answer in time' : reason.message || code
  return new MlopsError('openstack.unreachable', `${host} cannot be reached: ${why}`, {
    hint: 'check OS_AUTH_URL, the network and the firewalls between here and the cloud, then run the command again',
    cause,
  })
}

const LONGEST = 300

/** The message of each of the four shapes that services use; what is long is cut, for it may repeat the request. */
export function readFault({ text, status }: Pick<HttpAnswer, 'text' | 'status'>): {
  message: string
  type: string | undefined
} {
  const body = parsed(text)
  // Keystone and Nova wrap it in one key of any name, Neutron in NeutronError, Glance in nothing
  const inner =
    isMap(body) && typeof body['message'] === 'string' ? body : isMap(body) ? Object.values(body)[0] : undefined
  const said = isMap(inner) && typeof inner['message'] === 'string' ? inner['message'] : undefined
  const type = isMap(inner) && typeof inner['type'] === 'string' ? inner['type'] : undefined
  return { message: shortened(said ?? `status ${status}`), type }
}

function shortened(message: string): string {
  // schema errors of Nova repeat the value that they refuse, user data and all
  const bare = message
    .replace(/(Invalid input for field\/attribute \S+)\. Value: [\s\S]*\. (?=[^.]*$)/, '$1: ')
    .replace(/'[^']{60,}'/g, "'…'")
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return bare.length > LONGEST ? `${bare.slice(0, LONGEST)}…` : bare
}

function pathOf(url: string): string {
  return new URL(url).pathname
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
