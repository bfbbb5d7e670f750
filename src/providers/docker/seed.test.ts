import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeKeyPair } from '../key-pair.ts'
import { mirrorDropIn, seedArchive } from './seed.ts'

const hostKey = makeKeyPair('root@prodserver')
const login = { user: 'appuser', publicKey: 'ssh-ed25519 AAAA us' }
const seed = {
  server: 'prodserver',
  userData: '#cloud-config\n',
  hostKey,
  login,
  authority: undefined,
  mirrorUrl: undefined,
}

test('a seed holds the three files of NoCloud, and more only where it is asked for', () => {
  const list = (archive: Buffer) => execFileSync('tar', ['-t'], { input: archive, encoding: 'utf8' }).trim().split('\n')
  const noCloud = ['user-data', 'vendor-data', 'meta-data'].map(name => `var/lib/cloud/seed/nocloud/${name}`)
  expect(list(seedArchive(seed))).toEqual(noCloud)
  expect(list(seedArchive({ ...seed, authority: 'PEM', mirrorUrl: 'https://mirror.example' }))).toEqual([
    ...noCloud,
    'usr/local/share/ca-certificates/mlops-registry.crt',
    'etc/systemd/system/docker.service.d/10-registry-mirror.conf',
  ])
})

test('each seed is an instance of its own', () => {
  const metaData = () =>
    execFileSync('tar', ['-xO', 'var/lib/cloud/seed/nocloud/meta-data'], { input: seedArchive(seed), encoding: 'utf8' })
  expect(parse(metaData())).toMatchObject({ 'local-hostname': 'prodserver' })
  expect(metaData()).not.toBe(metaData())
})

test('a plain HTTP mirror is allowed by name, for pull and for BuildKit', () => {
  expect(mirrorDropIn('https://mirror.example')).toBe(
    '[Service]\nEnvironment="DOCKER_OPTS=--registry-mirror=https://mirror.example"\n',
  )
  expect(mirrorDropIn('http://10.0.0.1:5000')).toContain(
    '--insecure-registry=http://10.0.0.1:5000 --insecure-registry=10.0.0.1:5000',
  )
})
