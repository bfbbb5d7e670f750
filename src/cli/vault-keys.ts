import { resolve } from 'node:path'
import { MlopsError } from '../errors.ts'
import { loadSettings, type Settings } from '../settings/settings.ts'
import { Keyring, useKeyring, type VaultKey } from '../vault/keyring.ts'
import { fileKey, isPrompt, type VaultSource, vaultSource } from '../vault/sources.ts'
import { ask } from './prompt.ts'

/** Flags of Ansible about vaults. */
export interface VaultFlags {
  readonly vaultId?: readonly string[]
  readonly vaultPassFile?: readonly string[]
  readonly askVaultPass?: boolean
}

/** Makes the keys of the flags, of `ANSIBLE_VAULT_*` and of ansible.cfg known to whatever reads files from here on. */
export async function openKeyring(flags: VaultFlags, confirm = false): Promise<Keyring> {
  const keyring = new Keyring(await keysOf(sourcesOf(flags, loadSettings(process.env, process.cwd())), confirm))
  useKeyring(keyring)
  return keyring
}

/** The keys of sources. Only what must be typed is fetched at once. */
export async function keysOf(sources: readonly VaultSource[], confirm = false): Promise<VaultKey[]> {
  const keys: VaultKey[] = []
  for (const source of sources) keys.push(isPrompt(source) ? await promptKey(source, confirm) : fileKey(source))
  return keys
}

function sourcesOf({ vaultId, vaultPassFile, askVaultPass }: VaultFlags, { vault }: Settings): VaultSource[] {
  const given = [...(vaultId ?? []).map(fromHere), ...(vaultPassFile ?? []).map(file => fromHere(file))]
  const files = vault.passwordFile === undefined ? [] : [vault.passwordFile]
  const asked = (askVaultPass ?? vault.askPassword) ? ['default@prompt'] : []
  return [...vault.identities, ...given, ...(given.length === 0 ? files : []), ...asked].map(vaultSource)
}

/** A source of the command line: a file's path begins in the current folder. */
export function fromHere(text: string): string {
  const { id, from } = vaultSource(text)
  return isPrompt({ id, from })
    ? `${id}@${from}`
    : `${id}@${resolve(from.replace(/^~(?=\/)/, process.env['HOME'] ?? '~'))}`
}

const BY_FILE = 'give the password with --vault-password-file FILE or ANSIBLE_VAULT_PASSWORD_FILE'

async function promptKey({ id }: VaultSource, confirm: boolean): Promise<VaultKey> {
  const question = id === 'default' ? 'Vault password: ' : `Vault password (${id}): `
  const password = await ask(confirm ? `New ${question}` : question, { secret: true, hint: BY_FILE })
  if (password === '') throw new MlopsError('vault.password', 'an empty vault password opens nothing')
  if (confirm && password !== (await ask(`Confirm new ${question}`, { secret: true })))
    throw new MlopsError('vault.password', 'the two vault passwords differ')
  return { id, password: () => password }
}
