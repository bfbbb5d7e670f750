import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeKeyPair } from './key-pair.ts'
import { vendorData } from './vendor-data.ts'

const hostKey = makeKeyPair('root@prodserver')

test('vendor data carries the host key whole', () => {
  expect(parse(vendorData(hostKey))).toEqual({
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
  })
})

test('vendor data lets in who logs in, beside the user of the image', () => {
  const { users } = parse(vendorData(hostKey, { user: 'appuser', publicKey: 'ssh-ed25519 AAAA us' }))
  expect(users[0]).toBe('default')
  expect(users[1]).toMatchObject({ name: 'appuser', ssh_authorized_keys: ['ssh-ed25519 AAAA us'] })
})
