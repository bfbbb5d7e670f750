import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { packageFacts } from './package-facts.ts'
import { serviceFacts } from './service-facts.ts'
import { attempt, type Shell, tmp } from './step.ts'

/** A folder of programs that answer as those of another system do. */
function programs(answers: Readonly<Record<string, string>>): string {
  const folder = `${tmp()}/bin`
  mkdirSync(folder)
  for (const [name, body] of Object.entries(answers)) {
    writeFileSync(`${folder}/${name}`, `#!/bin/sh\n${body}\n`)
    chmodSync(`${folder}/${name}`, 0o755)
  }
  return folder
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('packages of this machine are those that dpkg knows', async () => {
    const { result } = await attempt(packageFacts, { manager: 'apt' }, { shell, check: true })
    // biome-ignore lint/suspicious/noTemplateCurlyInString: fields of dpkg-query
    const text = execFileSync('dpkg-query', ['-W', '-f', '${Version} ${Architecture}', 'dash'], { encoding: 'utf8' })
    const [version, arch] = text.split(' ')
    expect(result['ansible_facts']).toMatchObject({
      packages: { dash: [{ name: 'dash', version, arch, source: 'apt', category: 'shells' }] },
    })
  })
})

test('packages of Alpine and of Red Hat are told in their own words', async () => {
  const folder = programs({
    apk: 'echo "musl-utils-1.2.5-r1"',
    rpm: String.raw`printf 'kernel\t5.14\t1.el9\t(none)\tx86_64\nkernel\t5.15\t2.el9\t1\tx86_64\n'`,
  })
  const environment = { PATH: `${folder}:${process.env['PATH']}` }
  const apk = await attempt(packageFacts, { manager: 'apk' }, { environment })
  expect(apk.result['ansible_facts']).toEqual({
    packages: { 'musl-utils': [{ name: 'musl-utils', version: '1.2.5', release: 'r1', source: 'apk' }] },
  })
  const rpm = await attempt(packageFacts, { manager: ['dnf'] }, { environment })
  expect(rpm.result['ansible_facts']).toEqual({
    packages: {
      kernel: [
        { name: 'kernel', version: '5.14', release: '1.el9', epoch: null, arch: 'x86_64', source: 'rpm' },
        { name: 'kernel', version: '5.15', release: '2.el9', epoch: 1, arch: 'x86_64', source: 'rpm' },
      ],
    },
  })
})

test('a package manager that the host does not have is a failure', async () => {
  const { outcome, result } = await attempt(packageFacts, { manager: 'pacman' })
  expect([outcome, result.msg]).toEqual([
    'failed',
    'Could not detect a supported package manager from the following list: pacman',
  ])
})

test('services are read as systemd tells them', () => {
  const stdout = `\x1eunits
ssh.service loaded active running OpenBSD Secure Shell server
● nginx.service loaded failed failed A web server
auditd.service not-found inactive dead auditd.service
one.service loaded active exited Once
\x1efiles
ssh.service enabled enabled
nginx.service enabled enabled
getty@.service enabled enabled
one.service static -
`
  expect(serviceFacts.read({ status: 0, stdout, stderr: '' }, {}, inputs)['ansible_facts']).toEqual({
    services: {
      'ssh.service': { name: 'ssh.service', state: 'running', status: 'enabled', source: 'systemd' },
      'nginx.service': { name: 'nginx.service', state: 'stopped', status: 'failed', source: 'systemd' },
      'auditd.service': { name: 'auditd.service', state: 'stopped', status: 'not-found', source: 'systemd' },
      'one.service': { name: 'one.service', state: 'stopped', status: 'static', source: 'systemd' },
      'getty@.service': { name: 'getty@.service', state: 'inactive', status: 'enabled', source: 'systemd' },
    },
  })
})

test('services of OpenRC and of old scripts are read from their lists', () => {
  const stdout = '\x1eopenrc\n sshd  [  started  ]\n crond  [  stopped  ]\n\x1esysv\nrunning nginx\n'
  expect(serviceFacts.read({ status: 0, stdout, stderr: '' }, {}, inputs)['ansible_facts']).toEqual({
    services: {
      sshd: { name: 'sshd', state: 'running', status: 'started', source: 'openrc' },
      crond: { name: 'crond', state: 'stopped', status: 'stopped', source: 'openrc' },
      nginx: { name: 'nginx', state: 'running', status: 'unknown', source: 'sysv' },
    },
  })
})

const inputs = {
  checkMode: false,
  diffMode: false,
  facts: {},
  host: { name: 'testhost', address: '127.0.0.1', connection: 'local' },
}
