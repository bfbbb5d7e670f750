import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { MlopsError } from '../errors.ts'
import { type StateOwner, statePath } from '../project/state.ts'
import { type KeyPair, makeKeyPair, publicHalf } from './key-pair.ts'

/** A key to log in with: where its private half lies, and its public half as one line. */
export interface LoginKey {
  readonly privateKeyFile: string
  readonly publicKey: string
}

/** The project's own key (`.mlops/cluster-key`), made at the first call and never overwritten. */
export function clusterKey(project: StateOwner, name: string): LoginKey {
  const file = statePath(project, 'cluster-key')
  if (!existsSync(file)) {
    const pair = makeKeyPair(`mlops-${name}`)
    writeFileSync(file, pair.privateKey, { mode: 0o600, flag: 'wx', flush: true })
    writeFileSync(`${file}.pub`, `${pair.publicKey}\n`, { mode: 0o644 })
  }
  return loginKey(file)
}

/** The key of a private key file: its public half stands beside it (`.pub`) or inside. Throws `key.unreadable`. */
export function loginKey(privateKeyFile: string): LoginKey {
  const publicKey = readPublic(privateKeyFile)
  if (publicKey === undefined) {
    throw new MlopsError('key.unreadable', `the public half of ${privateKeyFile} cannot be read`, {
      hint: `ssh-keygen -y -f ${privateKeyFile} > ${privateKeyFile}.pub`,
    })
  }
  return { privateKeyFile, publicKey }
}

/** The host key of a server that we make; kept, so that a server that is made again is known at once. */
export function hostKey(project: StateOwner, server: string): KeyPair {
  const file = statePath(project, 'host-keys', server)
  if (!existsSync(file)) {
    writeFileSync(file, makeKeyPair(`root@${server}`).privateKey, { mode: 0o600, flag: 'wx', flush: true })
  }
  const privateKey = readFileSync(file, 'utf8')
  const publicKey = publicHalf(privateKey)
  if (publicKey === undefined) {
    throw new MlopsError('key.unreadable', `${file} holds no key in OpenSSH's format`, {
      hint: 'remove this file, destroy the server, and provision again',
    })
  }
  return { privateKey, publicKey }
}

function readPublic(privateKeyFile: string): string | undefined {
  if (existsSync(`${privateKeyFile}.pub`)) return readFileSync(`${privateKeyFile}.pub`, 'utf8').trim()
  if (!existsSync(privateKeyFile)) return undefined
  return publicHalf(readFileSync(privateKeyFile, 'utf8'))
}
