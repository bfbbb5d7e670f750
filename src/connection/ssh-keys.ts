import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { SshSettings } from './ssh-config.ts'

/** Where keys and passwords come from; shared by all hosts of a run, so that a passphrase is asked for once. */
export interface KeyRing {
  /** Asks for the passphrase of a key file; undefined: the key is left out. */
  readonly askPassphrase?: ((file: string) => Promise<string | undefined>) | undefined
  readonly opened: Map<string, Promise<KeyFile>>
}

export type KeyFile =
  | { readonly file: string; readonly key: ssh2.ParsedKey }
  | { readonly file: string; readonly problem: string }

export interface Attempts {
  /** For ssh2: the next way to prove who we are that the server still takes, false when there is none. */
  next(left: readonly string[] | null): Promise<ssh2.AnyAuthMethod | false>
  /** What was tried, for people. */
  readonly tried: string[]
}

export interface LoginWith {
  readonly settings: SshSettings
  readonly privateKeyFile: string | undefined
  readonly onlyPrivateKey?: boolean | undefined
  readonly password: (() => Promise<string>) | undefined
  readonly ring: KeyRing
  /** Told of a key file that others may read, once. */
  readonly warn?: ((message: string) => void) | undefined
}

/**
 * The ways to log in, in order: keys named by the user that open without a passphrase, the agent, named keys that ask
 * for one (the agent may have them), the default keys when none is named, the password.
 */
export function attempts(login: LoginWith): Attempts {
  const tried: string[] = []
  const ways = allWays(login, tried)
  return {
    tried,
    next: async left => {
      for await (const way of { [Symbol.asyncIterator]: () => ({ next: () => ways.next() }) }) {
        if (left === null || left.includes(way.type === 'agent' ? 'publickey' : way.type)) return way
      }
      return false
    },
  }
}

async function* allWays(login: LoginWith, tried: string[]): AsyncGenerator<ssh2.AnyAuthMethod, void> {
  const { privateKeyFile } = login
  const alone = login.onlyPrivateKey === true
  const password = alone ? undefined : login.password
  const settings = alone ? { ...login.settings, identityFiles: [], identityAgent: undefined } : login.settings
  const username = settings.user
  const named = [...new Set([...(privateKeyFile === undefined ? [] : [privateKeyFile]), ...settings.identityFiles])]
  const files = named.length > 0 ? named : DEFAULT_KEYS.map(name => join(homedir(), '.ssh', name)).filter(existsSync)
  const [locked, open] = split(files, isLocked)
  for (const file of [...open, 'agent', ...locked]) {
    if (file === 'agent') {
      const agent = settings.identityAgent
      if (agent === undefined) continue
      tried.push('the agent')
      yield { type: 'agent', username, agent: settings.identitiesOnly ? new NamedKeys(agent, files) : agent }
      continue
    }
    const opened = await openKey(file, login)
    const remark = 'problem' in opened ? opened.problem : certificateOf(file)
    tried.push(remark === undefined ? file : `${file} (${remark})`)
    if ('key' in opened) yield { type: 'publickey', username, key: opened.key }
  }
  if (password === undefined) return
  const secret = await password()
  tried.push('the password')
  yield { type: 'password', username, password: secret }
  yield {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _text, _lang, asked, finish) => finish(asked.map(() => secret)),
  }
}

function certificateOf(file: string): string | undefined {
  return existsSync(`${file}-cert.pub`) ? 'its certificate is not supported, only the key was shown' : undefined
}

/** The key of a file; a passphrase is asked for once a run, however many hosts want the key. */
function openKey(file: string, login: LoginWith): Promise<KeyFile> {
  const { opened } = login.ring
  const before = opened.get(file)
  if (before !== undefined) return before
  const opening = readKey(file, login)
  opened.set(file, opening)
  return opening
}

async function readKey(file: string, { ring, warn }: LoginWith): Promise<KeyFile> {
  const text = readText(file)
  if (text === undefined) return { file, problem: 'cannot be read' }
  if (isOpenToOthers(file)) warn?.(`others may read the private key ${file}, ssh would not take it: chmod 600 ${file}`)
  const key = ssh2.utils.parseKey(text)
  if (!(key instanceof Error)) return { file, key }
  if (!ENCRYPTED.test(key.message)) return { file, problem: explainKey(text, key) }
  for (let tries = 0; tries < 3; tries++) {
    const passphrase = await ring.askPassphrase?.(file)
    if (passphrase === undefined || passphrase === '') return { file, problem: 'has a passphrase, which was not given' }
    const opened = ssh2.utils.parseKey(text, passphrase)
    if (!(opened instanceof Error)) return { file, key: opened }
  }
  return { file, problem: 'the passphrase is wrong' }
}

/** As OpenSSH judges: what belongs to somebody else is theirs to protect. */
function isOpenToOthers(file: string): boolean {
  const { uid, mode } = statSync(file)
  return uid === process.getuid?.() && (mode & 0o077) !== 0
}

function explainKey(text: string, error: Error): string {
  if (/sk-(ssh|ecdsa)/.test(Buffer.from(text.replace(/-----.*-----|\s/g, ''), 'base64').toString('latin1'))) {
    return 'is a key on a security token, which is not supported'
  }
  return error.message
}

function isLocked(file: string): boolean {
  const text = readText(file)
  const key = text === undefined ? undefined : ssh2.utils.parseKey(text)
  return key instanceof Error && ENCRYPTED.test(key.message)
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [yes: T[], no: T[]] {
  return [items.filter(test), items.filter(item => !test(item))]
}

/** An agent that offers the keys of the named files only (IdentitiesOnly). */
class NamedKeys extends ssh2.OpenSSHAgent {
  readonly #files: readonly string[]

  constructor(agent: string, files: readonly string[]) {
    super(agent)
    this.#files = files
  }

  override getIdentities(found: ssh2.IdentityCallback<ssh2.ParsedKey>): void {
    const wanted = new Set(this.#files.map(publicKey))
    super.getIdentities((error, keys) => {
      if (error) return found(error)
      found(
        undefined,
        keys?.filter(key => 'getPublicSSH' in key && wanted.has(key.getPublicSSH().toString('base64'))),
      )
    })
  }
}

function publicKey(file: string): string | undefined {
  const text = readText(`${file}.pub`) ?? readText(file)
  const key = text === undefined ? undefined : ssh2.utils.parseKey(text)
  return key === undefined || key instanceof Error ? undefined : key.getPublicSSH().toString('base64')
}

const ENCRYPTED = /no passphrase given|encrypted/i
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']
