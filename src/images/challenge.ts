import { MlopsError } from '../errors.ts'
import { type Answer, type Line, type Request, send } from './http.ts'
import type { Login } from './logins.ts'

/** How a registry wants to be shown a login (`WWW-Authenticate`, RFC 9110, 11.6.1). */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer'
  readonly parameters: Readonly<Record<string, string>>
}

/** The first challenge that we can meet; undefined: none of them. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const found = /\b(basic|bearer)\b\s*(.*)/i.exec(header ?? '')
  if (found === null) return undefined
  const [, scheme = '', rest = ''] = found
  const pairs = [...rest.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)]
  return {
    scheme: scheme.toLowerCase() === 'basic' ? 'basic' : 'bearer',
    parameters: Object.fromEntries(
      pairs.map(([, name = '', quoted, bare = '']) => [
        name.toLowerCase(),
        quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'),
      ]),
    ),
  }
}

/** What to send as `Authorization`, or what the token service answered instead of a token. */
export type Grant = { readonly authorization: string | undefined } | { readonly refusal: Answer }

/** Meets a challenge: with the login itself, or with a token that its realm gives (Distribution's token specification). */
export async function authorize(
  { scheme, parameters }: Challenge,
  { login, repository, base, line }: { login: Login | undefined; repository: string; base: URL; line: Line },
): Promise<Grant> {
  if (scheme === 'basic') return { authorization: login && 'user' in login ? basic(login) : undefined }
  const { realm = '', service, scope = `repository:${repository}:pull` } = parameters
  const answer = await send(tokenRequest(realmOf(realm, base), { service, scope, login }), line)
  if (answer.status !== 200) return { refusal: answer }
  const token = tokenIn(answer)
  return token === undefined ? { refusal: answer } : { authorization: `Bearer ${token}` }
}

function tokenRequest(
  realm: URL,
  { service, scope, login }: { service: string | undefined; scope: string; login: Login | undefined },
): Request {
  const asked = { ...(service !== undefined && { service }), scope }
  if (login && 'identityToken' in login) {
    const form = { grant_type: 'refresh_token', client_id: 'mlops', refresh_token: login.identityToken, ...asked }
    return { method: 'POST', url: realm, form }
  }
  const url = new URL(realm)
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return { method: 'GET', url, ...(login && { headers: { authorization: basic(login) } }) }
}

/** A password never goes to a place without TLS that a registry with TLS names. */
function realmOf(realm: string, base: URL): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && base.protocol === 'http:')) return url
  throw new MlopsError('image.registry', `${base.host} sends us for a token to ${JSON.stringify(realm)}`, {
    hint: 'that is no https address: a login is not sent there',
  })
}

function tokenIn({ body }: Answer): string | undefined {
  try {
    const { token, access_token }: { token?: unknown; access_token?: unknown } = JSON.parse(body.toString('utf8'))
    return [token, access_token].find(value => typeof value === 'string' && value !== '') as string | undefined
  } catch {
    return undefined
  }
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
