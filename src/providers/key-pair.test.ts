import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fingerprints, makeKeyPair, publicHalf } from './key-pair.ts'

// 4096 bits are searched for many seconds on a busy machine
test.each([
  'ed25519',
  'rsa-3072',
] as const)('ssh-keygen reads the private half of %s, and finds the public one in it', type => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-key-'))
  try {
    const pair = makeKeyPair('someone@here', type)
    const file = join(folder, 'key')
    writeFileSync(file, pair.privateKey, { mode: 0o600 })
    expect(execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim()).toBe(pair.publicKey)
    const print = (hash: string) => execFileSync('ssh-keygen', ['-l', '-E', hash, '-f', file], { encoding: 'utf8' })
    const { sha256, md5 } = fingerprints(pair.publicKey)
    expect(print('sha256')).toContain(` ${sha256} `)
    expect(print('md5')).toContain(` ${md5} `)
    expect(print('md5')).toMatch(type === 'ed25519' ? /^256 / : new RegExp(`^${type.slice(4)} `))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the public half is found in our keys and in those of ssh-keygen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-key-'))
  try {
    const file = join(folder, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', '', '-f', file])
    const text = execFileSync('cat', [file], { encoding: 'utf8' })
    expect(publicHalf(text)).toBe(execFileSync('cat', [`${file}.pub`], { encoding: 'utf8' }).trim())
    const ours = makeKeyPair('comment')
    expect(`${publicHalf(ours.privateKey)} comment`).toBe(ours.publicKey)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is no key has no public half', () => {
  expect(publicHalf('nothing')).toBeUndefined()
  const cut = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----\n'
  expect(publicHalf(cut)).toBeUndefined()
})

test('two keys differ', () => {
  expect(makeKeyPair('a').publicKey).not.toBe(makeKeyPair('a').publicKey)
})
