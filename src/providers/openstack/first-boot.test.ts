import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerSpec } from '../../project/project.ts'
import { makeKeyPair } from '../key-pair.ts'
import { firstBoot } from './first-boot.ts'

const key = makeKeyPair('root@prod')

function spec(text: string | undefined): ServerSpec {
  let userDataFile: string | undefined
  if (text !== undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'mlops-first-boot-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    userDataFile = join(folder, 'data')
    writeFileSync(userDataFile, text)
  }
  return {
    ...{
      name: 'prod',
      provider: 'openstack',
      image: '',
      user: 'appuser',
      groups: [],
      port: 22,
      vars: {},
      userDataFile,
    },
    ...{ address: undefined, hostKey: undefined, privateKeyFile: undefined },
    at: { file: 'mlops.yml', line: 3, column: 3 },
  }
}

/** The parts of a MIME text as Python's reader finds them, which is the one of cloud-init. */
function parts(encoded: string): { type: string; text: string }[] {
  const program =
    'import sys,json,email;m=email.message_from_bytes(sys.stdin.buffer.read());print(json.dumps([{"type":p.get_content_type(),"text":p.get_payload(decode=True).decode()} for p in m.walk() if not p.is_multipart()]))'
  const { stdout } = spawnSync('python3', ['-c', program], { input: Buffer.from(encoded, 'base64') })
  return JSON.parse(stdout.toString())
}

test("the user's own file reaches cloud-init as it is, and the host key after it", () => {
  const own = '#cloud-config\nruncmd:\n  - echo "--mlops-part" é\n'
  const [first, second, ...more] = parts(firstBoot(spec(own), 'ssh-ed25519 AAAA', key))
  expect(more).toEqual([])
  expect(first).toEqual({ type: 'text/plain', text: own })
  expect(second?.type).toBe('text/cloud-config')
  expect(second?.text).toContain(`ed25519_public: ${key.publicKey}`)
  for (const line of key.privateKey.trimEnd().split('\n')) expect(second?.text).toContain(`    ${line}\n`)
})

test('a server without a file of its own lets the key in', () => {
  expect(parts(firstBoot(spec(undefined), 'ssh-ed25519 AAAA', key))[0]?.text).toContain('- "ssh-ed25519 AAAA"')
})

test('user data that is MIME already keeps its parts', () => {
  const own =
    'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\ntrue\n--b--\n'
  expect(parts(firstBoot(spec(own), 'k', key)).map(({ type }) => type)).toEqual([
    'text/x-shellscript',
    'text/cloud-config',
  ])
})

test('user data that is longer than a cloud takes is refused, with its length', () => {
  const long = `#cloud-config\n# ${'x'.repeat(60_000)}\n`
  expect(() => firstBoot(spec(long), 'k', key)).toThrow(/^the user data of prod has 6\d{4} bytes, a cloud takes 49149$/)
})
