import { chmodSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { alternatives } from './alternatives.ts'
import { apk } from './apk.ts'
import { debconf } from './debconf.ts'
import { dpkgSelections } from './dpkg-selections.ts'
import { gitConfig } from './git-config.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

function program(folder: string, name: string, body: string): Record<string, string> {
  mkdirSync(`${folder}/bin`, { recursive: true })
  writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${body}\n`)
  chmodSync(`${folder}/bin/${name}`, 0o755)
  return { PATH: `${folder}/bin:${process.env['PATH']}` }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a question of debconf is answered once, also in secret', async () => {
    const folder = tmp()
    const databases = ['config', 'templates'].map(
      name => `Name: ${name}\nDriver: File\nFilename: ${folder}/${name}.dat\n`,
    )
    writeFileSync(`${folder}/debconf.conf`, `Config: config\nTemplates: templates\n\n${databases.join('\n')}`)
    const environment = { DEBCONF_SYSTEMRC: `${folder}/debconf.conf` }
    const options = { shell, environment }
    const args = { name: 'mlops-none', question: 'mlops-none/text', vtype: 'string', value: `it's "$x" *` }
    expect(await step(debconf, args, { ...options, check: true })).toBe('changed')
    expect(await step(debconf, args, options)).toBe('changed')
    expect(readFileSync(`${folder}/config.dat`, 'utf8')).toContain(`Value: it's "$x" *\n`)
    expect(await step(debconf, args, options)).toBe('ok')
    const { result } = await attempt(debconf, { name: 'mlops-none' }, options)
    expect(result['current']).toEqual({ 'mlops-none/text': `it's "$x" *` })
    const secret = { name: 'mlops-none', question: 'mlops-none/pw', vtype: 'password', value: 'hidden' }
    expect(await step(debconf, secret, options)).toBe('changed')
    expect(await step(debconf, secret, options)).toBe('ok')
    const yes = { name: 'mlops-none', question: 'mlops-none/yes', vtype: 'boolean', value: true }
    expect(await step(debconf, yes, options)).toBe('changed')
    expect(await step(debconf, yes, options)).toBe('ok')
  })

  test('a package is held and let go', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/updates`)
    writeFileSync(`${folder}/available`, '')
    writeFileSync(
      `${folder}/status`,
      'Package: one\nStatus: install ok installed\nPriority: optional\nSection: misc\nMaintainer: A <a@example.org>\nArchitecture: all\nVersion: 1\nDescription: one\n\n',
    )
    const environment = { DPKG_ADMINDIR: folder }
    const args = { name: 'one', selection: 'hold' }
    expect(await step(dpkgSelections, args, { shell, environment, check: true })).toBe('changed')
    const { outcome, result } = await attempt(dpkgSelections, args, { shell, environment })
    expect([outcome, result['before'], result['after']]).toEqual(['changed', 'install', 'hold'])
    expect(await step(dpkgSelections, args, { shell, environment })).toBe('ok')
    const none = await attempt(dpkgSelections, { name: 'none', selection: 'hold' }, { shell, environment })
    expect(none.result.msg).toBe("Failed to find package 'none' to perform selection 'hold'.")
  })

  test('an alternative is installed, chosen, left to its priority and removed', async () => {
    const folder = tmp()
    for (const name of ['alt', 'admin', 'links']) mkdirSync(`${folder}/${name}`)
    const environment = program(
      folder,
      'update-alternatives',
      `exec /usr/bin/update-alternatives --quiet --log '${folder}/log' --altdir '${folder}/alt' --admindir '${folder}/admin' "$@"`,
    )
    for (const name of ['one', 'two', 'one.1']) writeFileSync(`${folder}/${name}`, '')
    const options = { shell, environment }
    const link = `${folder}/links/tool`
    const one = { name: 'tool', path: `${folder}/one`, link, priority: 20 }
    const two = { name: 'tool', path: `${folder}/two`, link }
    expect(await step(alternatives, one, { ...options, check: true })).toBe('changed')
    expect(await step(alternatives, one, options)).toBe('changed')
    expect(await step(alternatives, one, options)).toBe('ok')
    expect(await step(alternatives, { ...two, state: 'present' }, options)).toBe('changed')
    expect(readlinkSync(`${folder}/alt/tool`)).toBe(`${folder}/one`)
    expect(await step(alternatives, two, options)).toBe('changed')
    expect(readlinkSync(`${folder}/alt/tool`)).toBe(`${folder}/two`)
    expect(await step(alternatives, two, options)).toBe('ok')
    const subcommands = [{ name: 'tool.1', path: `${folder}/one.1`, link: `${folder}/links/tool.1` }]
    expect(await step(alternatives, { ...one, state: 'present', subcommands }, options)).toBe('changed')
    expect(await step(alternatives, { ...one, state: 'present', subcommands }, options)).toBe('ok')
    expect(await step(alternatives, { name: 'tool', state: 'auto' }, options)).toBe('changed')
    expect(await step(alternatives, { name: 'tool', state: 'auto' }, options)).toBe('ok')
    expect(await step(alternatives, { ...two, state: 'absent' }, options)).toBe('changed')
    expect(await step(alternatives, { ...two, state: 'absent' }, options)).toBe('ok')
  })

  test('a setting of git is kept in its file', async () => {
    const file = `${tmp()}/it's "$x"`
    const args = { name: 'user.name', value: `-n it's "q" $(id)`, scope: 'file', file }
    expect(await step(gitConfig, args, { shell, check: true })).toBe('changed')
    expect(await step(gitConfig, args, { shell })).toBe('changed')
    expect(await step(gitConfig, args, { shell })).toBe('ok')
    expect(await step(gitConfig, { ...args, value: 'two', add_mode: 'add' }, { shell })).toBe('changed')
    expect(await step(gitConfig, { ...args, value: 'two', add_mode: 'add' }, { shell })).toBe('ok')
    expect(await step(gitConfig, args, { shell })).toBe('changed')
    expect(await step(gitConfig, { name: 'user.name', scope: 'file', file, state: 'absent' }, { shell })).toBe(
      'changed',
    )
    expect(await step(gitConfig, { name: 'user.name', scope: 'file', file, state: 'absent' }, { shell })).toBe('ok')
  })

  test('packages of Alpine are installed and removed once', async () => {
    const folder = tmp()
    const body = `cd '${folder}'
case $1 in
info) grep -q -x -F -e "$3" packages ;;
add) shift; echo "$@" >>called; for p; do echo "$p" >>packages; done ;;
del) shift 2; for p; do grep -v -x -F -e "$p" packages >left; mv left packages; done ;;
esac`
    const options = { shell, environment: program(folder, 'apk', body) }
    writeFileSync(`${folder}/packages`, 'musl\n')
    const args = { name: ['musl', 'curl'] }
    expect(await step(apk, args, { ...options, check: true })).toBe('changed')
    expect(await step(apk, args, options)).toBe('changed')
    expect(readFileSync(`${folder}/called`, 'utf8')).toBe('curl\n')
    expect(await step(apk, args, options)).toBe('ok')
    expect(await step(apk, { name: 'curl', state: 'absent' }, options)).toBe('changed')
    expect(await step(apk, { name: 'curl', state: 'absent' }, options)).toBe('ok')
  })
})
