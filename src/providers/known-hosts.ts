import type { Server } from './provider.ts'

/** The text of a known_hosts file that pins the keys of these servers (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export function knownHosts(servers: readonly Pick<Server, 'address' | 'port' | 'hostKey'>[]): string {
  return servers
    .filter(server => server.hostKey !== undefined)
    .map(({ address, port, hostKey }) => `${hostPattern(address, port)} ${bare(hostKey ?? '')}\n`)
    .join('')
}

function hostPattern(address: string, port: number): string {
  return port === 22 ? address : `[${address}]:${port}`
}

/** Type and key without the comment. */
function bare(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ')
}
