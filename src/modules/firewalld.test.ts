import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { firewalld } from './firewalld.ts'
import { localeGen } from './locale-gen.ts'
import { opensshKeypair } from './openssh-keypair.ts'
import { attempt, type Shell, step, tmp } from './step.ts'
import { timezone } from './timezone.ts'

/** A host with firewalld: the rules are lines of two files. */
function host(): { folder: string; environment: Record<string, string> } {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  const body = `#!/bin/sh
cd '${folder}'
f=running; [ "$1" = --permanent ] && { f=kept; shift; }
case $1 in --zone=*) shift ;; esac
case $1 in
--state) exit 0 ;;
--query-*) grep -q -x -F -e "\${1#--query-}" $f ;;
--add-*) echo "\${1#--add-}" >>$f ;;
--remove-*) grep -v -x -F -e "\${1#--remove-}" $f >left; mv left $f ;;
esac
`
  writeFileSync(`${folder}/bin/firewall-cmd`, body)
  chmodSync(`${folder}/bin/firewall-cmd`, 0o755)
  writeFileSync(`${folder}/running`, '')
  writeFileSync(`${folder}/kept`, '')
  return { folder, environment: { PATH: `${folder}/bin:${process.env['PATH']}` } }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a port and a rule are opened once, and closed', async () => {
    const { folder, environment } = host()
    const options = { shell, environment }
    const args = { port: '8080/tcp', zone: `it's "$x"`, permanent: true, immediate: true, state: 'enabled' }
    expect(await step(firewalld, args, { ...options, check: true })).toBe('changed')
    expect(await step(firewalld, args, options)).toBe('changed')
    expect([readFileSync(`${folder}/kept`, 'utf8'), readFileSync(`${folder}/running`, 'utf8')]).toEqual([
      'port=8080/tcp\n',
      'port=8080/tcp\n',
    ])
    expect(await step(firewalld, args, options)).toBe('ok')
    expect(await step(firewalld, { ...args, immediate: false, state: 'disabled' }, options)).toBe('changed')
    expect(readFileSync(`${folder}/running`, 'utf8')).toBe('port=8080/tcp\n')
    expect(await step(firewalld, { rich_rule: 'rule family="ipv4" accept', state: 'enabled' }, options)).toBe('changed')
    expect(readFileSync(`${folder}/running`, 'utf8')).toContain('rich-rule=rule family="ipv4" accept\n')
    expect(await step(firewalld, { masquerade: 'true', state: 'enabled' }, options)).toBe('changed')
    expect(await step(firewalld, { masquerade: 'true', state: 'enabled' }, options)).toBe('ok')
  })

  test('a pair of keys is made, kept, given a comment and removed', async () => {
    const path = `${tmp()}/it's "$x"`
    const args = { path, type: 'ed25519', comment: 'a b' }
    expect(await step(opensshKeypair, args, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    const { outcome, result } = await attempt(opensshKeypair, args, { shell })
    expect([outcome, result['comment'], statSync(path).mode & 0o777]).toEqual(['changed', 'a b', 0o600])
    expect(readFileSync(`${path}.pub`, 'utf8')).toBe(`${result['public_key']} a b\n`)
    const again = await attempt(opensshKeypair, args, { shell })
    expect(again.outcome).toBe('ok')
    expect(again.result).toEqual({ ...result, changed: false })
    expect(await step(opensshKeypair, { ...args, comment: 'c' }, { shell })).toBe('changed')
    expect(readFileSync(`${path}.pub`, 'utf8')).toBe(`${result['public_key']} c\n`)
    expect((await attempt(opensshKeypair, { ...args, type: 'ecdsa', regenerate: 'fail' }, { shell })).result.msg).toBe(
      'Key has wrong type and/or size. Will not proceed.',
    )
    expect(await step(opensshKeypair, { path, type: 'ecdsa', size: 384 }, { shell })).toBe('changed')
    expect(await step(opensshKeypair, { path, type: 'ecdsa', size: 384 }, { shell })).toBe('ok')
    expect(await step(opensshKeypair, { path, type: 'ecdsa', force: true }, { shell })).toBe('changed')
    expect(await step(opensshKeypair, { path, state: 'absent' }, { shell })).toBe('changed')
    expect([existsSync(path), existsSync(`${path}.pub`)]).toEqual([false, false])
    expect(await step(opensshKeypair, { path, state: 'absent' }, { shell })).toBe('ok')
  })
})

test('a host without firewalld, or a zone or locale that nobody knows, is said', async () => {
  const environment = { PATH: '/nowhere' }
  const firewall = await attempt(firewalld, { service: 'http', state: 'enabled' }, { environment })
  expect(firewall.result.msg).toBe('firewalld is not on this host')
  expect((await attempt(timezone, { name: 'Mars/Base' })).result.msg).toBe(
    'given timezone "Mars/Base" is not available (package tzdata)',
  )
  expect((await attempt(localeGen, { name: 'xx_XX.UTF-8' }, { environment })).result.msg).toMatch(/^locale-gen is not/)
})
