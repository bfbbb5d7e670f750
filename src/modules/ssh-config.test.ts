import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sshConfig } from './ssh-config.ts'
import { attempt, step, tmp } from './step.ts'

test('an entry is checked, added, left alone, changed and removed, and others stay', async () => {
  const ssh_config_file = `${tmp()}/it's $x`
  const other = 'Host other\n    port=22\n    # kept\n\nMatch all\n  User x'
  writeFileSync(ssh_config_file, other)
  const args = { ssh_config_file, host: '*.example.org', hostname: "it's", port: '2222', forward_agent: true }
  expect(await step(sshConfig, args, { check: true })).toBe('changed')
  expect(readFileSync(ssh_config_file, 'utf8')).toBe(other)
  const made = await attempt(sshConfig, args, { shell: 'busybox' })
  expect([made.outcome, made.result['hosts_added']]).toEqual(['changed', ['*.example.org']])
  expect(readFileSync(ssh_config_file, 'utf8')).toBe(
    `${other}\n\nHost *.example.org\n  HostName it's\n  Port 2222\n  ForwardAgent yes\n`,
  )
  expect(statSync(ssh_config_file).mode & 0o7777).toBe(0o600)
  expect(await step(sshConfig, args)).toBe('ok')
  const change = { ...args, port: undefined, hostname: 'new', other_options: { Compression: 'yes' } }
  const changed = await attempt(sshConfig, change)
  expect(changed.result['hosts_change_diff']).toEqual([
    {
      '*.example.org': {
        old: { hostname: "it's", port: '2222', forwardagent: 'yes' },
        new: { hostname: 'new', forwardagent: 'yes', compression: 'yes' },
      },
    },
  ])
  expect(await step(sshConfig, change)).toBe('ok')
  const first = { ssh_config_file, host: 'other', port: '22' }
  expect(await step(sshConfig, first)).toBe('ok')
  expect(await step(sshConfig, { ssh_config_file, host: '*.example.org', state: 'absent' })).toBe('changed')
  expect(readFileSync(ssh_config_file, 'utf8')).toBe(`${other}\n\n`)
  expect(await step(sshConfig, { ssh_config_file, host: '*.example.org', state: 'absent' })).toBe('ok')
})

test('what contradicts itself is told before anything runs', () => {
  expect(
    sshConfig.check?.({ host: 'a\nb', proxyjump: 'x', proxycommand: 'y', user: 'u', ssh_config_file: 'f' }),
  ).toHaveLength(3)
})
