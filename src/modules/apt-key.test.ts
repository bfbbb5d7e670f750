import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aptKey } from './apt-key.ts'
import { attempt, step, tmp } from './step.ts'

const body = Buffer.from([0x98, 0x33, 0x04, 1, 2, 3, 0, 255, 10, 13])
const armoured = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${body.toString('base64')}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n`

for (const shell of ['dash', 'busybox'] as const) {
  test(`an armoured key becomes a keyring of bytes without gpg, is left alone, and goes (${shell})`, async () => {
    const keyring = join(tmp(), "it's a key.gpg")
    const args = { data: armoured, keyring }
    expect(await step(aptKey, args, { check: true, shell })).toBe('changed')
    expect(() => statSync(keyring)).toThrow()
    expect(await step(aptKey, args, { shell })).toBe('changed')
    expect(readFileSync(keyring)).toEqual(body)
    expect(statSync(keyring).mode & 0o777).toBe(0o644)
    expect(await step(aptKey, args, { shell })).toBe('ok')
    expect(await step(aptKey, { ...args, state: 'absent' }, { shell })).toBe('changed')
    expect(await step(aptKey, { ...args, state: 'absent' }, { shell })).toBe('ok')
  })
}

test('a key is fetched from an address', async () => {
  const folder = tmp()
  writeFileSync(join(folder, 'key'), body)
  const keyring = join(folder, 'ring.gpg')
  expect(await step(aptKey, { url: `file://${folder}/key`, keyring })).toBe('changed')
  expect(readFileSync(keyring)).toEqual(body)
})

test('what is no key is refused', async () => {
  const keyring = join(tmp(), 'ring.gpg')
  expect(await attempt(aptKey, { data: '<html>', keyring })).toMatchObject({
    outcome: 'failed',
    result: { msg: 'what was given is no public key of PGP' },
  })
  execFileSync('test', ['!', '-e', keyring])
})
