import { expect, test } from 'vitest'
import type { OpenStackServer } from '../../project/openstack.ts'
import { choose, type Offer, type Wish } from './choices.ts'
import type { Flavor, Image, Network } from './wire.ts'

const flavor = (id: string, name: string, more: Partial<Flavor> = {}): Flavor => ({
  ...{ id, name, vcpus: 1, ram: 1024, disk: 10 },
  ...more,
})
const image = (id: string, name: string, more: Partial<Image> = {}): Image => ({
  ...{ id, name, created_at: '2026-01-01T00:00:00Z', container_format: 'bare', min_ram: 256, min_disk: 2 },
  ...{ status: 'active', size: 4e8 },
  ...more,
})
const network = (id: string, name: string, more: Partial<Network> = {}): Network => ({
  ...{ id, name, project_id: 'p', shared: false, 'router:external': false },
  ...more,
})

const offer: Offer = {
  projectId: 'p',
  images: [
    image('i1', 'debian-12'),
    image('i2', 'debian-12', { created_at: '2026-03-01T00:00:00Z' }),
    image('i3', 'big', { min_ram: 4096, min_disk: 40 }),
  ],
  flavors: [
    flavor('1', 'ssc.tiny', { ram: 512 }),
    flavor('3', 'ssc.medium', { vcpus: 2, ram: 2048 }),
    flavor('4', 'ssc.large', { vcpus: 4, ram: 8192, disk: 80 }),
  ],
  networks: [
    network('n1', 'demo-net'),
    network('x1', 'public', { project_id: 'admin', 'router:external': true }),
    network('s1', 'shared', { project_id: 'admin', shared: true }),
  ],
  groups: [],
  keyPairs: [{ name: 'demo-key', public_key: '' }],
  zones: ['nova'],
}

const at = { file: 'mlops.yml', line: 2, column: 3 }

function wish(settings: Partial<OpenStackServer>, name = 'prod'): Wish {
  return {
    spec: {
      ...{
        name,
        provider: 'openstack',
        image: '',
        userDataFile: undefined,
        user: 'appuser',
        groups: [],
        address: undefined,
      },
      ...{ port: 22, hostKey: undefined, privateKeyFile: undefined, vars: {}, at },
    },
    settings: {
      ...{ image: 'debian-12', flavor: undefined, network: undefined, securityGroups: undefined, keyPair: undefined },
      ...{ floatingIp: false, bootVolumeGb: undefined, availabilityZone: undefined, places: {} },
      ...settings,
    },
  }
}

function chosen(settings: Partial<OpenStackServer>) {
  const { choices, problems } = choose([wish(settings)], offer)
  const choice = choices.get('prod')
  return problems.length > 0
    ? problems.map(({ message, hint }) => `${message}; ${hint}`)
    : [choice?.image.id, choice?.flavor.id, choice?.network.id, choice?.pool?.id]
}

test('what nobody names is the newest image of a name, the smallest flavor that is enough, and the own network', () => {
  expect(chosen({})).toEqual(['i2', '3', 'n1', undefined])
})

test('things are named by name or id, also a network of others', () => {
  expect(chosen({ image: 'i1', flavor: '1', network: 'shared', floatingIp: true })).toEqual(['i1', '1', 's1', 'x1'])
  expect(
    chosen({ flavor: 'ssc.tiny', network: 'n1', floatingIp: 'public', keyPair: 'demo-key', availabilityZone: 'nova' }),
  ).toEqual(['i2', '1', 'n1', 'x1'])
})

test('a flavor that the image does not fit on is refused, and one that nobody chose is large enough for it', () => {
  expect(chosen({ image: 'big', flavor: 'ssc.medium' })).toEqual([
    'flavor ssc.medium has 2048 MB of memory, image big needs 4096; choose a larger flavor',
  ])
  expect(chosen({ image: 'big' })).toEqual(['i3', '4', 'n1', undefined])
  expect(chosen({ image: 'big', flavor: 'ssc.large', bootVolumeGb: 20 })).toEqual([
    'flavor ssc.large has 20 GB of disk, image big needs 40; choose a larger flavor',
  ])
})

test('names that are not there are answered with near ones, those of two servers once', () => {
  const wrong = {
    image: 'debian12',
    flavor: 'ssc.smal',
    network: 'demonet',
    floatingIp: 'pub',
    keyPair: 'key',
    availabilityZone: 'x',
  }
  const { choices, problems } = choose([wish(wrong), wish(wrong, 'dev')], offer)
  expect(choices.size).toBe(0)
  expect(problems.map(({ code, hint, at: place }) => [code, hint, place])).toEqual([
    ['openstack.no-image', 'did you mean `debian-12`?', at],
    ['openstack.no-flavor', 'it has ssc.large, ssc.medium, ssc.tiny', at],
    ['openstack.no-network', 'did you mean `demo-net`?', at],
    ['openstack.no-external-network', 'it has public', at],
    ['openstack.no-key-pair', 'it has demo-key', at],
    ['openstack.no-availability-zone', 'it has nova', at],
  ])
})

test('a name that several things have, and several things that nobody chose from, are told', () => {
  const two = { ...offer, networks: [...offer.networks, network('n2', 'demo-net')] }
  const messages = (settings: Partial<OpenStackServer>) =>
    choose([wish(settings)], two).problems.map(({ message }) => message)
  expect(messages({ network: 'demo-net' })).toEqual(['the cloud has 2 of the name demo-net: networks n1, n2'])
  expect(messages({})).toEqual(['mlops.yml names no network, and the cloud has several'])
  expect(messages({ network: 'n2' })).toEqual([])
  expect(choose([wish({ image: undefined })], offer).problems[0]?.hint).toBe(
    'write `image:` below `openstack:`, one of big, debian-12',
  )
})
