import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packageModule } from './package.ts'
import { attempt, type StepOptions, step, tmp } from './step.ts'

/** A host of Alpine, as far as apk goes: a stand-in that keeps a list of packages. */
function alpine(): StepOptions & { called: () => string } {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  writeFileSync(`${folder}/packages`, 'musl\n')
  const body = `cd '${folder}'
case $1 in
info) grep -q -x -F -e "$3" packages ;;
add) shift; echo "add $@" >>called; for p; do echo "$p" >>packages; done ;;
esac`
  writeFileSync(`${folder}/bin/apk`, `#!/bin/sh\n${body}\n`)
  chmodSync(`${folder}/bin/apk`, 0o755)
  return {
    facts: { pkg_mgr: 'apk' },
    environment: { PATH: `${folder}/bin:${process.env['PATH']}` },
    called: () => readFileSync(`${folder}/called`, 'utf8'),
  }
}

test('the package manager that the facts name does the work', async () => {
  const host = alpine()
  expect(await step(packageModule, { name: 'musl, curl' }, { ...host, check: true })).toBe('changed')
  expect(await step(packageModule, { name: 'musl, curl', no_cache: true }, host)).toBe('changed')
  expect(host.called()).toBe('add --no-cache curl\n')
  expect(await step(packageModule, { name: ['musl', 'curl'], state: 'installed' }, host)).toBe('ok')
})

test('an argument of another package manager is refused where the host has none such, and only there', async () => {
  const { outcome, result } = await attempt(packageModule, { name: 'curl', enablerepo: 'epel' }, alpine())
  expect([outcome, result.msg]).toEqual(['failed', expect.stringMatching(/^with apk: no argument `enablerepo`/)])
  const manager = await attempt(packageModule, { name: 'curl', use: 'pacman' }, alpine())
  expect(manager.result.msg).toBe('packages of pacman are not supported, only those of apt, dnf and apk')
})
