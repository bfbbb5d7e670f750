import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { MlopsError } from '../errors.ts'
import { loadSettings } from '../settings/settings.ts'
import { encrypt as encrypted, isEncrypted } from '../vault/envelope.ts'
import { decryptFile, encryptFile, idOfFile, openFile, rekeyFile, replace } from '../vault/files.ts'
import { Keyring, type VaultKey } from '../vault/keyring.ts'
import { vaultSource } from '../vault/sources.ts'
import { ask } from './prompt.ts'
import type { VaultCommandFlags } from './vault.ts'
import { fromHere, keysOf, openKeyring } from './vault-keys.ts'

export async function create(file: string, flags: VaultCommandFlags): Promise<void> {
  if (existsSync(file))
    throw new MlopsError('vault.exists', `${file} is there already`, { hint: 'mlops vault edit changes it' })
  const key = keyToEncrypt(await keyringOf(flags, { confirm: true }), flags)
  const text = edited('', basename(file))
  replace(file, encrypted(text, key.password(), key.id))
}

export async function edit(files: readonly string[], flags: VaultCommandFlags): Promise<void> {
  const keyring = await keyringOf(flags)
  for (const file of files) {
    const before = openFile(file, keyring)
    const after = edited(before, basename(file))
    if (after.equals(before)) continue
    const key = flags.encryptVaultId === undefined ? keyThatOpens(file, keyring) : keyToEncrypt(keyring, flags)
    replace(file, encrypted(after, key.password(), key.id))
  }
}

export async function view(files: readonly string[], flags: VaultCommandFlags): Promise<void> {
  const keyring = await keyringOf(flags)
  for (const file of files) process.stdout.write(openFile(file, keyring))
}

export async function encrypt(files: readonly string[], flags: VaultCommandFlags): Promise<void> {
  const key = keyToEncrypt(await keyringOf(flags, { confirm: true }), flags)
  checkOutput(files, flags)
  if (isStandard(files)) {
    const plain = readFileSync(0)
    if (isEncrypted(plain)) throw new MlopsError('vault.encrypted', 'standard input is encrypted already')
    write(flags.output ?? '-', encrypted(plain, key.password(), key.id))
    return
  }
  for (const file of files) {
    if (flags.output === '-') write('-', encrypted(plainContent(file), key.password(), key.id))
    else encryptFile(file, key, flags.output)
  }
  process.stderr.write('Encryption successful\n')
}

export async function decrypt(files: readonly string[], flags: VaultCommandFlags): Promise<void> {
  const keyring = await keyringOf(flags)
  checkOutput(files, flags)
  if (isStandard(files)) {
    write(flags.output ?? '-', keyring.open(readFileSync(0, 'latin1'), 'standard input'))
    return
  }
  for (const file of files) {
    if (flags.output === '-') write('-', openFile(file, keyring))
    else decryptFile(file, keyring, flags.output)
  }
  process.stderr.write('Decryption successful\n')
}

export async function rekey(files: readonly string[], flags: VaultCommandFlags): Promise<void> {
  const keyring = await keyringOf(flags)
  const given = flags.newVaultId ?? flags.newVaultPasswordFile
  const [key] = await keysOf([vaultSource(given === undefined ? 'default@prompt' : fromHere(given))], true)
  if (key === undefined) throw new Error('a source gave no key')
  const target = flags.encryptVaultId === undefined ? key : { ...key, id: flags.encryptVaultId }
  // all are opened before the first is written, so that a wrong password leaves none half done
  for (const file of files) openFile(file, keyring)
  for (const file of files) rekeyFile(file, keyring, target)
  process.stderr.write('Rekey successful\n')
}

export async function encryptString(texts: readonly string[], flags: VaultCommandFlags): Promise<void> {
  const key = keyToEncrypt(await keyringOf(flags, { confirm: true }), flags)
  const values: { name: string | undefined; text: string }[] = []
  if (flags.prompt) {
    const name = flags.name?.[0] ?? (await ask('Variable name (enter for no name): '))
    values.push({ name: name || undefined, text: await ask('String to encrypt: ', { secret: true }) })
  }
  if (flags.stdinName !== undefined || texts.includes('-')) {
    values.push({ name: flags.stdinName, text: readFileSync(0, 'utf8') })
  }
  const given = texts.filter(text => text !== '-')
  for (const [i, text] of given.entries()) values.push({ name: flags.name?.[i], text })
  if (values.length === 0) {
    throw new MlopsError('vault.no-text', 'there is nothing to encrypt', {
      hint: 'give the text, or --stdin-name NAME with the text on standard input, or --prompt',
    })
  }
  const shown = values.map(({ name, text }) => asYaml(name, encrypted(text, key.password(), key.id)))
  process.stdout.write(shown.join('\n'))
  process.stderr.write('Encryption successful\n')
}

/** The keys of the flags; a person is asked when none is named, twice where a new text is encrypted. */
async function keyringOf(flags: VaultCommandFlags, { confirm = false } = {}): Promise<Keyring> {
  const keyring = await openKeyring(flags, confirm)
  return keyring.keys.length > 0 ? keyring : new Keyring(await keysOf([vaultSource('default@prompt')], confirm))
}

function keyToEncrypt({ keys }: Keyring, { encryptVaultId }: VaultCommandFlags): VaultKey {
  const wanted = encryptVaultId ?? loadSettings(process.env, process.cwd()).vault.encryptIdentity
  const [first, second] = keys
  const ids = keys.map(key => key.id).join(', ')
  if (wanted !== undefined) {
    const key = keys.find(({ id }) => id === wanted)
    if (key) return key
    throw new MlopsError('vault.id', `there is no vault password of the id \`${wanted}\``, { hint: `there is: ${ids}` })
  }
  if (first !== undefined && second === undefined) return first
  throw new MlopsError('vault.id', `several vault passwords could encrypt: ${ids}`, {
    hint: 'name one with --encrypt-vault-id',
  })
}

/** The key whose id the file names, else the first that opens it: it keeps its password. */
function keyThatOpens(file: string, keyring: Keyring): VaultKey {
  const id = idOfFile(file)
  for (const key of [...keyring.keys.filter(key => key.id === id), ...keyring.keys]) {
    try {
      openFile(file, new Keyring([key]))
      return { ...key, id: id ?? 'default' }
    } catch (error) {
      if (!(error instanceof MlopsError && error.code === 'vault.wrong-password')) throw error
    }
  }
  throw new Error('a file that was opened has no key')
}

/** The text after somebody changed it in an editor. It lies in a folder of its own that only its owner can enter. */
function edited(text: string | Uint8Array, name: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-vault-'))
  const file = join(folder, name)
  try {
    writeFileSync(file, text, { mode: 0o600 })
    const editor = process.env['EDITOR'] || process.env['VISUAL'] || 'vi'
    const { status, error } = spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
    if (status !== 0)
      throw new MlopsError(
        'vault.editor',
        `the editor ${editor} failed: ${error?.message ?? `it ended with ${status}`}`,
      )
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function plainContent(file: string): Buffer {
  const content = readFileSync(file)
  if (isEncrypted(content)) throw new MlopsError('vault.encrypted', `${file} is encrypted already`)
  return content
}

function isStandard(files: readonly string[]): boolean {
  return files.length === 0 || (files.length === 1 && files[0] === '-')
}

function checkOutput(files: readonly string[], { output }: VaultCommandFlags): void {
  if (output !== undefined && files.length > 1)
    throw new MlopsError('vault.output', '--output takes one file only; these are several')
}

function write(output: string, content: string | Uint8Array): void {
  if (output === '-') process.stdout.write(content)
  else replace(output, content)
}

function asYaml(name: string | undefined, text: string): string {
  const body = text
    .trimEnd()
    .split('\n')
    .map(line => `          ${line}\n`)
  return `${name === undefined ? '' : `${name}: `}!vault |\n${body.join('')}`
}
