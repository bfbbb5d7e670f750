import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { apt } from './apt.ts'
import { attempt, step, tmp } from './step.ts'

const packageName = 'mlops-test-package'
const format = '$' + '{Version}'
const isRoot = process.getuid?.() === 0 && existsSync('/usr/bin/dpkg-deb')

/** A package file of one version; the package is purged when the test ends. */
function debFile(version: string): string {
  const folder = tmp()
  mkdirSync(join(folder, 'root/DEBIAN'), { recursive: true })
  writeFileSync(
    join(folder, 'root/DEBIAN/control'),
    `Package: ${packageName}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a test\n`,
  )
  execFileSync('dpkg-deb', ['--build', join(folder, 'root'), join(folder, 'test.deb')], { stdio: 'ignore' })
  onTestFinished(() => {
    execFileSync('dpkg', ['--purge', packageName], { stdio: 'ignore' })
  })
  return join(folder, 'test.deb')
}

function installed(): string {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', format, packageName], { encoding: 'utf8', stdio: 'pipe' })
  } catch {
    return ''
  }
}

test.skipIf(!isRoot)('a package file is checked, installed, left alone, and its package removed', async () => {
  const deb = debFile('1.0')
  expect(await step(apt, { deb }, { check: true })).toBe('changed')
  expect(installed()).toBe('')
  expect(await step(apt, { deb })).toBe('changed')
  expect(installed()).toBe('1.0')
  expect(await step(apt, { deb })).toBe('ok')
  expect(await step(apt, { name: packageName })).toBe('ok')
  expect(await step(apt, { name: `${packageName}=1.*` })).toBe('ok')
  expect(await step(apt, { pkg: 'mlops-test-pack*', state: 'absent' }, { check: true })).toBe('changed')
  expect(await step(apt, { name: packageName, state: 'absent' }, { check: true })).toBe('changed')
  expect(installed()).toBe('1.0')
  expect(await step(apt, { name: packageName, state: 'absent' })).toBe('changed')
  expect(await step(apt, { name: packageName, state: 'absent' })).toBe('ok')
  expect(await step(apt, { pkg: 'mlops-test-pack*', state: 'absent' })).toBe('ok')
})

test.skipIf(!isRoot)('packages that are there are ok, whatever the state asks', async () => {
  expect(await step(apt, { name: ['dpkg', 'apt'] })).toBe('ok')
  expect(await step(apt, { name: 'dpkg,apt', state: 'present', only_upgrade: true })).toBe('ok')
  expect(await step(apt, { name: [] })).toBe('ok')
})

test.skipIf(!isRoot)('a package that nobody knows fails with its name', async () => {
  expect(await attempt(apt, { name: 'mlops-no-such-package' })).toMatchObject({
    outcome: 'failed',
    result: { msg: "No package matching 'mlops-no-such-package' is available" },
  })
})

test.skipIf(!isRoot)('a package that another one provides is there', async () => {
  // awk is provided by mawk, gawk or original-awk, and is no package itself.
  expect(await step(apt, { name: 'awk' })).toBe('ok')
})

test.skipIf(!isRoot)('the lock of another program is waited for, and its holder named', async () => {
  const deb = debFile('1.0')
  const hold = spawn('perl', [
    '-e',
    'use Fcntl; open(F, ">>", "/var/lib/dpkg/lock-frontend"); $l = pack("s s x![l!] l! l! i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLKW, $l) or die; $|=1; print "held\\n"; <STDIN>;',
  ])
  await once(hold.stdout, 'data')
  const { outcome, result } = await attempt(apt, { deb, lock_timeout: 0 })
  hold.stdin.end()
  await once(hold, 'close')
  expect(outcome).toBe('failed')
  expect(result.msg).toMatch(/still locked after 0 s by perl \(process \d+: perl -e .*which holds .*lock-frontend/)
  expect(await step(apt, { deb })).toBe('changed')
})

test('nothing to do is an error of the arguments', async () => {
  await expect(attempt(apt, { state: 'latest' })).rejects.toThrow('one of `name`')
  await expect(attempt(apt, { name: 'a', deb: 'b' })).rejects.toThrow('exclude each other')
})
