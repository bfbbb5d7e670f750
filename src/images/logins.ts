import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { MlopsError } from '../errors.ts'
import { DOCKER_HUB, type ImageReference } from './reference.ts'

/** A login at a registry: a name with a password, or a token that stands for both. */
export type Login =
  | { readonly user: string; readonly password: string }
  /** OAuth 2 refresh token. */
  | { readonly identityToken: string }

/** The key of Docker Hub in login files: the address that its first registry had. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/'

/** A login file, as `docker login` and `podman login` write it. */
interface LoginFile {
  readonly auths?: Readonly<Record<string, Entry>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

interface Entry {
  /** Base64 of `user:password`. */
  readonly auth?: string
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
}

/**
 * The login that `docker login` or `podman login` left for a repository: from files, or from the program that
 * keeps it. Undefined: none. Throws `image.login-file`, `image.login-program`.
 */
export async function findLogin(
  image: Pick<ImageReference, 'registry' | 'repository'>,
  environment: NodeJS.ProcessEnv,
): Promise<Login | undefined> {
  for (const path of loginFiles(environment)) {
    const file = readLoginFile(path)
    if (file === undefined) continue
    const program = file.credHelpers?.[image.registry] ?? file.credHelpers?.[hostKey(image.registry)] ?? file.credsStore
    const login = program ? await askProgram(program, hostKey(image.registry), environment) : undefined
    const found = login ?? loginOf(entryOf(file, image))
    if (found !== undefined) return found
  }
  return undefined
}

/** Docker's file, then Podman's (containers-auth.json(5)). */
function loginFiles(environment: NodeJS.ProcessEnv): string[] {
  const home = environment['HOME'] || homedir()
  const { DOCKER_CONFIG: docker, REGISTRY_AUTH_FILE: named, XDG_RUNTIME_DIR: runtime } = environment
  return [
    ...(named ? [named] : []),
    join(docker || join(home, '.docker'), 'config.json'),
    ...(runtime ? [join(runtime, 'containers/auth.json')] : []),
    join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers/auth.json'),
  ]
}

function readLoginFile(path: string): LoginFile | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    const value: unknown = JSON.parse(text)
    // the format of Docker and Podman; every field that we read is optional
    if (typeof value === 'object' && value !== null) return value as LoginFile
  } catch {
    // its text may hold a password: the parser's own words would show it
  }
  throw new MlopsError('image.login-file', `${path} is not JSON as \`docker login\` writes it`, {
    hint: 'move it away and log in again',
  })
}

function hostKey(registry: string): string {
  return registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry
}

/** The entry of the longest name that fits: Podman's may say a part of the repository too. */
function entryOf({ auths = {} }: LoginFile, { registry, repository }: Pick<ImageReference, 'registry' | 'repository'>) {
  const parts = repository.split('/')
  const names = parts.map((_, count) => [registry, ...parts.slice(0, parts.length - count)].join('/'))
  for (const name of [...names, registry]) if (auths[name]) return auths[name]
  const keys = Object.keys(auths)
  const key = registry === DOCKER_HUB ? keys.find(isDockerHub) : keys.find(key => hostOf(key) === registry)
  return key === undefined ? undefined : auths[key]
}

function isDockerHub(key: string): boolean {
  return [DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io'].includes(hostOf(key))
}

/** Older programs wrote whole addresses, such as `https://registry.example.org/v1/`. */
function hostOf(key: string): string {
  return /^(?:https?:\/\/)?([^/]*)(?:\/v[12]\/?|\/)?$/.exec(key)?.[1] ?? key
}

function loginOf(entry: Entry | undefined): Login | undefined {
  if (entry === undefined) return undefined
  if (entry.identitytoken) return { identityToken: entry.identitytoken }
  const pair = entry.auth === undefined ? '' : Buffer.from(entry.auth, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  const user = entry.username ?? (colon === -1 ? '' : pair.slice(0, colon))
  // old versions of Docker padded passwords with NUL
  const password = entry.password ?? (colon === -1 ? '' : pair.slice(colon + 1).replace(/\0+$/, ''))
  return user === '' ? undefined : { user, password }
}

/** Asks `docker-credential-NAME get`: the protocol of Docker's credential helpers. */
async function askProgram(name: string, key: string, environment: NodeJS.ProcessEnv): Promise<Login | undefined> {
  const program = `docker-credential-${name}`
  const fail = (why: string, cause?: unknown) =>
    new MlopsError('image.login-program', `${program}, which keeps the logins, ${why}`, {
      cause,
      hint: 'it is named in the login file (credsStore or credHelpers): install it, or take that line out and log in again',
    })
  const { status, output } = await runProgram(program, key, environment).catch(cause => {
    throw fail('cannot be started', cause)
  })
  if (status !== 0) {
    if (/credentials not found/i.test(output)) return undefined
    throw fail(`failed: ${output.trim().split('\n').at(-1) ?? `status ${status}`}`)
  }
  try {
    const { Username: user, Secret: secret }: { Username?: unknown; Secret?: unknown } = JSON.parse(output)
    if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') return undefined
    return user === '<token>' ? { identityToken: secret } : { user, password: secret }
  } catch {
    throw fail('did not answer with JSON')
  }
}

function runProgram(program: string, input: string, environment: NodeJS.ProcessEnv) {
  return new Promise<{ status: number; output: string }>((resolve, reject) => {
    const child = spawn(program, ['get'], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text
    })
    child.once('error', reject)
    child.once('close', status => resolve({ status: status ?? -1, output }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
