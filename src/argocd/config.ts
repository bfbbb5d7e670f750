import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { MlopsError } from '../errors.ts'
import { yaml } from '../kubernetes/text.ts'
import { didYouMean } from '../near.ts'
import { type Fields, isFields, listOf, putNamed } from './spec.ts'

/** The file in which the `argocd` program keeps its logins, and we ours: whoever logs in with one of both is logged in with the other. */
export interface Config {
  readonly file: string
  /** All that stands in it; what we do not know stays. */
  readonly fields: Fields
}

/** One login: a server, how it is reached, and the token that it gave. */
export interface Context {
  readonly name: string
  /** `host` or `host:port`, as it was typed. */
  readonly server: string
  readonly insecure: boolean
  readonly plainText: boolean
  readonly grpcWeb: boolean
  readonly rootPath: string
  /** Argo CD's resources are asked for in the cluster itself. */
  readonly core: boolean
  /** Certificates that are trusted for this server beside nobody else (PEM); undefined: those of Node. */
  readonly authorities: string | undefined
  readonly token: string | undefined
}

/** Where the file is: `ARGOCD_CONFIG_DIR`, `~/.argocd` where it exists, else the XDG folder. */
export function configFile(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] ?? homedir()
  if (env['ARGOCD_CONFIG_DIR']) return join(env['ARGOCD_CONFIG_DIR'], 'config')
  const old = join(home, '.argocd')
  if (isFolder(old)) return join(old, 'config')
  return join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'argocd', 'config')
}

/** Reads the file; one that is not there is an empty one. Throws `argocd.config`. */
export function readConfig(file: string): Config {
  let fields: unknown
  try {
    fields = parse(readFileSync(file, 'utf8')) ?? {}
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return { file, fields: {} }
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause))
  }
  if (!isFields(fields)) throw unreadable(file, 'it is no mapping')
  return { file, fields }
}

/** Writes it whole or not at all, for its owner alone: the `argocd` program takes no other. */
export function writeConfig({ file, fields }: Config): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const next = `${file}.${process.pid}.new`
  try {
    writeFileSync(next, yaml({ ...fields, 'prompts-enabled': fields['prompts-enabled'] ?? false }), { mode: 0o600 })
    renameSync(next, file)
  } finally {
    rmSync(next, { force: true })
  }
}

/** The logins, in the order of the file. */
export function contextsOf({ fields }: Config): readonly Context[] {
  const copy = structuredClone(fields)
  const named = (list: string, key: string, value: unknown) => listOf(copy, list).find(each => each[key] === value)
  return listOf(copy, 'contexts').flatMap(({ name, server, user }) => {
    const at = named('servers', 'server', server)
    if (at === undefined) return []
    const token = named('users', 'name', user)?.['auth-token']
    const authorities = at['certificate-authority-data']
    return [
      {
        name: String(name),
        server: String(server),
        insecure: at['insecure'] === true,
        plainText: at['plain-text'] === true,
        grpcWeb: at['grpc-web'] === true,
        rootPath: String(at['grpc-web-root-path'] ?? ''),
        core: at['core'] === true,
        authorities: typeof authorities === 'string' ? Buffer.from(authorities, 'base64').toString() : undefined,
        token: typeof token === 'string' && token !== '' ? token : undefined,
      },
    ]
  })
}

/** The name of the login in use; undefined: none is. */
export function currentContext({ fields }: Config): string | undefined {
  return typeof fields['current-context'] === 'string' && fields['current-context'] !== ''
    ? fields['current-context']
    : undefined
}

/** The login of that name. Throws `argocd.context`. */
export function requireContext(config: Config, name: string): Context {
  const all = contextsOf(config)
  const found = all.find(context => context.name === name)
  if (found !== undefined) return found
  const names = all.map(context => context.name)
  throw new MlopsError('argocd.context', `there is no login ${name} in ${config.file}`, {
    hint: didYouMean(name, names) ?? (names.length > 0 ? `there are ${names.join(', ')}` : 'mlops argocd login SERVER'),
  })
}

/** With this login, in the place of an older one of its name, as the one in use. */
export function withContext(config: Config, context: Context): Config {
  const { name, server, token } = context
  const fields = structuredClone(config.fields)
  const others = listOf(fields, 'servers').filter(each => each['server'] !== server)
  const known = listOf(fields, 'servers').find(each => each['server'] === server)
  const { insecure: _, 'plain-text': _plain, 'grpc-web': _web, core: _core, ...kept } = known ?? {}
  fields['servers'] = [
    ...others,
    {
      ...kept,
      server,
      'grpc-web-root-path': context.rootPath,
      ...(context.insecure && { insecure: true }),
      ...(context.plainText && { 'plain-text': true }),
      ...(context.grpcWeb && { 'grpc-web': true }),
      ...(context.core && { core: true }),
      ...(context.authorities !== undefined && {
        'certificate-authority-data': Buffer.from(context.authorities).toString('base64'),
      }),
    },
  ]
  putNamed(listOf(fields, 'users'), { name, ...(token !== undefined && { 'auth-token': token }) })
  putNamed(listOf(fields, 'contexts'), { name, server, user: name })
  return { ...config, fields: { ...fields, 'current-context': name } }
}

/** With another login in use. */
export function withCurrent(config: Config, name: string): Config {
  return { ...config, fields: { ...structuredClone(config.fields), 'current-context': name } }
}

/** Without the tokens of a login, which stays. */
export function withoutToken(config: Config, name: string): Config {
  const fields = structuredClone(config.fields)
  const context = listOf(fields, 'contexts').find(each => each['name'] === name)
  for (const user of listOf(fields, 'users')) {
    if (user['name'] !== context?.['user']) continue
    delete user['auth-token']
    delete user['refresh-token']
  }
  return { ...config, fields }
}

/** Without a login; its server goes, too, when no other login is about it. */
export function withoutContext(config: Config, { name, server }: Context): Config {
  const fields = structuredClone(config.fields)
  const drop = (list: string, isGone: (entry: Fields) => boolean) => {
    fields[list] = listOf(fields, list).filter(entry => !isGone(entry))
  }
  drop('contexts', entry => entry['name'] === name)
  drop('users', entry => entry['name'] === name)
  if (!listOf(fields, 'contexts').some(entry => entry['server'] === server))
    drop('servers', entry => entry['server'] === server)
  if (fields['current-context'] === name) fields['current-context'] = ''
  return { ...config, fields }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function unreadable(file: string, why: string): MlopsError {
  const [first = ''] = why.split('\n')
  return new MlopsError('argocd.config', `${file} cannot be read: ${first}`, {
    hint: 'the argocd program writes it, and so does mlops argocd login; --config FILE names another',
  })
}
