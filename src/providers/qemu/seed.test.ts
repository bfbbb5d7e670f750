import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { trialProject } from '../../../test/rig/qemu.ts'
import { makeKeyPair } from '../key-pair.ts'
import { networkConfig, writeSeed } from './seed.ts'

test('the default route leaves with the address at which the other servers find this one', () => {
  expect(parse(networkConfig('10.78.0.11', '10.78.0.0/24'))).toEqual({
    version: 2,
    ethernets: {
      outside: {
        match: { macaddress: '52:54:00:4e:00:0b' },
        addresses: ['10.78.0.11/32'],
        routes: [{ to: '0.0.0.0/0', via: '10.78.0.254', 'on-link': true }],
        nameservers: { addresses: ['10.78.0.253'] },
      },
      servers: { match: { macaddress: '52:54:01:4e:00:0b' }, addresses: ['10.78.0.11/25'], 'link-local': [] },
    },
  })
})

test('the seed holds the user data as it is and the host key, for its owner alone', () => {
  const folder = join(trialProject().directory, 'seed')
  const hostKey = makeKeyPair('root@one')
  const login = { user: 'deploy', publicKey: 'ssh-ed25519 AAAA' }
  const userData = '#cloud-config\nusers: []\n'
  writeSeed(folder, {
    ...{ id: 'abc', server: 'one', userData, hostKey, login },
    address: '10.78.0.11',
    subnet: '10.78.0.0/24',
  })
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  expect(read('user-data')).toBe(userData)
  expect(parse(read('meta-data'))).toEqual({ 'instance-id': 'abc', 'local-hostname': 'one' })
  expect(parse(read('vendor-data'))).toMatchObject({
    users: ['default', { name: 'deploy', ssh_authorized_keys: ['ssh-ed25519 AAAA'] }],
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
  })
  expect(readdirSync(folder).map(name => statSync(join(folder, name)).mode & 0o077)).toEqual([0, 0, 0, 0])
})
