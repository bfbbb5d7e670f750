import { randomBytes } from 'node:crypto'
import { decrypt, encrypt, isEncrypted, readEnvelope } from '../../vault/envelope.ts'
import { revealed } from '../../vault/revealed.ts'
import { type Filter, filter } from '../environment.ts'
import { valueFailure } from '../python/fail.ts'
import { text } from './coerce.ts'

/** Filters that encrypt and decrypt with a password of their own. */
export const vaultFilters: Readonly<Record<string, Filter>> = {
  vault: filter(['secret', 'salt', 'vaultid', 'wrap_object'], (value, [secret, salt = null, id = 'filter_default']) =>
    encrypt(text(value), text(secret), text(id), salt === null ? randomBytes(32) : Buffer.from(text(salt))),
  ),
  unvault: filter(['secret', 'vaultid'], (value, [secret]) => {
    const given = text(value)
    if (!isEncrypted(given)) return given
    const plain = decrypt(readEnvelope(given, 'the text given to unvault'), text(secret))
    if (plain === undefined) throw valueFailure('unvault: this is not the password of the text')
    revealed.add(plain.toString('utf8'))
    return plain.toString('utf8')
  }),
}
