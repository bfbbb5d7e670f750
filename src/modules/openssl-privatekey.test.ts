import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { opensslPrivatekey } from './openssl-privatekey.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each([
    { type: 'RSA', size: 1024 },
    { type: 'ECC', curve: 'secp256r1' },
    { type: 'Ed25519' },
  ])('a key is checked, made, left alone, made anew and removed: %j', async kind => {
    const path = `${tmp()}/it's "$NONE"`
    const args = { ...kind, path, return_content: true }
    expect(await step(opensslPrivatekey, args, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    const made = await attempt(opensslPrivatekey, args, { shell })
    expect(made).toMatchObject({ outcome: 'changed', result: { filename: path, type: kind.type } })
    const key = readFileSync(path, 'utf8')
    expect(made.result['privatekey']).toBe(key)
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    const der = execFileSync('openssl', ['pkey', '-in', path, '-pubout', '-outform', 'DER'])
    const sha256 = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: der }).toString().slice(0, 64)
    expect(made.result['fingerprint']).toHaveProperty('sha256', sha256.replace(/..(?=.)/g, '$&:'))
    const again = await attempt(opensslPrivatekey, args, { shell })
    expect(again.outcome).toBe('ok')
    expect({ ...again.result, changed: true }).toEqual(made.result)
    const anew = await attempt(opensslPrivatekey, { ...args, force: true, backup: true, mode: '0640' }, { shell })
    expect(anew.outcome).toBe('changed')
    expect(readFileSync(String(anew.result['backup_file']), 'utf8')).toBe(key)
    expect(readFileSync(path, 'utf8')).not.toBe(key)
    expect(statSync(path).mode & 0o7777).toBe(0o640)
    expect(await step(opensslPrivatekey, { path, state: 'absent' }, { shell, check: true })).toBe('changed')
    expect(await step(opensslPrivatekey, { path, state: 'absent' }, { shell })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    expect(await step(opensslPrivatekey, { path, state: 'absent' }, { shell })).toBe('ok')
  })

  test('a key with a passphrase is opened by it, and another one is told or made anew', async () => {
    const path = `${tmp()}/key`
    const args = { path, type: 'ECC', curve: 'secp384r1', passphrase: "it's $x", cipher: 'auto' }
    expect(await step(opensslPrivatekey, args, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toContain('ENCRYPTED')
    expect(await step(opensslPrivatekey, args, { shell })).toBe('ok')
    const fail = await attempt(
      opensslPrivatekey,
      { ...args, passphrase: 'no', regenerate: 'partial_idempotence' },
      { shell },
    )
    expect(fail.result.msg).toContain('Unable to read the key')
    expect(await step(opensslPrivatekey, { ...args, passphrase: 'no' }, { shell, check: true })).toBe('changed')
    const other = await attempt(opensslPrivatekey, { ...args, curve: 'secp521r1', regenerate: 'fail' }, { shell })
    expect(other.result.msg).toContain('Key has wrong type and/or size')
    expect(await step(opensslPrivatekey, { ...args, curve: 'secp521r1', regenerate: 'never' }, { shell })).toBe('ok')
  })

  test('a key is kept, and put into another format', async () => {
    const path = `${tmp()}/key`
    const args = { path, size: 1024 }
    const print = () => execFileSync('openssl', ['pkey', '-in', path, '-pubout']).toString()
    expect(await step(opensslPrivatekey, args, { shell })).toBe('changed')
    const key = print()
    expect(readFileSync(path, 'utf8')).toContain('BEGIN RSA PRIVATE KEY')
    const convert = { ...args, format: 'pkcs8', format_mismatch: 'convert' }
    expect(await step(opensslPrivatekey, convert, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toContain('BEGIN PRIVATE KEY')
    expect(print()).toBe(key)
    expect(await step(opensslPrivatekey, convert, { shell })).toBe('ok')
  })
})
