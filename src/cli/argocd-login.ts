import { logIn, subjectOf } from '../argocd/account.ts'
import {
  contextsOf,
  currentContext,
  requireContext,
  withContext,
  withCurrent,
  withoutContext,
  withoutToken,
  writeConfig,
} from '../argocd/config.ts'
import type { Endpoint } from '../argocd/http.ts'
import { openSession } from '../argocd/session.ts'
import { MlopsError } from '../errors.ts'
import { table } from '../report/table.ts'
import { clean } from '../report/text.ts'
import { revealed } from '../vault/revealed.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { endpointOf, namedServer, openConfig, trimmedPath, withEnvironment } from './argocd-server.ts'
import { ask } from './prompt.ts'

export interface LoginFlags extends ServerFlags {
  readonly username?: string
  readonly password?: string
  readonly passwordStdin?: boolean
  readonly name?: string
  readonly sso?: boolean
}

/** How the `argocd` program calls a login without a server. */
const inCluster = 'kubernetes'

/** Logs in, and keeps the token. */
export async function logInAt(named: string | undefined, given: LoginFlags): Promise<void> {
  const flags = withEnvironment(given)
  if (flags.sso) {
    throw new MlopsError('argocd.sso', '--sso is not supported here', {
      hint: 'argocd login --sso keeps its login where mlops finds it; or give a token of `argocd account generate-token` as ARGOCD_AUTH_TOKEN',
    })
  }
  const server = flags.core ? inCluster : namedServer(named === undefined ? flags : { server: named })
  if (server === undefined)
    throw new MlopsError('argocd.server', 'which server?', { hint: 'mlops argocd login HOST:PORT' })
  const rootPath = trimmedPath(flags.grpcWebRootPath)
  const name = flags.name ?? (rootPath === '' ? server : `${server}/${rootPath}`)
  const config = openConfig(flags)
  const pinned = contextsOf(config).find(each => each.server === server)?.authorities
  const endpoint = flags.core ? undefined : endpointOf(server, flags)
  const authorities = endpoint?.authorities ?? pinned
  const token = endpoint && (await tokenFrom({ ...endpoint, authorities }, flags))
  const { insecure = false, plaintext: plainText = false, grpcWeb = false, core = false } = flags
  const context = { name, server, insecure, plainText, grpcWeb, rootPath, core, authorities, token }
  writeConfig(withContext(config, context))
  if (insecure)
    process.stderr.write('warning: --insecure takes any certificate; --server-crt FILE keeps the one to trust\n')
  if (token !== undefined) process.stdout.write(`'${clean(subjectOf(token) ?? 'user')}' logged in successfully\n`)
  process.stdout.write(`Context '${name}' updated\n`)
}

/** Logs in again where the login in use is, as the same user. */
export async function logInAgain(given: LoginFlags): Promise<void> {
  const flags = withEnvironment(given)
  const config = openConfig(flags)
  const name = flags.argocdContext ?? currentContext(config)
  if (name === undefined)
    throw new MlopsError('argocd.no-login', 'nobody was logged in', { hint: 'mlops argocd login SERVER' })
  const {
    token,
    insecure,
    plainText: plaintext,
    grpcWeb,
    rootPath: grpcWebRootPath,
    ...rest
  } = requireContext(config, name)
  const username = flags.username ?? (token === undefined ? undefined : subjectOf(token))
  const known = { name, insecure, plaintext, grpcWeb, grpcWebRootPath, core: rest.core, ...(username && { username }) }
  await logInAt(rest.server, { ...known, ...flags })
}

/** Forgets the token of a login. */
export function logOut(named: string | undefined, given: ServerFlags): void {
  const flags = withEnvironment(given)
  const config = openConfig(flags)
  const name = named ?? flags.argocdContext ?? currentContext(config)
  if (name === undefined) throw new MlopsError('argocd.no-login', 'nobody is logged in')
  const { server } = requireContext(config, name)
  writeConfig(withoutToken(config, name))
  process.stdout.write(`Logged out from '${name === server ? server : `${name} (${server})`}'\n`)
}

/** Shows the logins, uses one, or removes one. */
export function showOrUse(name: string | undefined, given: ServerFlags & { readonly delete?: boolean }): void {
  const config = openConfig(withEnvironment(given))
  if (name === undefined) {
    if (given.delete) throw new MlopsError('argocd.context', 'which login is to be removed?')
    const current = currentContext(config)
    const rows = contextsOf(config).map(each => [each.name === current ? '*' : '', each.name, each.server])
    process.stdout.write(table(['CURRENT', 'NAME', 'SERVER'], rows))
    return
  }
  const context = requireContext(config, name)
  writeConfig(given.delete ? withoutContext(config, context) : withCurrent(config, name))
  process.stdout.write(given.delete ? `Context '${name}' deleted\n` : `Switched to context '${name}'\n`)
}

async function tokenFrom(endpoint: Endpoint, flags: LoginFlags): Promise<string> {
  requireTerminal(flags)
  const username = flags.username ?? (await ask('Username: '))
  const password = await passwordOf(flags)
  revealed.add(password)
  const token = await logIn(openSession(endpoint, undefined), username, password)
  // the first password of the tweet brief: whoever knows the user knows it
  if (password === `${username}123456`)
    process.stderr.write('warning: everybody can guess this password: mlops argocd account update-password\n')
  return token
}

async function passwordOf(flags: LoginFlags): Promise<string> {
  if (flags.passwordStdin) return (await linesOfStdin())[0] ?? ''
  if (flags.password !== undefined) {
    process.stderr.write('warning: --password is seen in the list of processes; --password-stdin is not\n')
    return flags.password
  }
  return process.env['ARGOCD_PASSWORD'] || (await ask('Password: ', { secret: true }))
}

/** Says at once what is missing where nobody can be asked. */
function requireTerminal({ username, password, passwordStdin }: LoginFlags): void {
  const hasPassword = passwordStdin || password !== undefined || process.env['ARGOCD_PASSWORD']
  if (process.stdin.isTTY || (username !== undefined && hasPassword)) return
  throw new MlopsError('argocd.password', 'who logs in, and with which password? There is no terminal to ask', {
    hint: '--username NAME, and --password-stdin or ARGOCD_PASSWORD',
  })
}

/** All that stands on standard input, line by line. */
export async function linesOfStdin(): Promise<string[]> {
  let text = ''
  for await (const part of process.stdin.setEncoding('utf8')) text += part
  return text.split(/\r?\n/)
}
