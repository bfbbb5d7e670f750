import { expect, test } from 'vitest'
import { configDocument } from './check.ts'
import { whoIsLockedOut } from './login.ts'

const KEY = 'ssh-rsa AAAAB3NzaC1yc2E= ubuntu@client'

function locked(text: string, publicKey?: string): string | undefined {
  const { root } = configDocument({ text: `#cloud-config\n${text}`, isTemplate: false }, 'a.yml')
  const at = whoIsLockedOut(root, 'appuser', publicKey)
  return at && `${at.line}:${at.column}`
}

test.each([
  ['users: [{ name: appuser, ssh_authorized_keys: ["{{ cluster_public_key }}"] }]', undefined],
  ['users: [{ name: appuser, ssh_authorized_keys: ["ssh-rsa AAAAB3NzaC1yc2E= another comment"] }]', KEY],
  ['users: [default, { name: other }]', undefined],
  ['packages: [git]', undefined],
])('%s lets us in', (text, key) => {
  expect(locked(text, key)).toBeUndefined()
})

test.each([
  ['users: [{ name: other }]', undefined, '2:1'],
  ['users: [{ name: appuser }]', undefined, '2:9'],
  ['users: [{ name: appuser, ssh_authorized_keys: ["ssh-rsa AAAAC= x"] }]', KEY, '2:47'],
  [`users: [{ name: appuser, ssh_authorized_keys: ["${KEY}"] }]`, undefined, '2:47'],
])('%s locks us out', (text, key, place) => {
  expect(locked(text, key)).toBe(place)
})
