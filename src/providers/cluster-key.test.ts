import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeClusterKey, clusterKey, hostKey, isMadeWith, keyDigest, loginKey, rememberFormer } from './cluster-key.ts'
import { makeKeyPair } from './key-pair.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mlops-cluster-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('the cluster key is made once, for its owner alone', () => {
  const first = clusterKey({ directory }, 'demo')
  expect(first.publicKey).toMatch(/^ssh-ed25519 \S+ mlops-demo$/)
  expect(statSync(first.privateKeyFile).mode & 0o777).toBe(0o600)
  const before = readFileSync(first.privateKeyFile, 'utf8')
  expect(clusterKey({ directory }, 'demo')).toEqual(first)
  expect(readFileSync(first.privateKeyFile, 'utf8')).toBe(before)
})

test('a lost public half is read from the private one', () => {
  const { privateKeyFile, publicKey } = clusterKey({ directory }, 'demo')
  unlinkSync(`${privateKeyFile}.pub`)
  expect(publicKey.startsWith(clusterKey({ directory }, 'demo').publicKey)).toBe(true)
})

test('a key whose public half cannot be read says how to get it', () => {
  const file = join(directory, 'key')
  writeFileSync(file, 'no key')
  expect(() => loginKey(file)).toThrow(`the public half of ${file} cannot be read`)
})

test('a public half that a crash left beside another key is mended', () => {
  const { privateKeyFile, publicKey } = clusterKey({ directory }, 'demo')
  writeFileSync(`${privateKeyFile}.pub`, makeKeyPair('mlops-demo').publicKey)
  expect(clusterKey({ directory }, 'demo').publicKey).toBe(publicKey)
  expect(readFileSync(`${privateKeyFile}.pub`, 'utf8')).toBe(`${publicKey}\n`)
})

test('a key that others may read is not used until it is closed', () => {
  const { privateKeyFile } = clusterKey({ directory }, 'demo')
  chmodSync(privateKeyFile, 0o640)
  expect(() => clusterKey({ directory }, 'demo')).toThrow(`others on this machine may read ${privateKeyFile}`)
  expect(closeClusterKey({ directory })).toBe(true)
  expect(statSync(privateKeyFile).mode & 0o777).toBe(0o600)
  expect(closeClusterKey({ directory })).toBe(false)
  expect(clusterKey({ directory }, 'demo').privateKeyFile).toBe(privateKeyFile)
})

test('a server that was made with a key before this one is known', () => {
  const [first, second] = [makeKeyPair('first').publicKey, makeKeyPair('second').publicKey]
  const { publicKey: to, privateKeyFile } = clusterKey({ directory }, 'demo')
  const known = () => [first, second, to].map(one => isMadeWith(clusterKey({ directory }, 'demo'), keyDigest(one)))
  expect(known()).toEqual([false, false, true])
  rememberFormer({ directory }, { from: first, to: second })
  expect(known()).toEqual([false, false, true])
  rememberFormer({ directory }, { from: second, to })
  expect(known()).toEqual([true, true, true])
  // a key that was lost is no former key of the next one
  for (const file of [privateKeyFile, `${privateKeyFile}.pub`]) unlinkSync(file)
  expect(known()).toEqual([false, false, false])
})

test('a host key is kept for the server that is made again', () => {
  const first = hostKey({ directory }, 'prodserver')
  expect(hostKey({ directory }, 'prodserver')).toEqual(first)
  expect(hostKey({ directory }, 'devserver').publicKey).not.toBe(first.publicKey)
  expect(statSync(join(directory, '.mlops/host-keys/prodserver')).mode & 0o777).toBe(0o600)
})
