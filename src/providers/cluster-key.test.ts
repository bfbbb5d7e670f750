import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clusterKey, hostKey, loginKey } from './cluster-key.ts'

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

test('a host key is kept for the server that is made again', () => {
  const first = hostKey({ directory }, 'prodserver')
  expect(hostKey({ directory }, 'prodserver')).toEqual(first)
  expect(hostKey({ directory }, 'devserver').publicKey).not.toBe(first.publicKey)
  expect(statSync(join(directory, '.mlops/host-keys/prodserver')).mode & 0o777).toBe(0o600)
})
