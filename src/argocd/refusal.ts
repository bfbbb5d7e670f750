import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import type { Answer } from './http.ts'

/** A request that Argo CD refused. */
export class ArgoError extends MlopsError {
  override readonly name = 'ArgoError'
  /** Of HTTP. */
  readonly status: number
  /** What Argo CD itself says. */
  readonly said: string

  constructor(code: string, message: string, { status, said, hint }: { status: number; said: string; hint: string }) {
    super(code, message, { hint })
    this.status = status
    this.said = said
  }
}

/** The error that an answer is. `what` is what was asked for, for people. */
export function refusal(what: string, { status, text, headers }: Answer): MlopsError {
  const body = jsonOf(text)
  if (body === undefined) return notArgo(what, status, headers.location)
  const said = String(body['message'] ?? body['error'] ?? 'no reason given')
  const made = (code: string, message: string, hint: string) =>
    new ArgoError(`argocd.${code}`, message, { status, said, hint })
  if (/existing (application|project) spec is different/.test(said))
    return made('exists', `${what} is there already, and differs: ${differenceOf(said)}`, '--upsert writes over it')
  if (/auto-sync/.test(said))
    return made('auto-sync', `Argo CD refuses ${what}: ${said}`, 'mlops argocd app set NAME --sync-policy none')
  if (/another operation is already in progress/.test(said))
    return made(
      'busy',
      `Argo CD refuses ${what}: ${said}`,
      'mlops argocd app wait NAME --operation, or terminate-op NAME',
    )
  switch (status) {
    case 401:
      return /invalid username or password/i.test(said)
        ? made('password', 'Argo CD does not know this user with this password', 'capitals count, in both')
        : made(
            'unauthenticated',
            `Argo CD does not let us in: ${said}`,
            'mlops argocd relogin, or login SERVER; tokens end after a day',
          )
    case 403:
      // said of what is not there, too, so that names cannot be guessed
      return /^permission denied$/.test(said)
        ? made(
            'forbidden',
            `${what}: there is no such thing, or this account may not do this`,
            'Argo CD does not say which',
          )
        : made('forbidden', `Argo CD does not allow ${what}: ${said}`, 'ask who runs it for this right')
    case 404:
      return made('not-found', `Argo CD knows no such thing: ${said}`, 'mlops argocd app list shows what there is')
    case 409:
      return made('conflict', `${what} met another change: ${said}`, 'run the command again')
    case 501:
      return made('unsupported', `this Argo CD is too old for ${what}`, 'mlops argocd version shows which it is')
    default:
      return status >= 500
        ? made('unavailable', `Argo CD has a fault of its own: ${said}`, `it answered ${status} to ${what}`)
        : made('refused', `Argo CD refuses ${what}: ${said}`, `it answered ${status}`)
  }
}

/** The error that no answer is. */
export function unreachable(server: string, cause: unknown): Error {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const failed = (why: string, hint: string) =>
    new ConnectionError('unreachable', `Argo CD at ${server} cannot be reached: ${why}`, { hint, cause })
  if (/WRONG_VERSION|EPROTO|packet length/i.test(`${code} ${error.message}`))
    return failed('it does not speak TLS', '--plaintext')
  if (/CERT|SIGNATURE|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) {
    return failed(
      `its certificate is not trusted: ${error.message}`,
      '--server-crt FILE trusts the one in a file, --insecure any',
    )
  }
  return failed(error.message || code, 'kubectl get pods --namespace argocd shows whether it runs')
}

/** The JSON object that a text is, if it is one. */
export function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** `existing application spec is different; use upsert flag to force update; difference in keys "Path"`. */
function differenceOf(said: string): string {
  return /difference in keys (.*)/.exec(said)?.[0] ?? 'in its spec'
}

function notArgo(what: string, status: number, location: string | undefined): MlopsError {
  if (status >= 300 && status < 400 && location?.startsWith('https:')) {
    return new MlopsError('argocd.plaintext', 'the server speaks TLS', { hint: 'leave --plaintext out' })
  }
  if (status >= 502 && status <= 504) {
    return new MlopsError('argocd.unavailable', `what stands before Argo CD answers ${status} to ${what}`, {
      hint: 'kubectl get pods --namespace argocd shows whether it runs',
    })
  }
  if (status === 400) {
    return new MlopsError('argocd.not-argocd', `the answer to ${what} is not Argo CD's: it is no JSON`, {
      hint: 'leave --plaintext out where the server speaks TLS',
    })
  }
  return new MlopsError('argocd.not-argocd', `the answer to ${what} is not Argo CD's: ${status} without JSON`, {
    hint: 'the address is that of its web pages; --grpc-web-root-path where it lies below a path',
  })
}
