import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addKey, removeKey } from './authorized-keys.ts'
import type { Script } from './sh.ts'

const old = 'ssh-ed25519 AAAAold+/= someone@here'
const next = 'ssh-ed25519 AAAAnew+/= someone@here'
const other = 'ssh-rsa AAAAother else'

describe.each([
  ['dash', 'dash'],
  ['busybox', 'busybox sh'],
])('in %s', (_, shell) => {
  let home = ''
  const file = () => join(home, '.ssh/authorized_keys')
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'mlops-keys-'))
    mkdirSync(join(home, '.ssh'))
  })
  afterEach(() => rmSync(home, { recursive: true }))

  function run({ text }: Script): number | null {
    const [program = '', ...args] = shell.split(' ')
    return spawnSync(program, [...args, '-c', text], { env: { PATH: process.env['PATH'] ?? '', HOME: home } }).status
  }

  test('a key is let in behind the other one, under the same options, and once', () => {
    const options = 'restrict,command="deliver \\"x\\" $HOME"'
    writeFileSync(file(), `# ${old}\n${other}\n${options} ${old}`, { mode: 0o640 })
    expect(run(addKey({ publicKey: next, like: old }))).toBe(0)
    expect(readFileSync(file(), 'utf8')).toBe(`# ${old}\n${other}\n${options} ${old}\n${options} ${next}\n`)
    expect(run(addKey({ publicKey: next, like: old }))).toBe(0)
    expect(readFileSync(file(), 'utf8').match(/AAAAnew/g)).toHaveLength(1)
    expect(statSync(file()).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(home, '.ssh'))).toEqual(['authorized_keys'])
  })

  test('nothing is changed where the other one is not', () => {
    writeFileSync(file(), `${other}\n`)
    expect(run(addKey({ publicKey: next, like: old }))).toBe(1)
    expect(readFileSync(file(), 'utf8')).toBe(`${other}\n`)
    expect(readdirSync(join(home, '.ssh'))).toEqual(['authorized_keys'])
  })

  test('one key is removed, and no other', () => {
    writeFileSync(file(), `${other}\nfrom="10.0.0.1" ${old}\n${next}\n`)
    expect(run(removeKey(old))).toBe(0)
    expect(readFileSync(file(), 'utf8')).toBe(`${other}\n${next}\n`)
  })
})
