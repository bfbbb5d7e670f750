import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'

/** Where systems keep the authorities that all their programs trust (Go's list, crypto/x509 root_linux.go). */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * Whom `docker` and `podman` trust when they talk to a registry: the authorities of the system, and those below
 * `certs.d/HOST`. `SSL_CERT_FILE` takes the place of the system's, `NODE_EXTRA_CA_CERTS` adds to them.
 */
export function authoritiesFor(registry: string, environment: NodeJS.ProcessEnv): string[] {
  const { SSL_CERT_FILE: own, NODE_EXTRA_CA_CERTS: extra } = environment
  const system = (own ? [own] : SYSTEM_BUNDLES).map(readIfThere).find(text => text !== undefined)
  return [
    ...(system === undefined ? rootCertificates : [system]),
    ...[extra ? readIfThere(extra) : undefined].filter(text => text !== undefined),
    ...certificateFolders(environment).flatMap(folder => certificatesIn(join(folder, registry))),
  ]
}

/** Whether a registry may be spoken to without TLS: one of this machine, or one that the engine's settings name. */
export function mayBePlain(registry: string): boolean {
  const host = registry.replace(/:\d+$/, '')
  if (host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host)) return true
  const settings = readIfThere('/etc/docker/daemon.json')
  if (settings === undefined) return false
  try {
    const { 'insecure-registries': named }: { 'insecure-registries'?: unknown } = JSON.parse(settings)
    return Array.isArray(named) && named.some(name => name === registry || name === host)
  } catch {
    return false
  }
}

function certificateFolders(environment: NodeJS.ProcessEnv): string[] {
  const config = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] || homedir(), '.config')
  return [
    '/etc/docker/certs.d',
    '/etc/containers/certs.d',
    join(config, 'docker/certs.d'),
    join(config, 'containers/certs.d'),
  ]
}

function certificatesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.crt'))
      .flatMap(name => readIfThere(join(folder, name)) ?? [])
  } catch {
    return []
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
