import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decrypt, encrypt, isEncrypted, readEnvelope } from './envelope.ts'

const fixtures = join(import.meta.dirname, '../../test/fixtures/vault')
const read = (name: string) => readFileSync(join(fixtures, name), 'utf8')

/** Files that `ansible-vault` made. */
const made = [
  { file: 'a.yml', password: 'correct horse', id: undefined, says: 'db_password: s3cr3t-äöü\nlist:\n  - one\n' },
  { file: 'b.yml', password: 'second pass', id: 'prod', says: 'top: secret\n' },
  { file: 'empty.txt', password: 'correct horse', id: undefined, says: '' },
  { file: 'block.txt', password: 'correct horse', id: undefined, says: '0123456789abcdef' },
]

test.each(made)('$file of ansible-vault opens', ({ file, password, id, says }) => {
  const envelope = readEnvelope(read(file), file)
  expect(envelope.id).toBe(id)
  expect(decrypt(envelope, password)?.toString()).toBe(says)
})

test.each(made)('with the same salt, $file comes out as ansible-vault wrote it', ({ file, password, id, says }) => {
  const { salt } = readEnvelope(read(file), file)
  expect(encrypt(says, password, id, salt)).toBe(read(file))
})

test('bytes of every length come back', () => {
  for (const length of [0, 1, 15, 16, 17, 4096]) {
    const content = Buffer.alloc(length, 0xff)
    expect(decrypt(readEnvelope(encrypt(content, 'pw'), 'x'), 'pw')).toEqual(content)
  }
})

test('another password opens nothing', () => {
  expect(decrypt(readEnvelope(read('a.yml'), 'a.yml'), 'wrong')).toBeUndefined()
})

test('a text that was changed does not open', () => {
  const envelope = readEnvelope(read('a.yml'), 'a.yml')
  const ciphertext = Buffer.from(envelope.ciphertext)
  ciphertext[0] = (ciphertext[0] ?? 0) ^ 1
  expect(decrypt({ ...envelope, ciphertext }, 'correct horse')).toBeUndefined()
})

test('what is broken is said', () => {
  expect(() => readEnvelope('$ANSIBLE_VAULT;1.1;AES256\nzz', 'x')).toThrow('its body is not hexadecimal')
  expect(() => readEnvelope('$ANSIBLE_VAULT;1.0;AES\n00', 'x')).toThrow('its version is 1.0')
  expect(() => readEnvelope('$ANSIBLE_VAULT;1.1;AES256\n3132', 'x')).toThrow('a part of it is missing')
  expect(isEncrypted('plain: $ANSIBLE_VAULT;')).toBe(false)
})
