import { createHash } from 'node:crypto'
import type { ArgTable } from '../../schema/arguments.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'

/** The private key that a module works with. */
export const privateKeyArgs = {
  privatekey_path: { type: 'path', doc: 'The private key.' },
  privatekey_content: { type: 'str', secret: true, doc: 'The private key itself, in place of its path.' },
  privatekey_passphrase: { type: 'str', secret: true, doc: 'Its passphrase.' },
} as const satisfies ArgTable

interface KeyArgs {
  readonly state?: string | undefined
  readonly privatekey_path?: string | undefined
  readonly privatekey_content?: string | undefined
  readonly privatekey_passphrase?: string | undefined
}

export function privateKeyChecks({ state, privatekey_path: path, privatekey_content: content }: KeyArgs): string[] {
  if (path !== undefined && content !== undefined)
    return ['`privatekey_path` and `privatekey_content` exclude each other']
  if (state === 'present' && path === undefined && content === undefined)
    return ['one of `privatekey_path` and `privatekey_content` is needed']
  return []
}

/** Puts the file of the key into `$key`, and its passphrase where `env:MLOPS_KEY` finds it: an empty one is not asked for. */
export function keyFile({
  privatekey_path: path,
  privatekey_content: content,
  privatekey_passphrase: secret = '',
}: KeyArgs): Script {
  return lines(
    sh`export MLOPS_KEY=${secret}`,
    content === undefined ? sh`key=${pathWord(path ?? '')}` : textFile('key', content),
  )
}

/** A file of the script's own with that text; its path in a variable of the same name. */
export function textFile(name: 'key' | 'csr' | 'ca' | 'ca_key' | 'config', text: string): Script {
  return sh`${sh`${name}`}="$d/"${name}; printf '%s\n' ${text} >"$d/"${name}`
}

/** Digests of a public key (base64 of DER), by algorithm. */
export function digests(base64: string): Readonly<Record<string, string>> {
  const der = Buffer.from(base64.trim(), 'base64')
  if (der.length === 0) return {}
  const digest = (name: string) =>
    createHash(name)
      .update(der)
      .digest('hex')
      .replace(/..(?=.)/g, '$&:')
  return Object.fromEntries(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map(name => [name, digest(name)]))
}
