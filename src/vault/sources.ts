import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import type { VaultKey } from './keyring.ts'

/** Where a password comes from: `ID@FILE`, `ID@prompt`, a file without an id. */
export interface VaultSource {
  readonly id: string
  readonly from: string
}

/** Takes `ID@SOURCE` apart. Without an id it is `default`. */
export function vaultSource(text: string): VaultSource {
  const cut = text.indexOf('@')
  return cut === -1 ? { id: 'default', from: text } : { id: text.slice(0, cut), from: text.slice(cut + 1) }
}

/** Whether somebody is asked for the password. */
export function isPrompt({ from }: VaultSource): boolean {
  return from === 'prompt' || from === 'prompt_ask_vault_pass'
}

/** The key of a password file; what may be executed is run, and what it prints is the password. */
export function fileKey({ id, from }: VaultSource): VaultKey {
  let known: string | undefined
  return { id, password: () => (known ??= readPassword(id, from)) }
}

function readPassword(id: string, file: string): string {
  const text = isExecutable(file) ? runScript(id, file) : readText(file)
  const password = text.trim()
  if (password === '') throw new MlopsError('vault.password-file', `the vault password of ${file} is empty`)
  return password
}

/** A script whose name ends in `-client` is told which id is wanted. */
function runScript(id: string, file: string): string {
  const client = /-client(\.[^.]*)?$/.test(basename(file))
  try {
    return execFileSync(file, client ? ['--vault-id', id] : [], {
      encoding: 'utf8',
      stdio: ['inherit', 'pipe', 'inherit'],
    })
  } catch (cause) {
    throw new MlopsError('vault.password-file', `the vault password script ${file} failed: ${reasonOf(cause)}`, {
      cause,
      hint: 'a password file that is no script must not be executable',
    })
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MlopsError('vault.password-file', `the vault password file ${file} cannot be read: ${reasonOf(cause)}`, {
      cause,
    })
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
