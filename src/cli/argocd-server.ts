import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { type ApplicationName, applicationName } from '../argocd/applications.ts'
import {
  type Config,
  type Context,
  configFile,
  contextsOf,
  currentContext,
  readConfig,
  requireContext,
} from '../argocd/config.ts'
import type { Endpoint } from '../argocd/http.ts'
import { openSession, type Session } from '../argocd/session.ts'
import { MlopsError } from '../errors.ts'
import { splitWords } from '../shell/words.ts'
import { revealed } from '../vault/revealed.ts'
import { addServerFlags, type ServerFlags } from './argocd-flags.ts'
import { clusterProject } from './k8s-target.ts'

/** Which server is meant; undefined: nobody said one, and nobody is logged in. */
export interface Target {
  readonly session: Session
  /** `host:port`, as it was typed. */
  readonly server: string
  /** The login that the token comes from; undefined: from flags or the environment. */
  readonly context: Context | undefined
}

/** The flags, on top of those of `ARGOCD_OPTS`. */
export function withEnvironment<T extends ServerFlags>(
  flags: T,
  env: NodeJS.ProcessEnv = process.env,
): T & ServerFlags {
  const scratch = addServerFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  try {
    scratch.parse(splitWords(env['ARGOCD_OPTS'] ?? ''), { from: 'user' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^error: /, '') : String(cause)
    throw new MlopsError('argocd.options', `ARGOCD_OPTS cannot be read: ${why}`, { cause })
  }
  const all = { ...scratch.opts<ServerFlags>(), ...flags }
  if (all.portForward || all.portForwardNamespace !== undefined) {
    throw new MlopsError('argocd.port-forward', '--port-forward is not supported here', {
      hint: 'kubectl port-forward --namespace argocd service/argocd-server 8080:443, then --server localhost:8080',
    })
  }
  return all
}

/** The logins that are kept. */
export function openConfig({ config }: ServerFlags): Config {
  return readConfig(config ?? configFile(process.env))
}

/** The server of flags, environment and login. Throws `argocd.context`, `argocd.config`, `argocd.file`. */
export function findTarget(flags: ServerFlags): Target | undefined {
  const context = contextFor(flags)
  const server = namedServer(flags) ?? context?.server
  if (server === undefined) return undefined
  const token = flags.authToken ?? (process.env['ARGOCD_AUTH_TOKEN'] || context?.token)
  if (token !== undefined) revealed.add(token)
  return { session: openSession(endpointOf(server, flags, context), token), server, context }
}

/** The same, where nothing goes without a server. Throws `argocd.no-login`, `argocd.core`. */
export function requireTarget(flags: ServerFlags): Target {
  if (usesCluster(flags)) {
    throw new MlopsError('argocd.core', 'this takes the server of Argo CD, which --core does without', {
      hint: 'leave --core out, or use a login at a server: mlops argocd context',
    })
  }
  const target = findTarget(flags)
  if (target !== undefined) return target
  throw new MlopsError('argocd.no-login', 'which Argo CD? Nobody is logged in', {
    hint: 'mlops argocd login SERVER; or --server with --auth-token, also as ARGOCD_SERVER and ARGOCD_AUTH_TOKEN',
  })
}

/** The server of a flag or of the environment; undefined: neither names one. As it stands in the line of a browser, it will do. */
export function namedServer({ server }: ServerFlags): string | undefined {
  const named = server ?? process.env['ARGOCD_SERVER']
  return named ? named.replace(/^https:\/\//, '').replace(/\/$/, '') : undefined
}

/** Whether Argo CD's resources are asked for in the cluster itself, without its server. */
export function usesCluster(flags: ServerFlags): boolean {
  if (flags.core !== undefined) return flags.core
  return namedServer(flags) === undefined && contextFor(flags)?.core === true
}

/** The Application that is named, else that of the project here, where a cluster runs it. Throws `argocd.which`. */
export function wantedName(text: string | undefined, { appNamespace }: ServerFlags): ApplicationName {
  const named = text ?? clusterProject(undefined)?.name
  if (named !== undefined) return applicationName(named, appNamespace)
  throw new MlopsError('argocd.which', 'which Application?', { hint: 'mlops argocd app list shows what there is' })
}

/** The server at an address, as flags say how to reach it. Throws `argocd.server`, `argocd.file`, `argocd.flag`. */
export function endpointOf(server: string, flags: ServerFlags, context?: Context): Endpoint {
  const plain = flags.plaintext ?? context?.plainText ?? false
  const rootPath = trimmedPath(flags.grpcWebRootPath ?? context?.rootPath)
  const address = `${plain ? 'http' : 'https'}://${server}${rootPath === '' ? '' : `/${rootPath}`}`
  if (!URL.canParse(address) || /[/?#@]/.test(server)) {
    throw new MlopsError('argocd.server', `${server} is no address of a server`, {
      hint: 'HOST or HOST:PORT, such as localhost:8080; --plaintext where it speaks no TLS, --grpc-web-root-path PATH',
    })
  }
  return {
    url: address,
    insecure: flags.insecure ?? context?.insecure ?? false,
    authorities: flags.serverCrt === undefined ? context?.authorities : readFlag('server-crt', flags.serverCrt),
    client: clientOf(flags),
    headers: Object.fromEntries((flags.header ?? []).map(headerOf)),
  }
}

/** A path without slashes around it; empty: none. */
export function trimmedPath(path: string | undefined): string {
  return (path ?? '').replace(/^\/+|\/+$/g, '')
}

/** A token goes to the server that gave it, and to no other. */
function contextFor(flags: ServerFlags): Context | undefined {
  const config = openConfig(flags)
  if (flags.argocdContext !== undefined) return requireContext(config, flags.argocdContext)
  const server = namedServer(flags)
  const current = currentContext(config)
  const all = contextsOf(config)
  const inUse = all.find(context => context.name === current)
  return server === undefined || inUse?.server === server ? inUse : all.find(context => context.server === server)
}

function clientOf({ clientCrt, clientCrtKey }: ServerFlags): Endpoint['client'] {
  if (clientCrt === undefined && clientCrtKey === undefined) return undefined
  if (clientCrt === undefined || clientCrtKey === undefined)
    throw new MlopsError('argocd.flag', '--client-crt and --client-crt-key go together')
  return { certificate: readFlag('client-crt', clientCrt), key: readFlag('client-crt-key', clientCrtKey) }
}

function readFlag(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MlopsError('argocd.file', `--${flag} ${file} cannot be read`, { cause })
  }
}

function headerOf(text: string): readonly [string, string] {
  const [, name, value] = /^([\w-]+)\s*[:=]\s*(.*)$/.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name, value]
  throw new MlopsError('argocd.flag', `--header ${text} is not NAME: VALUE`)
}
