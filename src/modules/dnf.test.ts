import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dnf } from './dnf.ts'
import { rpmKey } from './rpm-key.ts'
import { attempt, type Shell, step, tmp } from './step.ts'
import { yumRepository } from './yum-repository.ts'

/** A host of Red Hat's family: its packages are the lines of a file. */
function redHat(): { folder: string; environment: Record<string, string> } {
  const folder = tmp()
  const programs = {
    rpm: `case "$1 $2" in
'-q gpg-pubkey') cat keys ;;
'-q --whatprovides') exit 1 ;;
'-q --') grep -q -x -F -e "$3" packages ;;
'-qa --') grep -e "^\${3%?}" packages ;;
--import*) echo 1f2e3d4c >>keys ;;
--erase*) echo "$@" >>called; : >keys ;;
esac`,
    dnf: `echo "$@" >>called
while [ $# -gt 0 ]; do case $1 in
  install|upgrade) verb=$1 ;;
  remove) verb=$1 ;;
  check-update) [ -e fresh ] && exit 0; exit 100 ;;
  --|-*) ;;
  *) case $verb in install) echo "$1" >>packages ;; upgrade) : >fresh ;; remove) grep -v -x -F -e "$1" packages >left; mv left packages ;; esac ;;
esac; shift; done; exit 0`,
  }
  mkdirSync(`${folder}/bin`)
  writeFileSync(`${folder}/packages`, 'bash\n')
  writeFileSync(`${folder}/keys`, '')
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\ncd '${folder}'\n${body}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  return { folder, environment: { PATH: `${folder}/bin:${process.env['PATH']}` } }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('packages are installed, updated and removed once', async () => {
    const { folder, environment } = redHat()
    const args = { name: ['bash', `it's "$x"`], enablerepo: 'crb' }
    expect(await step(dnf, args, { shell, environment, check: true })).toBe('changed')
    expect(existsSync(`${folder}/called`)).toBe(false)
    expect(await step(dnf, args, { shell, environment })).toBe('changed')
    expect(readFileSync(`${folder}/called`, 'utf8')).toBe(`-y --enablerepo=crb install -- it's "$x"\n`)
    expect(await step(dnf, args, { shell, environment })).toBe('ok')
    expect(await step(dnf, { name: 'bash', state: 'latest' }, { shell, environment })).toBe('changed')
    expect(await step(dnf, { name: 'bash', state: 'latest' }, { shell, environment })).toBe('ok')
    expect(await step(dnf, { name: 'bash', state: 'absent' }, { shell, environment })).toBe('changed')
    expect(await step(dnf, { name: 'bash', state: 'removed' }, { shell, environment })).toBe('ok')
    expect(readFileSync(`${folder}/packages`, 'utf8')).toBe(`it's "$x"\n`)
  })

  test('a repository is named, changed and taken away', async () => {
    const reposdir = tmp()
    const path = `${reposdir}/external.repo`
    writeFileSync(path, '[kept]\nname = Kept\nbaseurl = http://kept\n\n')
    const args = {
      name: 'new',
      description: `it's "$x"`,
      baseurl: ['http://a', 'http://b'],
      gpgcheck: true,
      reposdir,
      file: 'external',
    }
    expect(await step(yumRepository, args, { shell, check: true })).toBe('changed')
    expect(await step(yumRepository, args, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe(
      `[kept]\nname = Kept\nbaseurl = http://kept\n\n[new]\nbaseurl = http://a\n  http://b\ngpgcheck = 1\nname = it's "$x"\n\n`,
    )
    expect(await step(yumRepository, args, { shell })).toBe('ok')
    expect(await step(yumRepository, { name: 'new', state: 'absent', reposdir, file: 'external' }, { shell })).toBe(
      'changed',
    )
    expect(readFileSync(path, 'utf8')).toBe('[kept]\nname = Kept\nbaseurl = http://kept\n\n')
    expect(await step(yumRepository, { name: 'kept', state: 'absent', reposdir, file: 'external' }, { shell })).toBe(
      'changed',
    )
    expect(existsSync(path)).toBe(false)
    expect(await step(yumRepository, { name: 'kept', state: 'absent', reposdir, file: 'external' }, { shell })).toBe(
      'ok',
    )
  })

  test('a key is trusted once, by its number', async () => {
    const { folder, environment } = redHat()
    const args = { key: '1F2E3D4C', state: 'absent' }
    expect(await step(rpmKey, args, { shell, environment })).toBe('ok')
    writeFileSync(`${folder}/keys`, '1f2e3d4c\n')
    expect(await step(rpmKey, args, { shell, environment, check: true })).toBe('changed')
    expect(await step(rpmKey, args, { shell, environment })).toBe('changed')
    expect(readFileSync(`${folder}/called`, 'utf8')).toBe('--erase --allmatches gpg-pubkey-1f2e3d4c\n')
  })
})

test('hosts without these tools say so', async () => {
  const environment = { PATH: '/nowhere' }
  expect((await attempt(dnf, { name: 'bash' }, { environment })).result.msg).toMatch(
    /^neither dnf nor yum is on this host/,
  )
  expect((await attempt(rpmKey, { key: 'DEADB33F' }, { environment })).result.msg).toBe('rpm is not on this host')
})

test('the number of a key is read from its file', async () => {
  const { folder, environment } = redHat()
  const home = `${folder}/gnupg`
  mkdirSync(home, { mode: 0o700 })
  const gpg = (...words: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...words], { encoding: 'utf8', stdio: 'pipe' })
  gpg('--passphrase', '', '--quick-generate-key', 'mlops test', 'ed25519', 'sign')
  const key = `${folder}/it's a key`
  writeFileSync(key, gpg('--armor', '--export'))
  const number = /^pub:[^:]*:[^:]*:[^:]*:([^:]*)/m.exec(gpg('--with-colons', '--list-keys'))?.[1] ?? ''
  writeFileSync(`${folder}/keys`, `${number.slice(-8).toLowerCase()}\n`)
  expect(await step(rpmKey, { key }, { environment })).toBe('ok')
  const wrong = await attempt(rpmKey, { key, fingerprint: 'EBC6 E12C' }, { environment })
  expect(wrong.result.msg).toMatch(/is not the one that is wanted$/)
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'])
})
