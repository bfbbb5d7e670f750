import { expect, test } from 'vitest'
import { parseAddress, toServer } from './containers.ts'

const container = {
  ...{ id: 'abc', name: 'demo-prodserver', status: 'running', createdAt: '2026-01-02T03:04:05Z' },
  labels: {
    'mlops.server': 'prodserver',
    'mlops.address': '10.77.0.11',
    'mlops.user': 'appuser',
    'mlops.host-key': 'ssh-ed25519 AAAA',
    'mlops.server-image': 'debian-13',
  },
}

test('a server is told from the labels of its container', () => {
  expect(toServer(container, new Set(['abc']), '/p/key')).toEqual({
    name: 'prodserver',
    provider: 'docker',
    address: '10.77.0.11',
    port: 22,
    user: 'appuser',
    hostKey: 'ssh-ed25519 AAAA',
    privateKeyFile: '/p/key',
    image: 'debian-13',
    state: 'ready',
    createdAt: '2026-01-02T03:04:05Z',
  })
})

test('a server that nobody saw ready is unfinished, one that does not run is stopped', () => {
  expect(toServer(container, new Set(), '/p/key').state).toBe('unfinished')
  expect(toServer({ ...container, status: 'exited' }, new Set(['abc']), '/p/key').state).toBe('stopped')
})

test.each([
  ['10.77.0.11', '10.77.0.11', 22],
  ['127.0.0.1:2201', '127.0.0.1', 2201],
])('%s is address %s, port %i', (text, address, port) => {
  expect(parseAddress(text)).toEqual({ address, port })
})
