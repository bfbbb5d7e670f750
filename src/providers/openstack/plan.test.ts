import { expect, test } from 'vitest'
import type { Wish } from './choices.ts'
import * as tag from './metadata.ts'
import { planFor } from './plan.ts'
import { addressOf, toServer } from './servers.ts'
import type { NovaAddress, NovaServer } from './wire.ts'

const wish: Wish = {
  spec: {
    ...{
      name: 'prod',
      provider: 'openstack',
      image: '',
      userDataFile: undefined,
      user: 'appuser',
      groups: [],
      port: 22,
    },
    ...{ address: undefined, hostKey: undefined, privateKeyFile: undefined, vars: {} },
    at: { file: 'mlops.yml', line: 1, column: 1 },
  },
  settings: {
    ...{ image: 'debian-12', flavor: 'ssc.small', network: undefined, securityGroups: undefined, keyPair: undefined },
    ...{ floatingIp: true, bootVolumeGb: undefined, availabilityZone: undefined, places: {} },
  },
}
const ready = new Set(['s1'])

const fixed: NovaAddress = { addr: '10.0.0.5', version: 4, 'OS-EXT-IPS:type': 'fixed' }
const floating: NovaAddress = { addr: '192.0.2.5', version: 4, 'OS-EXT-IPS:type': 'floating' }
const six: NovaAddress = { addr: '2001:db8::5', version: 6, 'OS-EXT-IPS:type': 'fixed' }

function server(more: Partial<NovaServer> = {}): NovaServer {
  return {
    ...{ id: 's1', name: 'prod', status: 'ACTIVE', user_id: 'u', created: '2026-01-01T00:00:00Z' },
    ...{ image: { id: 'i1' }, flavor: { id: '2' }, addresses: { 'demo-net': [fixed, floating] } },
    'OS-SRV-USG:launched_at': '2026-01-01T00:01:00.000000',
    metadata: {
      ...{ [tag.SERVER]: 'prod', [tag.IMAGE]: 'debian-12', [tag.FLAVOR]: 'ssc.small', [tag.USER]: 'appuser' },
      ...{ [tag.SETTINGS]: tag.settingsDigest(wish.settings), [tag.USER_DATA]: tag.userDataDigest(wish.spec) },
      ...{ [tag.NETWORK]: 'demo-net', [tag.EXPIRES]: '2026-01-02T00:00:00Z', [tag.HOST_KEY]: 'ssh-ed25519 AAAA' },
    },
    ...more,
  }
}

test.each<[string, NovaServer | undefined, string]>([
  ['is not there', undefined, 'create'],
  ['runs and was seen ready', server(), 'keep'],
  ['runs and was never seen ready', server({ id: 's2' }), 'finish'],
  ['is being built', server({ id: 's2', status: 'BUILD', addresses: {} }), 'finish'],
  ['lacks its floating IP', server({ addresses: { 'demo-net': [fixed] } }), 'finish'],
  ['failed before it ran', server({ status: 'ERROR', 'OS-SRV-USG:launched_at': null }), 'replace'],
  ['was shut off', server({ status: 'SHUTOFF' }), 'start'],
  ['was suspended', server({ status: 'SUSPENDED' }), 'start'],
])('a server that %s is planned for accordingly', (_, found, action) => {
  expect(planFor(wish, found, ready)).toMatchObject({ server: 'prod', action })
})

test('what mlops.yml says otherwise now is told, names and ids alike', () => {
  const differs = (settings: Partial<Wish['settings']>, user = 'appuser') =>
    planFor({ spec: { ...wish.spec, user }, settings: { ...wish.settings, ...settings } }, server(), ready).differs
  expect(differs({})).toBe(undefined)
  expect(differs({ image: 'i1', flavor: '2' })).toBe(undefined)
  expect(differs({ image: undefined, flavor: undefined })).toBe(undefined)
  expect(differs({ image: 'debian-13' })).toBe('its image is debian-12, mlops.yml says debian-13')
  expect(differs({ flavor: 'ssc.medium' })).toBe('its flavor is ssc.small, mlops.yml says ssc.medium')
  expect(differs({}, 'ubuntu')).toBe('its user is appuser, mlops.yml says ubuntu')
  expect(differs({ network: 'other' })).toMatch(/^it was made with another network/)
})

test('a server is reached at its floating IP, else at IPv4 in the network that it was made in, else at IPv6', () => {
  const at = (addresses: NovaServer['addresses']) => addressOf(server({ addresses }))
  expect(at({ 'demo-net': [six, fixed, floating] })).toBe('192.0.2.5')
  expect(at({ other: [{ ...fixed, addr: '10.9.9.9' }], 'demo-net': [six, fixed] })).toBe('10.0.0.5')
  expect(at({ 'demo-net': [six] })).toBe('2001:db8::5')
  expect(at({ other: [fixed] })).toBe('10.0.0.5')
  expect(at({})).toBe(undefined)
})

test('a server says when it was made, when it may go, and what is paid for', () => {
  expect(toServer(server(), ready, { port: 22, privateKeyFile: '/key' })).toEqual({
    ...{ name: 'prod', provider: 'openstack', address: '192.0.2.5', port: 22, user: 'appuser', image: 'debian-12' },
    ...{ hostKey: 'ssh-ed25519 AAAA', privateKeyFile: '/key', state: 'ready', flavor: 'ssc.small' },
    ...{ createdAt: '2026-01-01T00:00:00Z', expiresAt: '2026-01-02T00:00:00Z' },
  })
})
