import { readFileSync } from 'node:fs'
import { MlopsError, type Position } from '../errors.ts'
import { decrypt, type Envelope, isEncrypted, readEnvelope } from './envelope.ts'
import { revealed } from './revealed.ts'

/** A password under its id. It is fetched when it is first needed. */
export interface VaultKey {
  readonly id: string
  readonly password: () => string
}

/** The passwords of a run, in the order in which they are tried. */
export class Keyring {
  readonly keys: readonly VaultKey[]

  constructor(keys: readonly VaultKey[]) {
    this.keys = keys
  }

  /** The plain bytes of an encrypted text, by the key of its id first, then by any other. Throws `vault.*`. */
  open(text: string, what: string, at?: Position): Buffer {
    const envelope = readEnvelope(text, what)
    for (const key of this.#inOrder(envelope)) {
      const plain = decrypt(envelope, key.password())
      if (plain) return plain
    }
    throw this.#locked(envelope, what, at)
  }

  #inOrder({ id }: Envelope): VaultKey[] {
    return [...this.keys.filter(key => key.id === id), ...this.keys.filter(key => key.id !== id)]
  }

  #locked({ id }: Envelope, what: string, at: Position | undefined): MlopsError {
    const named = id === undefined ? '' : ` (vault id \`${id}\`)`
    if (this.keys.length === 0) {
      return new MlopsError('vault.no-password', `${what} is encrypted${named}, and no vault password is given`, {
        at,
        hint: 'give one with --vault-password-file FILE, --vault-id ID@FILE, --ask-vault-pass or ANSIBLE_VAULT_PASSWORD_FILE',
      })
    }
    const tried = this.keys.map(key => `\`${key.id}\``).join(', ')
    return new MlopsError('vault.wrong-password', `none of the vault passwords opens ${what}${named}`, {
      at,
      hint: `tried the ${this.keys.length === 1 ? 'one' : 'ones'} with the id ${tried}`,
    })
  }
}

// One for the process: encrypted texts turn up wherever files are read, down to lookups in templates.
let current = new Keyring([])

/** From here on, encrypted files and values are opened with these keys. */
export function useKeyring(keyring: Keyring): void {
  current = keyring
}

/** The plain bytes of an encrypted text. Throws `vault.*`. */
export function openVault(text: string, what: string, at?: Position): Buffer {
  return current.open(text, what, at)
}

/** The content of a file, decrypted when it is encrypted. */
export function readPlain(file: string): Buffer {
  const content = readFileSync(file)
  return isEncrypted(content) ? openVault(content.toString('latin1'), file) : content
}

/** The same, for a file that is a secret as a whole when it is encrypted: its text is hidden from here on. */
export function readSecret(file: string): Buffer {
  const content = readFileSync(file)
  if (!isEncrypted(content)) return content
  const plain = openVault(content.toString('latin1'), file)
  if (plain.length <= MOST_HIDDEN_BYTES && !plain.includes(0)) revealed.add(plain.toString('utf8'))
  return plain
}

/** Larger files are no passwords or keys, and every line of them would have to be looked for. */
const MOST_HIDDEN_BYTES = 16_384
