import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { opensslCsr } from './openssl-csr.ts'
import { attempt, type Shell, step, tmp } from './step.ts'
import { x509Certificate } from './x509-certificate.ts'

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString()

async function request(
  folder: string,
  name: string,
  more = {},
): Promise<{ privatekey_path: string; csr_path: string }> {
  const privatekey_path = `${folder}/it's ${name}.key`
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', privatekey_path)
  const csr_path = `${folder}/it's ${name}.csr`
  await step(opensslCsr, {
    path: csr_path,
    privatekey_path,
    common_name: `${name} $HOME`,
    organization_name: 'O',
    ...more,
  })
  return { privatekey_path, csr_path }
}

describe.each<Shell>(['busybox'])('with %s', shell => {
  test('a certificate is signed by its own key, and follows its request', async () => {
    const folder = tmp()
    const files = await request(folder, 'one', { key_usage: ['digitalSignature'] })
    const args = {
      ...files,
      path: `${folder}/it's one`,
      provider: 'selfsigned',
      selfsigned_not_after: '20400131000000Z',
      return_content: true,
    }
    expect(await step(x509Certificate, args, { shell, check: true })).toBe('changed')
    expect(existsSync(args.path)).toBe(false)
    const { outcome, result } = await attempt(x509Certificate, args, { shell })
    expect([outcome, result['certificate']]).toEqual(['changed', readFileSync(args.path, 'utf8')])
    const text = openssl('x509', '-in', args.path, '-noout', '-text')
    expect(text).toMatch(/Subject: .*CN ?= ?one \$HOME/)
    expect(text).toMatch(/Issuer: .*CN ?= ?one \$HOME/)
    expect(text).toContain('Not After : Jan 31 00:00:00 2040 GMT')
    expect(text).toContain('DNS:one $HOME')
    expect(text).toContain('Digital Signature')
    expect(text).toContain('Subject Key Identifier')
    openssl('verify', '-CAfile', args.path, args.path)
    expect(await step(x509Certificate, args, { shell })).toBe('ok')
    expect(await step(x509Certificate, { ...args, selfsigned_not_after: '+1d' }, { shell })).toBe('ok')
    const later = { ...args, selfsigned_not_after: '20410131000000Z', selfsigned_not_before: '20200131000000Z' }
    expect(await step(x509Certificate, { ...later, ignore_timestamps: false }, { shell })).toBe('changed')
    expect(await step(x509Certificate, { ...later, ignore_timestamps: false }, { shell })).toBe('ok')
    const other = await request(folder, 'other')
    expect(await step(x509Certificate, { ...args, ...other }, { shell, check: true })).toBe('changed')
    const wrong = await attempt(x509Certificate, { ...args, csr_path: `${folder}/none` }, { shell })
    expect(wrong.outcome).toBe('failed')
    expect(await step(x509Certificate, { path: args.path, state: 'absent' }, { shell })).toBe('changed')
    expect(existsSync(args.path)).toBe(false)
  })

  test('a certificate is signed by an authority', async () => {
    const folder = tmp()
    const authority = await request(folder, 'authority', {
      basic_constraints: ['CA:TRUE'],
      basic_constraints_critical: true,
    })
    const ca = `${folder}/it's the authority`
    expect(await step(x509Certificate, { ...authority, path: ca, provider: 'selfsigned' }, { shell })).toBe('changed')
    const { csr_path } = await request(folder, 'leaf', { subject_alt_name: ['IP:192.0.2.1'] })
    const args = {
      path: `${folder}/it's a leaf`,
      csr_path,
      provider: 'ownca',
      ownca_path: ca,
      ownca_privatekey_path: authority.privatekey_path,
      ownca_not_after: '+1w',
    }
    expect(await step(x509Certificate, args, { shell, check: true })).toBe('changed')
    expect(await step(x509Certificate, args, { shell })).toBe('changed')
    openssl('verify', '-CAfile', ca, args.path)
    const text = openssl('x509', '-in', args.path, '-noout', '-text')
    expect(text).toContain('IP Address:192.0.2.1')
    expect(text).toContain('Authority Key Identifier')
    expect(await step(x509Certificate, args, { shell })).toBe('ok')
    const content = { ...args, ownca_path: undefined, ownca_content: readFileSync(ca, 'utf8') }
    expect(await step(x509Certificate, content, { shell })).toBe('ok')
  })
})

test('a certificate without a request has an empty subject', async () => {
  const folder = tmp()
  const { privatekey_path } = await request(folder, 'bare')
  const args = { path: `${folder}/crt`, privatekey_path, provider: 'selfsigned' }
  expect(await step(x509Certificate, args)).toBe('changed')
  expect(await step(x509Certificate, args)).toBe('ok')
})

test('what is missing or not supported is told before anything runs', () => {
  const problems = (args: object) => x509Certificate.check?.({ state: 'present', path: 'x', ...args })
  expect(problems({})).toEqual(['`provider` is needed'])
  expect(problems({ provider: 'acme' })).toEqual([expect.stringContaining('not supported')])
  expect(problems({ provider: 'ownca' })).toHaveLength(3)
  expect(problems({ provider: 'selfsigned', privatekey_path: 'k', selfsigned_not_after: 'soon' })).toHaveLength(1)
})
