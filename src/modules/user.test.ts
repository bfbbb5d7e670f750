import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { group } from './group.ts'
import { attempt, step } from './step.ts'
import { user } from './user.ts'

const canMake = process.getuid?.() === 0 && spawnSync('sh', ['-c', 'command -v useradd']).status === 0

function name(): string {
  const chosen = `mlops-test-${process.pid}-${Math.random().toString(36).slice(2, 7)}`
  onTestFinished(() => {
    spawnSync('userdel', ['-r', '-f', chosen])
    spawnSync('groupdel', [chosen])
    rmSync(`/home/${chosen}`, { recursive: true, force: true })
  })
  return chosen
}

function passwd(user: string): string {
  return spawnSync('getent', ['passwd', user], { encoding: 'utf8' }).stdout.trim()
}

test.skipIf(!canMake)('a user is checked, made, left alone, changed, and removed', async () => {
  const args = { name: name(), comment: 'A: "test"'.replace(':', ''), shell: '/bin/sh', groups: 'users', system: true }
  expect(await step(user, args, { check: true })).toBe('changed')
  expect(passwd(args.name)).toBe('')
  expect(await step(user, args)).toBe('changed')
  expect(statSync(`/home/${args.name}`).isDirectory()).toBe(true)
  expect(await step(user, args)).toBe('ok')
  expect(await step(user, args, { shell: 'busybox' })).toBe('ok')
  expect(await step(user, { name: args.name, groups: ['games'], append: true })).toBe('changed')
  expect(execFileSync('id', ['-Gn', args.name], { encoding: 'utf8' }).trim().split(' ').sort()).toEqual(
    [args.name, 'games', 'users'].sort(),
  )
  expect(await step(user, { name: args.name, groups: [] })).toBe('changed')
  const { result } = await attempt(user, { name: args.name, generate_ssh_key: true, ssh_key_type: 'ed25519' })
  expect(result.ssh_public_key).toMatch(/^ssh-ed25519 \S+ ansible-generated$/)
  expect(await step(user, { name: args.name, generate_ssh_key: true, ssh_key_type: 'ed25519' })).toBe('ok')
  expect(await step(user, { name: args.name, expires: 86_400 * 20_000 })).toBe('changed')
  expect(await step(user, { name: args.name, expires: 86_400 * 20_000 })).toBe('ok')
  expect(await step(user, { name: args.name, expires: -1 })).toBe('changed')
  expect(await step(user, { name: args.name, state: 'absent', remove: true })).toBe('changed')
  expect(passwd(args.name)).toBe('')
  expect(await step(user, { name: args.name, state: 'absent' })).toBe('ok')
})

test.skipIf(!canMake)('a password arrives as the hash that was given, and is locked and unlocked', async () => {
  const hash = '$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.'
  const args = { name: name(), password: hash, create_home: false }
  expect(await step(user, args)).toBe('changed')
  const shadow = () =>
    readFileSync('/etc/shadow', 'utf8')
      .split('\n')
      .find(l => l.startsWith(`${args.name}:`))
      ?.split(':')[1]
  expect(shadow()).toBe(hash)
  expect(await step(user, args)).toBe('ok')
  expect(await step(user, { name: args.name, password_lock: true, create_home: false })).toBe('changed')
  expect(shadow()).toBe(`!${hash}`)
  expect(await step(user, { name: args.name, password_lock: false, create_home: false })).toBe('changed')
  expect(shadow()).toBe(hash)
  const other = { ...args, password: '$6$x$y', update_password: 'on_create' }
  expect(await step(user, other)).toBe('ok')
})

test('a password that is no hash is an error of the arguments', async () => {
  await expect(attempt(user, { name: 'x', password: 'secret' })).rejects.toThrow('is no hash')
})

test.skipIf(!canMake)('a group is checked, made, left alone, and removed', async () => {
  const args = { name: name(), gid: 64_123 }
  expect(await step(group, args, { check: true })).toBe('changed')
  expect(await step(group, args)).toBe('changed')
  expect(await step(group, args)).toBe('ok')
  expect(await attempt(group, { name: args.name })).toMatchObject({
    outcome: 'ok',
    result: { gid: 64_123, state: 'present' },
  })
  expect(await step(group, { ...args, gid: 64_124 })).toBe('changed')
  expect(await step(group, { name: args.name, state: 'absent' })).toBe('changed')
  expect(await step(group, { name: args.name, state: 'absent' })).toBe('ok')
})
