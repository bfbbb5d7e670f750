import type { Position } from '../errors.ts'
import { openVault } from './keyring.ts'
import { revealed } from './revealed.ts'

/** The template's function that opens an encrypted value; people have no reason to write it. */
export const VAULT_FUNCTION = '_vault_value'

/** A `!vault` value as a template: it is opened where it is read, so that a playbook loads without the password. */
export function vaultTemplate(text: string): string {
  return `{{ ${VAULT_FUNCTION}('${Buffer.from(text.trim()).toString('base64')}') }}`
}

/** The encrypted text of such a template; undefined for any other value. */
export function vaultText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const match = pattern.exec(value)
  return match?.[1] === undefined ? undefined : Buffer.from(match[1], 'base64').toString()
}

/** What the encrypted value says. From here on the text is hidden wherever it would be shown. Throws `vault.*`. */
export function openValue(encoded: string, at?: Position): string {
  const known = opened.get(encoded)
  if (known !== undefined) return known
  const plain = openVault(Buffer.from(encoded, 'base64').toString(), 'a value', at).toString('utf8')
  opened.set(encoded, plain)
  revealed.add(plain)
  return plain
}

const pattern = new RegExp(`^\\{\\{ ${VAULT_FUNCTION}\\('([A-Za-z0-9+/=]*)'\\) \\}\\}$`)
const opened = new Map<string, string>()
