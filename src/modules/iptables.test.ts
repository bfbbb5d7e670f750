import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Apart, apart } from './apart-step.ts'
import { iptables } from './iptables.ts'
import { localeGen } from './locale-gen.ts'
import type { Module } from './module.ts'
import { pamLimits } from './pam-limits.ts'
import { type Shell, step, tmp } from './step.ts'
import { timezone } from './timezone.ts'

const shells = ['dash', 'busybox'] as const satisfies Shell[]

/** Check, apply, again: what became of each. */
async function thrice(host: Apart, module: Module, args: Record<string, unknown>): Promise<unknown[]> {
  const outcomes: unknown[] = []
  for (const check of [true, false, false]) {
    const { outcome, result } = await host.attempt(module, args, { check })
    outcomes.push(outcome === 'failed' ? result.msg : outcome)
  }
  return outcomes
}

const once = ['changed', 'changed', 'ok']

test.each(shells)('rules, chains and policies are set once (%s)', async shell => {
  const host = await apart(shell)
  const rule = {
    chain: 'INPUT',
    protocol: 'tcp',
    destination_ports: ['22', '8080:8090'],
    source: '!10.0.0.0/8',
    ctstate: ['NEW', 'ESTABLISHED'],
    jump: 'ACCEPT',
    comment: `it's "$x"`,
  }
  expect(await thrice(host, iptables, rule)).toEqual(once)
  expect(await thrice(host, iptables, { ...rule, action: 'insert', rule_num: '1', syn: 'match' })).toEqual(once)
  expect(await thrice(host, iptables, { ...rule, state: 'absent' })).toEqual(once)
  expect(await thrice(host, iptables, { chain: 'FORWARD', policy: 'DROP' })).toEqual(once)
  expect(await thrice(host, iptables, { chain: 'OWN', chain_management: true, ip_version: 'both' })).toEqual(once)
  expect(
    await thrice(host, iptables, { chain: 'OWN', limit: '3/second', reject_with: 'icmp-port-unreachable' }),
  ).toEqual(once)
  expect(await thrice(host, iptables, { flush: true })).toEqual(once)
  expect(await thrice(host, iptables, { chain: 'OWN', chain_management: true, state: 'absent' })).toEqual(once)
})

test.each(shells)('the time zone is set once (%s)', async shell => {
  const host = await apart(shell)
  expect(await thrice(host, timezone, { name: 'Pacific/Auckland' })).toEqual(once)
  expect(readlinkSync(`${host.etc}/localtime`)).toBe('/usr/share/zoneinfo/Pacific/Auckland')
  expect((await host.attempt(timezone, { name: 'Mars/Base' })).result.msg).toMatch(/is not available/)
})

test.each(shells)('a limit is kept in its place (%s)', async shell => {
  const dest = `${tmp()}/it's "$x"`
  writeFileSync(dest, '# about\n*\tsoft\tcore\t0\napp  soft nofile 1 # old\n# End of file')
  const args = { domain: 'app', limit_type: 'soft', limit_item: 'nofile', value: '64000', dest }
  expect(await step(pamLimits, args, { shell, check: true })).toBe('changed')
  expect(await step(pamLimits, args, { shell })).toBe('changed')
  expect(readFileSync(dest, 'utf8')).toBe('# about\n*\tsoft\tcore\t0\napp\tsoft\tnofile\t64000\n# End of file\n')
  expect(await step(pamLimits, args, { shell })).toBe('ok')
  expect(await step(pamLimits, { ...args, value: '100', use_max: true }, { shell })).toBe('ok')
  expect(await step(pamLimits, { ...args, value: '100', use_min: true }, { shell })).toBe('changed')
  expect(await step(pamLimits, { ...args, domain: '@a', comment: `it's` }, { shell })).toBe('changed')
  expect(readFileSync(dest, 'utf8')).toMatch(/\n@a\tsoft\tnofile\t64000\t#it's\n# End of file\n$/)
})

test.each(shells)('locales are made and removed once (%s)', async shell => {
  const folder = tmp()
  // Making a locale for real takes long: what is in the file counts as made
  mkdirSync(`${folder}/bin`)
  const programs = {
    locale: `grep -v '^#' /etc/locale.gen | sed -e 's/ .*//' -e 's/UTF-8/utf8/'`,
    'locale-gen': ':',
  }
  const before = '# about\n# de_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n# fr_FR.UTF-8 UTF-8\n'
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  }
  const path = process.env['PATH']
  process.env['PATH'] = `${folder}/bin:${path}`
  try {
    const host = await apart(shell)
    writeFileSync(`${host.etc}/locale.gen`, before)
    expect(await thrice(host, localeGen, { name: ['de_DE.UTF-8', 'fr_FR.UTF-8'] })).toEqual(once)
    expect(readFileSync(`${host.etc}/locale.gen`, 'utf8')).toBe(
      '# about\nde_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n',
    )
    expect(await thrice(host, localeGen, { name: 'en_US.UTF-8', state: 'absent' })).toEqual(once)
    expect((await host.attempt(localeGen, { name: 'xx_XX.UTF-8' })).result.msg).toMatch(/are not available/)
  } finally {
    process.env['PATH'] = path
  }
})
