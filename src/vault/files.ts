import { chmodSync, chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import { encrypt, isEncrypted, readEnvelope } from './envelope.ts'
import type { Keyring, VaultKey } from './keyring.ts'

/** Encrypts a file in place, or into another. Throws `vault.encrypted` when it is encrypted already. */
export function encryptFile(file: string, key: VaultKey, output = file): void {
  const content = readContent(file)
  if (isEncrypted(content)) throw new MlopsError('vault.encrypted', `${file} is encrypted already`)
  replace(output, encrypt(content, key.password(), key.id), file)
}

/** The plain bytes of an encrypted file. Throws `vault.plain` when it is not encrypted. */
export function openFile(file: string, keyring: Keyring): Buffer {
  const content = readContent(file)
  if (!isEncrypted(content)) throw new MlopsError('vault.plain', `${file} is not encrypted`)
  return keyring.open(content.toString('latin1'), file)
}

/** Decrypts a file in place, or into another. */
export function decryptFile(file: string, keyring: Keyring, output = file): void {
  replace(output, openFile(file, keyring), file)
}

/** Encrypts a file anew, with another password. */
export function rekeyFile(file: string, keyring: Keyring, key: VaultKey): void {
  replace(file, encrypt(openFile(file, keyring), key.password(), key.id), file)
}

/** The id in the header of an encrypted file. */
export function idOfFile(file: string): string | undefined {
  return readEnvelope(readContent(file).toString('latin1'), file).id
}

/** Puts content in a file's place as a whole, with the mode and owner that `like` has; new files are for their owner only. */
export function replace(file: string, content: string | Uint8Array, like = file): void {
  const target = resolve(file)
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  const known = statSync(like, { throwIfNoEntry: false })
  try {
    writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' })
    if (known) {
      chmodSync(temporary, known.mode & 0o7777)
      if (process.getuid?.() === 0) chownSync(temporary, known.uid, known.gid)
    }
    renameSync(temporary, target)
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw new MlopsError('vault.write', `cannot write ${file}: ${reasonOf(cause)}`, {
      cause,
    })
  }
}

function readContent(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new MlopsError('vault.no-file', `cannot read ${file}: ${reasonOf(cause)}`, {
      cause,
    })
  }
}
