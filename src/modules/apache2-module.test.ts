import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { apache2Module } from './apache2-module.ts'
import { attempt, type Shell, type StepOptions, step, tmp } from './step.ts'

/** A host with a stand-in for Apache: a file lists the modules, and an empty one is no valid configuration. */
function apache(shell: Shell): StepOptions & { file: string } {
  const folder = tmp()
  const file = `${folder}/loaded`
  mkdirSync(`${folder}/bin`)
  writeFileSync(file, ' so_module (static)\n rewrite_module (shared)\n php_module (shared)\n')
  const programs = {
    apache2ctl: `[ -s '${file}' ] || { echo 'no MPM loaded' >&2; exit 1; }; echo 'Loaded Modules:'; cat '${file}'`,
    a2enmod: `[ "$1" = -- ] && echo " $2_module (shared)" >>'${file}'`,
    a2dismod: `[ "$1" = -f ] && [ "$2" = -- ] && grep -v " $3_module" '${file}' >'${file}.new'; mv '${file}.new' '${file}'`,
  }
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${body}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  return { shell, file, environment: { PATH: `${folder}/bin:${process.env['PATH']}` } }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a module of Apache is enabled once, and disabled once', async () => {
    const host = apache(shell)
    expect(await step(apache2Module, { name: 'ssl' }, { ...host, check: true })).toBe('changed')
    expect(readFileSync(host.file, 'utf8')).not.toContain('ssl')
    const first = await attempt(apache2Module, { name: 'ssl' }, host)
    expect([first.outcome, first.result['result']]).toEqual(['changed', 'Module ssl enabled'])
    const again = await attempt(apache2Module, { name: 'ssl' }, host)
    expect([again.outcome, again.result['result']]).toEqual(['ok', 'Module ssl already enabled'])
    const off = { name: 'rewrite', state: 'absent', force: true }
    expect(await step(apache2Module, off, host)).toBe('changed')
    expect(await step(apache2Module, off, host)).toBe('ok')
  })

  test('a module is known by the name that Apache gives it', async () => {
    const host = apache(shell)
    expect(await step(apache2Module, { name: 'php8.4' }, host)).toBe('ok')
    expect(await step(apache2Module, { name: 'anything', identifier: 'so_module' }, host)).toBe('ok')
    expect(await step(apache2Module, { name: 'write' }, { ...host, check: true })).toBe('changed')
  })

  test('a configuration that Apache does not accept fails, unless that does not matter', async () => {
    const host = apache(shell)
    writeFileSync(host.file, '')
    const { outcome, result } = await attempt(apache2Module, { name: 'ssl' }, host)
    expect([outcome, result.msg]).toEqual(['failed', 'no MPM loaded'])
    const checked = await attempt(apache2Module, { name: 'ssl', ignore_configcheck: true }, { ...host, check: true })
    expect(checked.outcome).toBe('changed')
  })
})
