import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git } from './git.ts'
import { attempt, step, tmp } from './step.ts'

function run(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-C', folder, ...args], {
    encoding: 'utf8',
  }).trim()
}

function commit(repo: string, text: string): string {
  writeFileSync(join(repo, 'file'), text)
  run(repo, 'add', 'file')
  run(repo, 'commit', '-q', '-m', text)
  return run(repo, 'rev-parse', 'HEAD')
}

function repository(): string {
  const repo = tmp()
  run(repo, 'init', '-q', '-b', 'trunk')
  commit(repo, 'one')
  return repo
}

test('a repository is checked, cloned, left alone, and brought forward', async () => {
  const repo = repository()
  const dest = join(tmp(), `it's "$NONE"`, 'copy')
  const args = { repo, dest }
  expect(await step(git, args, { check: true })).toBe('changed')
  expect(existsSync(dest)).toBe(false)
  const first = await attempt(git, args)
  expect(first).toMatchObject({ outcome: 'changed', result: { before: null, after: run(repo, 'rev-parse', 'HEAD') } })
  expect(readFileSync(join(dest, 'file'), 'utf8')).toBe('one')
  expect(run(dest, 'branch', '--show-current')).toBe('trunk')
  expect(await step(git, args)).toBe('ok')
  const second = commit(repo, 'two')
  expect(await step(git, { ...args, update: false })).toBe('ok')
  expect(await step(git, args, { check: true })).toBe('changed')
  expect(await attempt(git, args)).toMatchObject({ outcome: 'changed', result: { after: second } })
  expect(readFileSync(join(dest, 'file'), 'utf8')).toBe('two')
})

test('a tag, a branch and a short commit are versions', async () => {
  const repo = repository()
  const dest = join(tmp(), 'copy')
  const one = run(repo, 'rev-parse', 'HEAD')
  run(repo, 'tag', '-a', 'v1', '-m', 'first')
  commit(repo, 'two')
  run(repo, 'branch', 'side/branch')
  commit(repo, 'three')
  expect(await step(git, { repo, dest, version: 'v1' })).toBe('changed')
  expect(run(dest, 'rev-parse', 'HEAD')).toBe(one)
  expect(await step(git, { repo, dest, version: 'v1' })).toBe('ok')
  expect(await step(git, { repo, dest, version: one.slice(0, 8) })).toBe('ok')
  expect(await step(git, { repo, dest, version: 'side/branch' })).toBe('changed')
  expect(readFileSync(join(dest, 'file'), 'utf8')).toBe('two')
  expect(await attempt(git, { repo, dest, version: 'nowhere' })).toMatchObject({
    outcome: 'failed',
    result: { msg: `Could not find the branch, tag or commit nowhere in ${repo}` },
  })
})

test('a branch of the remote is a version, and stays no branch of the copy', async () => {
  const repo = repository()
  const dest = join(tmp(), 'copy')
  run(repo, 'branch', 'side')
  const args = { repo, dest, version: 'origin/side' }
  expect(await step(git, args)).toBe('changed')
  expect(run(dest, 'branch', '--show-current')).toBe('')
  expect(await step(git, args)).toBe('ok')
  run(repo, 'checkout', '-q', 'side')
  const next = commit(repo, 'two')
  expect(await attempt(git, args)).toMatchObject({ outcome: 'changed', result: { after: next } })
})

test('a file that git does not know is not lost to another branch, but by force', async () => {
  const repo = repository()
  const dest = join(tmp(), 'copy')
  expect(await step(git, { repo, dest })).toBe('changed')
  run(repo, 'checkout', '-q', '-b', 'side')
  writeFileSync(join(repo, 'mine'), 'theirs')
  run(repo, 'add', 'mine')
  commit(repo, 'two')
  writeFileSync(join(dest, 'mine'), 'mine')
  const { outcome, result } = await attempt(git, { repo, dest, version: 'side' })
  expect([outcome, result['stderr']]).toEqual(['failed', expect.stringContaining('mine')])
  expect(readFileSync(join(dest, 'mine'), 'utf8')).toBe('mine')
  expect(await step(git, { repo, dest, version: 'side', force: true })).toBe('changed')
  expect(readFileSync(join(dest, 'mine'), 'utf8')).toBe('theirs')
})

test('local modifications are a failure, and thrown away by force', async () => {
  const repo = repository()
  const dest = join(tmp(), 'copy')
  await step(git, { repo, dest })
  writeFileSync(join(dest, 'file'), 'mine')
  expect(await attempt(git, { repo, dest })).toMatchObject({
    outcome: 'failed',
    result: { msg: `Local modifications exist in the destination: ${dest} (force=no).` },
  })
  expect(await step(git, { repo, dest, force: true })).toBe('changed')
  expect(readFileSync(join(dest, 'file'), 'utf8')).toBe('one')
})

test('a shallow clone is brought forward, and a bare one too', async () => {
  const repo = repository()
  commit(repo, 'two')
  const shallow = { repo: `file://${repo}`, dest: join(tmp(), 'copy'), depth: 1, version: 'trunk' }
  expect(await step(git, shallow)).toBe('changed')
  expect(run(shallow.dest, 'rev-list', '--count', 'HEAD')).toBe('1')
  const bare = { repo, dest: join(tmp(), 'bare.git'), bare: true }
  expect(await step(git, bare)).toBe('changed')
  expect(await step(git, bare)).toBe('ok')
  const three = commit(repo, 'three')
  expect(await step(git, shallow)).toBe('changed')
  expect(await step(git, shallow)).toBe('ok')
  expect(await step(git, bare)).toBe('changed')
  expect(run(bare.dest, 'rev-parse', 'HEAD')).toBe(three)
})

test('a repository that cannot be read is a failure that says why', async () => {
  const { outcome, result } = await attempt(git, { repo: '/no/such/repo', dest: join(tmp(), 'x') })
  expect(outcome).toBe('failed')
  expect(result.msg).toContain('/no/such/repo')
})

test('a copy in the home folder lies there, with the address that Ansible writes', async () => {
  const repo = repository()
  const home = tmp()
  const args = { repo, dest: `~/it's here` }
  expect(await step(git, args, { environment: { HOME: home } })).toBe('changed')
  expect(run(join(home, `it's here`), 'remote', 'get-url', 'origin')).toBe(`file://${repo}`)
  expect(await step(git, args, { environment: { HOME: home } })).toBe('ok')
})
