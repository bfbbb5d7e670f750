import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ModuleFailure } from '../modules/module.ts'
import { digestAhead, digestOf } from './file-digest.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mlops-digest-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function made(name: string, content: Uint8Array | string) {
  const file = join(scratch, name)
  writeFileSync(file, content)
  return { file, sha1: createHash('sha1').update(content).digest('hex'), digest: () => digestOf(file, statSync(file)) }
}

test('files of any size are hashed whole', () => {
  for (const size of [0, 1, 2 ** 18, 2 ** 18 + 1, 2 ** 19, 5_000_001]) {
    const { sha1, digest } = made(`size-${size}`, randomBytes(size))
    expect(digest().sha1).toBe(sha1)
    expect(digest()).toBe(digest())
  }
})

test('a large file is hashed ahead, after which it need not be there', async () => {
  const { file, sha1, digest } = made('ahead', randomBytes(5_000_001))
  const large = digest()
  expect(large.isMade).toBe(false)
  await digestAhead([file, join(scratch, 'none')], undefined)
  unlinkSync(file)
  expect(large.sha1).toBe(sha1)
})

test('what was hashed ahead in part is hashed to its end when it is needed', async () => {
  const { file, sha1, digest } = made('part', randomBytes(5_000_001))
  const part = digest()
  const begun = part.readBytes
  const ahead = digestAhead([file], undefined)
  expect(part.readBytes).toBeGreaterThan(begun)
  expect(part.isMade).toBe(false)
  expect(part.sha1).toBe(sha1)
  await ahead
  expect(part.sha1).toBe(sha1)
})

test('nothing is hashed ahead for a run that was interrupted', async () => {
  const { file, digest } = made('interrupted', randomBytes(5_000_001))
  digest()
  await digestAhead([file], AbortSignal.abort())
  expect(digest().isMade).toBe(false)
})

test('a file that cannot be read any more says so when its digest is needed', async () => {
  const { file, digest } = made('gone', randomBytes(5_000_001))
  const large = digest()
  unlinkSync(file)
  await digestAhead([file], undefined)
  expect(() => large.sha1).toThrow(ModuleFailure)
  expect(() => large.sha1).toThrow(/^the controller cannot read it: ENOENT: /)
})

test('a file that changed has another digest, and one that is encrypted says so', () => {
  const before = made('changed', randomBytes(600_000))
  const old = before.digest()
  const after = made('changed', `$ANSIBLE_VAULT;1.1;AES256\n${'0'.repeat(600_000)}`)
  expect([old.isEncrypted, after.digest().isEncrypted]).toEqual([false, true])
  expect(after.digest().sha1).toBe(after.sha1)
})
