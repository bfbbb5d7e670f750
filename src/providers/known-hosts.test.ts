import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeKeyPair } from './key-pair.ts'
import { knownHosts } from './known-hosts.ts'

test('ssh-keygen finds each server by address and port', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-known-'))
  const file = join(folder, 'known_hosts')
  const key = makeKeyPair('root@here').publicKey
  try {
    const text = knownHosts([
      { address: '10.0.0.1', port: 22, hostKey: key },
      { address: '127.0.0.1', port: 2201, hostKey: key },
      { address: '10.0.0.2', port: 22, hostKey: undefined },
    ])
    writeFileSync(file, text)
    const bare = key.split(' ').slice(0, 2).join(' ')
    expect(text).toBe(`10.0.0.1 ${bare}\n[127.0.0.1]:2201 ${bare}\n`)
    for (const host of ['10.0.0.1', '[127.0.0.1]:2201']) {
      expect(execFileSync('ssh-keygen', ['-F', host, '-f', file], { encoding: 'utf8' })).toContain(bare)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
