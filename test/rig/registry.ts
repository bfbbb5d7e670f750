import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '../../src/providers/docker/certificate.ts'

export interface RegistryWanted {
  /** Lines of an htpasswd file: a login is wanted. */
  readonly htpasswd?: string
  /** A service that gives tokens: its address, and the certificate (PEM) of the key that it signs with. */
  readonly token?: { readonly realm: string; readonly certificate: string }
  /** With a certificate of an authority of its own. */
  readonly tls?: boolean
}

export interface Registry {
  /** `127.0.0.1:PORT` or, with TLS, `localhost:PORT`, as it begins names of images. */
  readonly host: string
  readonly url: string
  /** The certificate of the authority (PEM); empty without TLS. */
  readonly authority: string
  /** Puts a small image there, made of nothing; gives its digest. */
  put(repository: string, tag: string, options?: PutOptions): Promise<string>
  stop(): Promise<void>
}

export interface PutOptions {
  /** Two images with the same text have the same digest. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The name and the password of `login`. */
export const USER = 'a-user'
export const PASSWORD = 'a password of the tests'
/** `USER` and `PASSWORD` as htpasswd -B writes them. */
export const HTPASSWD = `${USER}:$2b$05$abcdefghijklmnopqrstuuComanBKiU1JTRzmmvE2xk8ApqQhbSI.\n`

/** Starts Debian's registry (package docker-registry) on a port of its own. */
export async function startRegistry(wanted: RegistryWanted = {}): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), 'mlops-registry-'))
  const made = wanted.tls ? await makeCertificate(['localhost']) : undefined
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  mkdirSync(join(directory, 'data'))
  const config = {
    version: 0.1,
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: {
      addr: '127.0.0.1:0',
      ...(made && {
        tls: { certificate: file('registry.crt', made.certificate), key: file('registry.key', made.key) },
      }),
    },
    auth: {
      ...(wanted.htpasswd && { htpasswd: { realm: 'tests', path: file('htpasswd', wanted.htpasswd) } }),
      ...(wanted.token && {
        token: {
          realm: wanted.token.realm,
          service: 'tests',
          issuer: 'tests',
          rootcertbundle: file('token.crt', wanted.token.certificate),
        },
      }),
    },
  }
  // JSON is YAML
  const child = spawn('docker-registry', ['serve', file('config.yml', JSON.stringify(config))], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = async () => {
    await ended(child)
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    const host = `${made ? 'localhost' : '127.0.0.1'}:${await portOf(child)}`
    const url = `http${wanted.tls ? 's' : ''}://${host}`
    return { host, url, authority: made?.authority ?? '', put: (...image) => put(url, ...image), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'

async function put(url: string, repository: string, tag: string, options: PutOptions = {}): Promise<string> {
  const { text = 'an image', headers = {} } = options
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { text } },
      rootfs: { type: 'layers', diff_ids: [] },
    }),
  )
  const begun = await request(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers }, 202)
  const place = new URL(begun.headers.get('location') ?? '', url)
  place.searchParams.set('digest', digestOf(config))
  await request(place, { method: 'PUT', headers, body: config }, 201)
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, digest: digestOf(config), size: config.length },
      layers: [],
    }),
  )
  const typed = { ...headers, 'Content-Type': MANIFEST }
  await request(`${url}/v2/${repository}/manifests/${tag}`, { method: 'PUT', headers: typed, body: manifest }, 201)
  return digestOf(manifest)
}

async function request(url: string | URL, init: RequestInit, expected: number): Promise<Response> {
  const answer = await fetch(url, init)
  if (answer.status !== expected) throw new Error(`${init.method} ${url}: ${answer.status} ${await answer.text()}`)
  return answer
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The port that it says it listens on. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    const read = (chunk: Buffer) => {
      said += chunk
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(said)
      if (found) resolve(Number(found[1]))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`docker-registry ended:\n${said}`)))
  })
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    child.kill()
  })
}
