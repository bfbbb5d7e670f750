import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fingerprint, hostKeyAlgorithms, hostName, judge, parseKnownHosts } from './known-hosts.ts'
import { keygen } from './sshd.rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'mlops-known-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function key(name: string, type = 'ed25519'): { line: string; bytes: Buffer } {
  keygen(join(folder, name), '-t', type)
  const [kind, text = ''] = readFileSync(join(folder, `${name}.pub`), 'utf8').split(' ')
  return { line: `${kind} ${text}`, bytes: Buffer.from(text, 'base64') }
}

const ours = key('ours')
const other = key('other')
const ecdsa = key('ecdsa', 'ecdsa')

test.each([
  ['web', ours, 'known'],
  ['web', other, 'changed'],
  ['web', ecdsa, 'unknown'],
  ['10.0.0.1', ours, 'known'],
  ['10.0.0.2', ours, 'unknown'],
  ['db7.lab', ours, 'known'],
  ['db8.lab', ours, 'unknown'],
  ['[web]:2222', ours, 'unknown'],
  ['[web]:2223', other, 'known'],
  ['two', other, 'known'],
  ['two', ours, 'known'],
  ['bad', other, 'revoked'],
  ['ca.lab', ours, 'unknown'],
  ['WEB.example.org', ours, 'known'],
] as const)('%s is judged', (name, { bytes }, kind) => {
  const keys = parseKnownHosts(
    `# comment
web,10.0.0.1,*.example.org ${ours.line} a comment
  *.lab,!db8.lab,!ca.lab ${ours.line}
[web]:2223 ${other.line}
two ${ours.line}
two ${other.line}
@revoked bad ${other.line}
bad ${other.line}
@cert-authority ca.lab ${ours.line}
broken line
`,
    'file',
  )
  expect(judge(keys, name, bytes).kind).toBe(kind)
})

test('hashed names are found, fingerprints are those of ssh-keygen', () => {
  const file = join(folder, 'hashed')
  writeFileSync(file, `[10.1.2.3]:2222 ${ours.line}\nweb ${other.line}\n`)
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
  const text = readFileSync(file, 'utf8')
  expect(text).not.toContain('10.1.2.3')
  const keys = parseKnownHosts(text, file)
  expect(judge(keys, hostName('10.1.2.3', 2222), ours.bytes).kind).toBe('known')
  expect(judge(keys, 'web', ours.bytes)).toMatchObject({ kind: 'changed', known: { file, line: 2 } })
  const shown = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'ours.pub')], { encoding: 'utf8' })
  expect(shown.split(' ')[1]).toBe(fingerprint(ours.bytes))
})

test('the kinds of keys that are known are asked for first', () => {
  const keys = parseKnownHosts(`web ${ecdsa.line}\nold ssh-rsa AAAA\n`, 'file')
  expect(hostKeyAlgorithms(keys, 'web')[0]).toBe('ecdsa-sha2-nistp256')
  expect(hostKeyAlgorithms(keys, 'old').slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
  expect(hostKeyAlgorithms(keys, 'new')[0]).toBe('ssh-ed25519')
})
