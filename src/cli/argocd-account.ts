import { changePassword, logIn, serverVersion, userInfo } from '../argocd/account.ts'
import { withContext, writeConfig } from '../argocd/config.ts'
import { MlopsError } from '../errors.ts'
import { clean } from '../report/text.ts'
import { revealed } from '../vault/revealed.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { linesOfStdin } from './argocd-login.ts'
import { findTarget, openConfig, requireTarget, withEnvironment } from './argocd-server.ts'
import { printData } from './argocd-text.ts'
import { ask } from './prompt.ts'

declare const MLOPS_VERSION: string

export interface VersionFlags extends ServerFlags {
  readonly client?: boolean
  readonly short?: boolean
  readonly output: string
}

/** Shows which versions both ends are. */
export async function showVersion(given: VersionFlags): Promise<void> {
  const flags = withEnvironment(given)
  const mlops = typeof MLOPS_VERSION === 'string' ? MLOPS_VERSION : 'development'
  const target = flags.client ? undefined : findTarget(flags)
  const server = target && (await serverVersion(target.session))
  if (printData(flags.output, { mlops, ...(server && { server }) })) return
  process.stdout.write(`mlops: ${mlops}\n`)
  if (server === undefined) return
  const { Version = 'unknown', ...others } = server
  process.stdout.write(clean(`argocd-server: ${Version}\n`))
  if (flags.short) return
  for (const [name, value] of Object.entries(others)) process.stdout.write(clean(`  ${name}: ${value}\n`))
}

/** Shows who the token is for. */
export async function showUserInfo(given: ServerFlags & { readonly output: string }): Promise<void> {
  const flags = withEnvironment(given)
  const info = await userInfo(requireTarget(flags).session)
  if (printData(flags.output, info)) return
  process.stdout.write(`Logged In: ${info.loggedIn === true}\n`)
  if (!info.loggedIn) return
  const { username = '', iss = '', groups = [] } = info
  process.stdout.write(clean(`Username: ${username}\nIssuer: ${iss}\nGroups: ${groups.join(', ')}\n`))
}

const onInput = '--password-stdin reads both passwords, a line each'

export interface PasswordFlags extends ServerFlags {
  readonly account?: string
  readonly currentPassword?: string
  readonly newPassword?: string
  readonly passwordStdin?: boolean
}

/** Changes a password; who changed the own one is logged in again, since the token of before ends. */
export async function updatePassword(given: PasswordFlags): Promise<void> {
  const flags = withEnvironment(given)
  const { session, context } = requireTarget(flags)
  const { username = '' } = await userInfo(session)
  const name = flags.account ?? username
  const [currentPassword, newPassword] = await passwords(flags, username, name)
  revealed.add([currentPassword, newPassword])
  await changePassword(session, { name, currentPassword, newPassword })
  process.stdout.write('Password updated\n')
  if (name !== username || context === undefined) return
  const token = await logIn(session, username, newPassword)
  writeConfig(withContext(openConfig(flags), { ...context, token }))
  process.stdout.write(`Context '${context.name}' updated\n`)
}

async function passwords(flags: PasswordFlags, user: string, name: string): Promise<readonly [string, string]> {
  if (flags.passwordStdin) {
    const [now = '', next = ''] = await linesOfStdin()
    return [now, checked(next, now)]
  }
  if (flags.currentPassword !== undefined || flags.newPassword !== undefined)
    process.stderr.write(
      'warning: passwords on the command line are seen in the list of processes; those of --password-stdin are not\n',
    )
  const now = flags.currentPassword ?? (await ask(`Password of ${user}: `, { secret: true, hint: onInput }))
  if (flags.newPassword !== undefined) return [now, checked(flags.newPassword, now)]
  const next = checked(await ask(`New password of ${name}: `, { secret: true, hint: onInput }), now)
  if (next === (await ask('The same again: ', { secret: true, hint: onInput }))) return [now, next]
  throw new MlopsError('argocd.password', 'the two new passwords differ')
}

function checked(password: string, before: string): string {
  if (password === '') throw new MlopsError('argocd.password', 'the new password is empty')
  if (password === before) throw new MlopsError('argocd.password', 'the new password is the one of before')
  return password
}
