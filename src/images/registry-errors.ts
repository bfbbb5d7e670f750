import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import type { Answer, NoAnswer } from './http.ts'
import type { Login } from './logins.ts'
import { DOCKER_HUB } from './reference.ts'

/** Why a registry could not be asked. */
export function unreachable(registry: string, { cause }: NoAnswer): MlopsError | ConnectionError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const why = cause instanceof Error ? cause.message : String(cause)
  if (/CERT|SELF_SIGNED|ISSUER|VERIFY/.test(code)) {
    return new MlopsError('image.certificate', `the certificate of ${registry} is not trusted: ${why}`, {
      cause,
      hint: `put the certificate of its authority into /etc/docker/certs.d/${registry}/ca.crt, where docker looks too, or into SSL_CERT_FILE`,
    })
  }
  const isPlain = speaksNoTls(cause)
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
  return new ConnectionError(
    'unreachable',
    `registry ${registry} cannot be reached: ${timedOut ? 'it does not answer' : isPlain ? 'it does not speak TLS' : why}`,
    {
      cause,
      hint: isPlain
        ? 'a registry without TLS has to be allowed: --insecure, or insecure-registries in /etc/docker/daemon.json'
        : 'check the name, and whether a network or proxy stands between',
    },
  )
}

/** Whether somebody is there who does not know TLS. */
export function speaksNoTls(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return code === 'EPROTO' || code.startsWith('ERR_SSL')
}

/** What was asked for, and as whom. */
export interface Asked {
  readonly registry: string
  readonly repository: string
  readonly login: Login | undefined
  /** Whether a token was given for the login. */
  readonly token: boolean
}

/** What a registry answers instead of what was asked for. */
export function refused(answer: Answer, { registry, repository, login, token }: Asked): MlopsError {
  const said = saidBy(answer)
  const status = said === undefined ? String(answer.status) : `${answer.status}: ${said}`
  const command = registry === DOCKER_HUB ? 'docker login' : `docker login ${registry}`
  switch (answer.status) {
    case 401:
      if (login === undefined) {
        return new MlopsError('image.login', `${registry} wants a login for ${repository} (${status})`, {
          hint: `${command}; some registries say the same of repositories that they do not have`,
        })
      }
      if (token) return denied(`${registry} does not let this login at ${repository} (${status})`)
      return new MlopsError('image.login', `${registry} does not accept the login for ${repository} (${status})`, {
        hint: `log in again: ${command}`,
      })
    case 403:
      return denied(`${registry} does not let this login at ${repository} (${status})`)
    case 429: {
      const after = answer.headers['retry-after']
      return new MlopsError('image.rate-limit', `${registry} takes no more requests for now (${status})`, {
        hint: `${after === undefined ? 'try again later' : `try again in ${after} seconds`}${login === undefined ? `; with a login the limit is higher: ${command}` : ''}`,
      })
    }
    default:
      return new MlopsError('image.registry', `${registry} fails for ${repository} (${status})`, {
        hint: answer.status >= 500 ? 'try again later, or look into its logs' : 'is it an OCI registry?',
      })
  }
}

function denied(message: string): MlopsError {
  return new MlopsError('image.denied', message, {
    hint: 'ask its owner for the right to pull or push, or check the name: some registries say this of what they do not have',
  })
}

/** The registry's own words: `errors` of the Distribution specification, or `details` of token services. */
function saidBy({ body }: Answer): string | undefined {
  try {
    const value: { errors?: { message?: unknown; code?: unknown }[]; details?: unknown } = JSON.parse(
      body.toString('utf8'),
    )
    const [first] = value.errors ?? []
    const said = first?.message ?? first?.code ?? value.details
    return typeof said === 'string' && said !== '' ? said.replace(/\p{Cc}+/gu, ' ').slice(0, 300) : undefined
  } catch {
    return undefined
  }
}
