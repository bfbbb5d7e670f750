import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { apart } from './apart-step.ts'
import { deb822Repository } from './deb822-repository.ts'
import { type Shell, tmp } from './step.ts'

test.each<Shell>(['dash', 'busybox'])('a repository is named with its key, and taken away (%s)', async shell => {
  const host = await apart(shell)
  const key = `${tmp()}/key`
  writeFileSync(key, '-----BEGIN PGP PUBLIC KEY BLOCK-----\n')
  const args = {
    name: "My_Repo it's",
    uris: 'https://example.org/debian',
    suites: ['stable', 'testing'],
    components: 'main',
    enabled: true,
    signed_by: `file://${key}`,
  }
  const file = `${host.etc}/apt/sources.list.d/my-repo-its.sources`
  expect((await host.attempt(deb822Repository, args, { check: true })).outcome).toBe('changed')
  expect(existsSync(file)).toBe(false)
  const { outcome, result } = await host.attempt(deb822Repository, args)
  expect([outcome, result.msg, result['key_filename']]).toEqual([
    'changed',
    undefined,
    '/etc/apt/keyrings/my-repo-its.asc',
  ])
  expect(readFileSync(file, 'utf8')).toBe(`Components: main
Enabled: yes
X-Repolib-Name: My_Repo it's
Signed-By: /etc/apt/keyrings/my-repo-its.asc
Suites: stable testing
Types: deb
URIs: https://example.org/debian
`)
  expect(readFileSync(`${host.etc}/apt/keyrings/my-repo-its.asc`, 'utf8')).toMatch(/^-----BEGIN/)
  expect((await host.attempt(deb822Repository, args)).outcome).toBe('ok')
  const inside = { ...args, signed_by: '-----BEGIN\n\nabc\n', mode: '0600' }
  expect((await host.attempt(deb822Repository, inside)).outcome).toBe('changed')
  expect(readFileSync(file, 'utf8')).toContain('\nSigned-By: \n -----BEGIN\n .\n abc\nSuites:')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect((await host.attempt(deb822Repository, inside)).outcome).toBe('ok')
  const absent = { name: args.name, state: 'absent' }
  expect((await host.attempt(deb822Repository, absent)).outcome).toBe('changed')
  expect([existsSync(file), existsSync(`${host.etc}/apt/keyrings/my-repo-its.asc`)]).toEqual([false, false])
  expect((await host.attempt(deb822Repository, absent)).outcome).toBe('ok')
})
