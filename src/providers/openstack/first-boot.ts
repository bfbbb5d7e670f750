import { MlopsError } from '../../errors.ts'
import type { ServerSpec } from '../../project/project.ts'
import type { KeyPair } from '../key-pair.ts'
import { userData } from '../user-data.ts'

/** Longest user data that Nova takes, in base64 (API 2.1, "Create Server"). */
const LONGEST = 65_535
const BOUNDARY = 'mlops-part'

/**
 * The user data of a server, in base64: the user's own file as it is, and after it ours with the host key, so that the
 * first contact is already safe. Throws `openstack.user-data`.
 */
export function firstBoot(spec: ServerSpec, publicKey: string, hostKey: KeyPair): string {
  const own = userData(spec, publicKey)
  let boundary = BOUNDARY
  while (own.includes(boundary)) boundary += '-'
  const parts = [part(own), `Content-Type: text/cloud-config\n\n${hostKeys(hostKey)}`]
  const text = [
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n`,
    ...parts.map(body => `--${boundary}\n${body.trimEnd()}\n`),
    `--${boundary}--\n`,
  ].join('\n')
  const encoded = Buffer.from(text).toString('base64')
  if (encoded.length > LONGEST) {
    const most = Math.floor(LONGEST / 4) * 3
    throw new MlopsError(
      'openstack.user-data',
      `the user data of ${spec.name} has ${Buffer.byteLength(text)} bytes, a cloud takes ${most}`,
      {
        at: spec.at,
        hint: 'leave more to the playbook, or let the file `#include` the rest',
      },
    )
  }
  return encoded
}

/** cloud-init finds out by itself what plain text is; MIME brings its own headers. */
function part(text: string): string {
  return /^(Content-Type|MIME-Version):/i.test(text) ? text : `Content-Type: text/plain; charset="utf-8"\n\n${text}`
}

/** Of two parts that speak of the same thing cloud-init takes the later: nobody's own `ssh_keys` undo the pin. */
function hostKeys({ privateKey, publicKey }: KeyPair): string {
  const indented = privateKey.trimEnd().replace(/^/gm, '    ')
  return `#cloud-config\nssh_keys:\n  ed25519_private: |\n${indented}\n  ed25519_public: ${publicKey}\n`
}
