import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { ConnectionError, type ConnectionTarget } from './connection.ts'
import { fingerprint, hostKeyAlgorithms, hostName, judge, keyType, knows, readKnownHosts } from './known-hosts.ts'
import type { SshSettings } from './ssh-config.ts'

export interface HostKeyCheck {
  /** What the server shall prove itself with, best first. */
  readonly algorithms: ServerHostKeyAlgorithm[]
  /** Why a key is not taken; undefined: it is. */
  refuse(key: Buffer): ConnectionError | undefined
}

/** Checks host keys against known_hosts. Files of the target itself have the last word on the hosts that they name. */
export function hostKeyCheck(
  target: ConnectionTarget,
  settings: SshSettings,
  warn: ((message: string, host: string) => void) | undefined,
): HostKeyCheck {
  const name = settings.hostKeyAlias ?? hostName(settings.hostName, settings.port)
  const pinned = readKnownHosts(target.knownHostsFiles ?? [])
  const files = [...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles]
  const keys = knows(pinned, name) ? pinned : [...pinned, ...readKnownHosts(files)]
  const own = target.knownHostsFiles?.[0] ?? settings.userKnownHostsFiles[0] ?? '~/.ssh/known_hosts'
  return {
    algorithms: hostKeyAlgorithms(keys, name),
    refuse: key => {
      const verdict = judge(keys, name, key)
      const shown = `${keyType(key)} ${fingerprint(key)}`
      const line = `${name} ${keyType(key)} ${key.toString('base64')}`
      switch (verdict.kind) {
        case 'known':
          return undefined
        case 'revoked':
          return refusal(
            `${target.host} shows a key that is revoked: ${shown}`,
            `see ${verdict.known.file}:${verdict.known.line}`,
          )
        case 'changed':
          return refusal(
            `${target.host} shows another key than the known one: ${shown}`,
            `someone may be in between, or the host was set up anew; if you are sure, remove ${verdict.known.file}:${verdict.known.line}`,
          )
        case 'unknown':
          break
        default:
          return verdict satisfies never
      }
      const policy = settings.strictHostKeyChecking
      if (policy === 'accept-new') {
        mkdirSync(dirname(own), { recursive: true, mode: 0o700 })
        appendFileSync(own, `${line}\n`, { mode: 0o600 })
        return undefined
      }
      if (!target.hostKeyChecking || policy === 'no' || policy === 'off') {
        warn?.(`the key of ${target.host} is not known and was taken unseen: ${shown}`, target.host)
        return undefined
      }
      if (verdict.authority)
        return refusal(
          `${target.host} is known by a certificate authority only, which cannot be checked: ${shown}`,
          `compare it on the server, then add this line to ${own}: ${line}`,
        )
      return refusal(
        `the key of ${target.host} is not known: ${shown}`,
        `compare it on the server (ssh-keygen -lf /etc/ssh/ssh_host_*.pub), then add this line to ${own}: ${line}`,
      )
    },
  }
}

function refusal(message: string, hint: string): ConnectionError {
  return new ConnectionError('unreachable', message, { hint })
}
