import type { KeyPair } from './key-pair.ts'
import { loginUser } from './user-data.ts'

/** Who is let in. */
export interface Login {
  readonly user: string
  readonly publicKey: string
}

/**
 * Ours, merged by cloud-init beneath the user's: the host key, so that the first contact is already safe, and who is let in, for user
 * data that names no users (the image's own user stays).
 */
export function vendorData({ privateKey, publicKey }: KeyPair, login?: Login): string {
  const indented = privateKey.trimEnd().replace(/^/gm, '    ')
  const keys = `#cloud-config\nssh_keys:\n  ed25519_private: |\n${indented}\n  ed25519_public: ${publicKey}\n`
  return login === undefined ? keys : `${keys}users:\n  - default\n${loginUser(login.user, login.publicKey)}`
}
