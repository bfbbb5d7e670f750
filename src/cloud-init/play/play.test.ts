import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { MlopsError, MlopsErrors } from '../../errors.ts'
import { registry } from '../../modules/registry.ts'
import { listTasks } from '../../playbook/list.ts'
import type { Task } from '../../playbook/types.ts'
import { cloudConfigPlay } from './play.ts'

function loaded(text: string, publicKey: string | undefined = 'ssh-ed25519 AAAA us') {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-cloud-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'data.yml')
  writeFileSync(file, text)
  return cloudConfigPlay(file, { modules: registry, hosts: 'all', publicKey, forceCommands: false })
}

function tasks(text: string): Task[] {
  const [play] = loaded(text).playbook.plays
  return [...(play?.steps ?? []), ...(play?.handlers ?? [])].flatMap(step => (step.kind === 'task' ? [step] : []))
}

function refused(text: string, publicKey?: string): string[] {
  try {
    loaded(text, publicKey)
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    const errors = error instanceof MlopsErrors ? error.errors : [error]
    return errors.map(({ code, at }) => `${at?.line}:${at?.column} ${code}`)
  }
  throw new Error('nothing was refused')
}

test('the tasks stand in the order in which cloud-init works, each with its key as a tag', () => {
  const text = `#cloud-config
runcmd: [echo a]
packages: [git, [less, 1.0], { apt: [tree] }]
apt_update: true
package_upgrade: true
byobu_by_default: system
users:
  - default
  - { name: appuser, sudo: "ALL=(ALL) NOPASSWD:ALL", groups: "adm, ops", ssh_authorized_keys: ["{{ cluster_public_key }}"] }
groups: [ops, { team: [appuser] }]
write_files:
  - { path: /etc/late, defer: true }
  - { path: /etc/early }
hostname: prod
bootcmd: [echo b]
`
  const [list] = listTasks(loaded(text).playbook)
  expect(list?.tasks.map(({ name, tags }) => `${name} [${tags.join()}]`)).toEqual([
    'bootcmd: 1 command [bootcmd]',
    'write_files: /etc [write_files]',
    'write_files: /etc/early [write_files]',
    'hostname: prod [hostname]',
    'groups: ops [groups]',
    'groups: team [groups]',
    'groups: appuser in team [groups]',
    'users: group adm [users]',
    'users: group ops [users]',
    'users: appuser [users]',
    'users: keys of appuser [users]',
    'users: sudo for appuser [users]',
    'package_update: package lists [package_update,package_upgrade,packages]',
    'package_upgrade: all packages [package_upgrade]',
    'packages: git, less=1.0, tree [packages]',
    'byobu_by_default: byobu [byobu_by_default]',
    'byobu_by_default: the answer [byobu_by_default]',
    'byobu_by_default: for all users [byobu_by_default]',
    'write_files: /etc [write_files]',
    'write_files: /etc/late [write_files]',
    'runcmd: 1 command [runcmd]',
  ])
})

test('texts are no templates, but for the key', () => {
  const [, file, keys] = tasks(`#cloud-config
ssh_authorized_keys: ["{{ cluster_public_key }}"]
write_files: [{ path: /a/b, content: "{{ x }}" }]
`)
  expect(file?.args['content']).toBe("{{ '{{ x }}' }}")
  expect(keys?.args['key']).toBe('ssh-ed25519 AAAA us')
})

const packed = gzipSync('hällo\n').toString('base64')

test.each([
  ['content: "hällo\\n"', 'hällo\n'],
  ['encoding: b64, content: aMOkbGxvCg==', 'hällo\n'],
  [`encoding: gz+b64, content: ${packed}`, 'hällo\n'],
  [`encoding: gzip+base64, content: ${packed}`, 'hällo\n'],
  [`encoding: gzip, content: !!binary ${packed}`, 'hällo\n'],
  ['content: !!binary aMOkbGxvCg==', 'hällo\n'],
  ['content: 12', '12'],
])('a file with %s holds %j', (written, content) => {
  expect(tasks(`#cloud-config\nwrite_files: [{ path: /a/b, ${written} }]\n`)[1]?.args['content']).toBe(content)
})

test.each([
  ['', '0644'],
  ['permissions: "0600"', '0600'],
  ['permissions: 0600', '0600'],
  ["permissions: '0o755'", '0755'],
  ['permissions: "644"', '0644'],
])('a file with %j has the mode %s', (written, mode) => {
  expect(tasks(`#cloud-config\nwrite_files: [{ path: /a/b, ${written} }]\n`)[1]?.args['mode']).toBe(mode)
})

test('what cannot be played is refused at its place, all at once', () => {
  const text = `#cloud-config
ntp: { enabled: true }
users:
  - { name: x, plain_text_passwd: y }
write_files:
  - { path: /a, encoding: b64, content: "/////w==" }
  - { path: /b, content: !!binary "/////w==" }
  - { path: /c, source: { uri: "https://example.org" } }
  - { path: /d, permissions: "99" }
apt: { sources: { a: { keyid: ABCD, source: "deb $MIRROR x" } }, disable_suites: [a] }
packages: [{ snap: [a] }]
byobu_by_default: user
`
  expect(refused(text)).toEqual(
    ['2:1', '4:35', '6:41', '7:35', '8:25', '9:30', '10:31', '10:45', '10:66', '11:20', '12:19'].map(
      place => `${place} cloud-config.unsupported`,
    ),
  )
})

test('what concerns the first boot alone is left out with a warning', () => {
  const { warnings } = loaded('#cloud-config\ngrowpart: { mode: auto }\nfinal_message: up\nbyobu_default: system\n')
  expect(warnings.map(({ message, at }) => `${at.line} ${message}`)).toEqual([
    '4 cloud-init knows no key `byobu_default`, and would ignore it; did you mean `byobu_by_default`?',
    '2 `growpart` is for the first boot, and is left out',
    '3 `final_message` is for the first boot, and is left out',
  ])
})

test.each([
  ['#!/bin/sh\n', '1:1 cloud-config.unplayable'],
  ['## template: jinja\n#cloud-config\nhostname: {{ x }}\n', '1:1 cloud-config.unplayable'],
  ['#cloud-config\nruncmd: echo\n', '2:9 cloud-config.type'],
])('%j is refused', (text, error) => {
  expect(refused(text)).toEqual([error])
})

test('a password is not shown with the error about it', () => {
  try {
    loaded('#cloud-config\nusers: [{ name: x, plain_text_passwd: open sesame, passwd: [1] }]\n')
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain('sesame')
    expect(error).toBeInstanceOf(MlopsError)
    return
  }
  throw new Error('nothing was refused')
})
