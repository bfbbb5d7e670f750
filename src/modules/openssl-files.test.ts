import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { opensslCsr } from './openssl-csr.ts'
import { opensslDhparam } from './openssl-dhparam.ts'
import { opensslPublickey } from './openssl-publickey.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString()

function privateKey(folder: string): string {
  const path = `${folder}/it's "private" $NONE`
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', path)
  return path
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a public key is checked, written, left alone and follows its private key', async () => {
    const folder = tmp()
    const privatekey_path = privateKey(folder)
    const args = { path: `${folder}/it's public`, privatekey_path, return_content: true }
    expect(await step(opensslPublickey, args, { shell, check: true })).toBe('changed')
    expect(existsSync(args.path)).toBe(false)
    const { outcome, result } = await attempt(opensslPublickey, args, { shell })
    expect([outcome, result['publickey']]).toEqual(['changed', openssl('pkey', '-in', privatekey_path, '-pubout')])
    expect(result['fingerprint']).toHaveProperty('sha512')
    expect(await step(opensslPublickey, args, { shell })).toBe('ok')
    const content = { path: args.path, privatekey_content: readFileSync(privatekey_path, 'utf8') }
    expect(await step(opensslPublickey, content, { shell })).toBe('ok')
    const ssh = { ...args, format: 'OpenSSH' }
    expect(await step(opensslPublickey, ssh, { shell })).toBe('changed')
    expect(readFileSync(args.path, 'utf8')).toMatch(/^ecdsa-sha2-nistp256 /)
    expect(await step(opensslPublickey, ssh, { shell })).toBe('ok')
    const none = await attempt(opensslPublickey, { ...args, privatekey_path: `${folder}/none` }, { shell })
    expect(none.result.msg).toContain('does not exist or cannot be read')
  })

  test('a request is checked, made, left alone, and made anew when it is to say something else', async () => {
    const folder = tmp()
    const args = {
      path: `${folder}/it's a request`,
      privatekey_path: privateKey(folder),
      common_name: `it's "x" $HOME \\ #1; ü`,
      subject: { O: ' of blanks ', OU: ['one', 'two'] },
      subject_alt_name: ['DNS:a.example.org', 'IP:192.0.2.1', 'email:a@example.org', "URI:http://x/$y;#z'"],
      key_usage: ['Digital Signature', 'keyCertSign'],
      key_usage_critical: true,
      extended_key_usage: ['serverAuth', 'TLS Web Client Authentication'],
      basic_constraints: ['CA:TRUE', 'pathlen:0'],
      name_constraints_permitted: ['DNS:.example.org'],
      ocsp_must_staple: true,
      create_subject_key_identifier: true,
    }
    expect(await step(opensslCsr, args, { shell, check: true })).toBe('changed')
    expect(existsSync(args.path)).toBe(false)
    expect(await step(opensslCsr, args, { shell })).toBe('changed')
    const text = openssl('req', '-in', args.path, '-noout', '-text', '-verify', '-nameopt', 'multiline,utf8,-esc_msb')
    expect(text).toContain(`commonName                = it's "x" $HOME \\\\ #1; ü\n`)
    expect(text).toContain('organizationalUnitName    = two')
    expect(text).toContain(`DNS:a.example.org, IP Address:192.0.2.1, email:a@example.org, URI:http://x/$y;#z'`)
    expect(text).toMatch(/Key Usage: critical\n\s+Digital Signature, Certificate Sign\n/)
    expect(text).toMatch(/CA:TRUE, pathlen:0/)
    expect(text).toMatch(/TLS Feature:/)
    expect(await step(opensslCsr, args, { shell })).toBe('ok')
    expect(await step(opensslCsr, { ...args, digest: 'sha512' }, { shell })).toBe('ok')
    expect(await step(opensslCsr, { ...args, common_name: 'other' }, { shell })).toBe('changed')
    expect(await step(opensslCsr, { path: args.path, state: 'absent' }, { shell })).toBe('changed')
    expect(await step(opensslCsr, { path: args.path, state: 'absent' }, { shell })).toBe('ok')
    const wrong = await attempt(opensslCsr, { ...args, key_usage: ['nonsense'] }, { shell })
    expect(wrong.result.msg).toMatch(/keyUsage|nonsense/)
  })

  test('the common name is the other name, and a request alone needs a key', async () => {
    const folder = tmp()
    const args = { path: `${folder}/csr`, privatekey_path: privateKey(folder), common_name: 'www.example.org' }
    const { result } = await attempt(opensslCsr, args, { shell })
    expect(result).toMatchObject({ subject: [['CN', 'www.example.org']], subjectAltName: ['DNS:www.example.org'] })
    expect(openssl('req', '-in', args.path, '-noout', '-text')).toContain('DNS:www.example.org')
    expect(opensslCsr.check?.({ state: 'present', path: 'x' })).toHaveLength(1)
    expect(opensslCsr.check?.({ state: 'present', privatekey_path: 'x', subject_alt_name: ['a.b'] })).toHaveLength(1)
  })

  test('parameters of Diffie and Hellman are known by their length', async () => {
    const path = `${tmp()}/it's dh`
    expect(await step(opensslDhparam, { path, size: 512 }, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    // of 512 bits, once made by `openssl dhparam 512`: new ones take a while
    writeFileSync(path, openssl('dhparam', '-dsaparam', '512'))
    expect(await step(opensslDhparam, { path, size: 512 }, { shell })).toBe('ok')
    expect(await step(opensslDhparam, { path, size: 1024 }, { shell, check: true })).toBe('changed')
    expect(await step(opensslDhparam, { path, state: 'absent' }, { shell })).toBe('changed')
  })
})

test('parameters of Diffie and Hellman are made', async () => {
  const args = { path: `${tmp()}/dh`, size: 512, return_content: true, mode: '0644' }
  const { outcome, result } = await attempt(opensslDhparam, args)
  expect([outcome, result['size'], result['dhparams']]).toEqual(['changed', 512, readFileSync(args.path, 'utf8')])
  expect(await step(opensslDhparam, args)).toBe('ok')
})
