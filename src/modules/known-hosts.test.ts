import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { assemble } from './assemble.ts'
import { knownHosts } from './known-hosts.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

const ed = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5cyvGK5UE4rRJc8bSBrXdRWYLAqyFLqyYBTtqTZDUk'
const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a key is added, replaced and removed', async () => {
    const path = `${tmp()}/it's "$x"/known_hosts`
    const args = { name: 'git.example.org', key: `git.example.org ${ed}`, path }
    expect(await step(knownHosts, args, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    expect(await step(knownHosts, args, { shell })).toBe('changed')
    expect(statSync(path.slice(0, path.lastIndexOf('/'))).mode & 0o777).toBe(0o700)
    expect(await step(knownHosts, args, { shell })).toBe('ok')
    writeFileSync(path, `# kept\na,git.example.org ${other}\nb ${ed}`)
    expect(await step(knownHosts, args, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe(`# kept\nb ${ed}\ngit.example.org ${ed}\n`)
    expect(await step(knownHosts, { name: 'git.example.org', path, state: 'absent' }, { shell })).toBe('changed')
    expect(await step(knownHosts, { name: 'git.example.org', path, state: 'absent' }, { shell })).toBe('ok')
  })

  test('a name is written as a digest that ssh-keygen knows', async () => {
    const path = `${tmp()}/known_hosts`
    const args = { name: '[git.example.org]:2222', key: `[git.example.org]:2222 ${ed}`, path, hash_host: true }
    expect(await step(knownHosts, args, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toMatch(/^\|1\|/)
    expect(execFileSync('ssh-keygen', ['-F', args.name, '-f', path], { encoding: 'utf8' })).toContain(ed)
    expect(await step(knownHosts, args, { shell })).toBe('ok')
    expect(await step(knownHosts, { ...args, hash_host: false }, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe(`[git.example.org]:2222 ${ed}\n`)
  })

  test.each([true, false])('a file is made of fragments (remote_src %s)', async remote_src => {
    const folder = tmp()
    const src = `${folder}/it's "$x" *`
    mkdirSync(`${src}/folder`, { recursive: true })
    writeFileSync(`${src}/b`, Buffer.from([0xff, 0x0a]))
    writeFileSync(`${src}/a\n-n`, 'one')
    writeFileSync(`${src}/.c`, 'hidden\n')
    const args = { src, dest: `${folder}/dest`, remote_src, delimiter: '#\\n#', ignore_hidden: true, mode: '0600' }
    expect(await step(assemble, args, { shell, check: true })).toBe('changed')
    expect(existsSync(args.dest)).toBe(false)
    expect(await step(assemble, args, { shell })).toBe('changed')
    expect(readFileSync(args.dest)).toEqual(Buffer.from([...Buffer.from('one\n#\n#\n'), 0xff, 0x0a]))
    expect(statSync(args.dest).mode & 0o777).toBe(0o600)
    expect(await step(assemble, args, { shell })).toBe('ok')
    const { result } = await attempt(assemble, { ...args, regexp: '^b$', backup: true }, { shell })
    expect(readFileSync(args.dest)).toEqual(Buffer.from([0xff, 0x0a]))
    expect(readFileSync(String(result['backup_file'])).length).toBe(10)
  })
})

test('a folder of fragments that is not there is said', async () => {
  const src = `${tmp()}/none`
  expect((await attempt(assemble, { src, dest: `${src}.out` })).result.msg).toBe(`Source (${src}) does not exist`)
})
