import type { Session } from './session.ts'

/** The token of a user. Throws `argocd.password`. */
export async function logIn(session: Session, username: string, password: string): Promise<string> {
  const body = { username, password }
  const { token } = await session.ask<{ token: string }>('logging in', {
    method: 'POST',
    path: '/api/v1/session',
    body,
  })
  return token
}

export interface UserInfo {
  readonly loggedIn?: boolean
  readonly username?: string
  readonly iss?: string
  readonly groups?: readonly string[]
}

export function userInfo(session: Session): Promise<UserInfo> {
  return session.ask('who we are', { method: 'GET', path: '/api/v1/session/userinfo' })
}

export async function changePassword(
  session: Session,
  body: { readonly name: string; readonly currentPassword: string; readonly newPassword: string },
): Promise<void> {
  await session.ask('changing the password', { method: 'PUT', path: '/api/v1/account/password', body })
}

/** What a server says of itself: `Version`, `BuildDate`, `KustomizeVersion` … */
export function serverVersion(session: Session): Promise<Readonly<Record<string, string>>> {
  return session.ask('the version', { method: 'GET', path: '/api/version' })
}

/** Who a token is for, by its own claims; it is not checked here. */
export function subjectOf(token: string): string | undefined {
  const [, claims = ''] = token.split('.')
  try {
    const { sub, name, email } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))
    const who = email ?? name ?? sub
    // `admin:login`: the account, and how it got the token
    return typeof who === 'string' ? who.split(':')[0] : undefined
  } catch {
    return undefined
  }
}
