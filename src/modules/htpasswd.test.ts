import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { htpasswd } from './htpasswd.ts'
import { hashPassword, isPassword, schemes } from './parts/apache-password.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

const password = 'it\'s "my" $HOME \\ ü *'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(schemes)('a user with a password of the scheme %s is checked, made, and left alone', async crypt_scheme => {
    const path = `${tmp()}/new/pass words`
    const args = { path, name: "o'neil $HOME", password, crypt_scheme, mode: '0640' }
    expect(await step(htpasswd, args, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    const made = await attempt(htpasswd, args, { shell })
    expect([made.outcome, made.result.msg]).toEqual(['changed', `Created ${path} and added o'neil $HOME`])
    expect(statSync(path).mode & 0o7777).toBe(0o640)
    const [name, stored = ''] = readFileSync(path, 'utf8').trim().split(/:(.*)/s)
    expect(name).toBe("o'neil $HOME")
    expect(isPassword(stored, password)).toBe(true)
    expect(isPassword(stored, 'another')).toBe(false)
    const again = await attempt(htpasswd, args, { shell })
    expect([again.outcome, again.result.msg]).toEqual(['ok', "o'neil $HOME already present"])
    expect(await step(htpasswd, { ...args, password: 'another' }, { shell })).toBe('changed')
    expect(await step(htpasswd, { ...args, password: 'another', crypt_scheme: 'apr_md5_crypt' }, { shell })).toBe('ok')
  })

  test('other users stay where they are, and empty lines go', async () => {
    const path = `${tmp()}/passwords`
    writeFileSync(path, 'first:{SHA}x\n\nmine:plain\nlast:$2y$05$x\n', { mode: 0o600 })
    const args = { path, name: 'mine', password: 'new', crypt_scheme: 'plaintext' }
    expect(await step(htpasswd, args, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe('first:{SHA}x\nmine:new\nlast:$2y$05$x\n')
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    const gone = { path, name: 'first', state: 'absent' }
    expect(await step(htpasswd, gone, { shell, check: true })).toBe('changed')
    expect((await attempt(htpasswd, gone, { shell })).result.msg).toBe('Remove first')
    expect(readFileSync(path, 'utf8')).toBe('mine:new\nlast:$2y$05$x\n')
    expect((await attempt(htpasswd, gone, { shell })).result.msg).toBe('first not present')
    expect(await step(htpasswd, { path: `${path}-none`, name: 'first', state: 'absent' }, { shell })).toBe('ok')
  })
})

test('a missing file, a missing password and an unknown scheme are told', async () => {
  const path = `${tmp()}/passwords`
  const absent = await attempt(htpasswd, { path, name: 'x', password: 'y', create: false })
  expect(absent.result.msg).toBe(`Destination ${path} does not exist`)
  expect((await attempt(htpasswd, { path, name: 'x' })).result.msg).toContain('`password` is needed')
  expect(htpasswd.check?.({ crypt_scheme: 'des_crypt', name: 'a:b' })).toHaveLength(2)
})

test('bcrypt is done by htpasswd of the host, which the password reaches by its standard input', async () => {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  // a stand-in that keeps what it was given; the real one is tried on a server
  const body =
    'case $1 in -vi) [ "$(cat)" = "$(sed -n "s/^$3:.2y.//p" "$2")" ];; -iB) sed -i "s|^$3:.*|$3:\\$2y\\$$(cat)|" "$2";; esac'
  writeFileSync(`${folder}/bin/htpasswd`, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  const environment = { PATH: `${folder}/bin:${process.env['PATH']}` }
  const path = `${folder}/passwords`
  const args = { path, name: 'x', password: 'secret', crypt_scheme: 'bcrypt' }
  expect(await step(htpasswd, args, { environment, check: true })).toBe('changed')
  expect(await step(htpasswd, args, { environment })).toBe('changed')
  expect(readFileSync(path, 'utf8')).toBe('x:$2y$secret\n')
  expect(await step(htpasswd, args, { environment })).toBe('ok')
  expect(await step(htpasswd, { ...args, password: 'other' }, { environment, check: true })).toBe('changed')
})

test.each([
  ['-apr1', 'apr_md5_crypt'],
  ['-1', 'md5_crypt'],
  ['-5', 'sha256_crypt'],
  ['-6', 'sha512_crypt'],
] as const)('openssl passwd %s makes of a salt what we make of it', (flag, scheme) => {
  for (const word of ['a', 'longer than sixteen bytes, and longer than thirty-two; with ü', 'x'.repeat(65)]) {
    const mine = hashPassword(word, scheme)
    const salt = mine.split('$').at(-2) ?? ''
    const theirs = execFileSync('openssl', ['passwd', flag, '-salt', salt, '-stdin'], { input: `${word}\n` })
    expect(theirs.toString().trim()).toBe(mine)
  }
  const known = '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'
  expect([isPassword(known, 'Hello world!'), isPassword(known, 'Hello world')]).toEqual([true, false])
})
