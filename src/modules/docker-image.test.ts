import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerImage } from './docker-image.ts'
import { contextDigest } from './parts/docker-context.ts'
import { attempt, step, tmp } from './step.ts'

/** A context whose image holds one file and needs no base. */
function context(): string {
  const folder = tmp()
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nARG WHO=nobody\nLABEL who=$WHO\nCOPY . /\n')
  writeFileSync(join(folder, 'file with blanks'), 'one')
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(join(folder, 'node_modules/x'), 'x')
  writeFileSync(join(folder, '.dockerignore'), '# a comment\nnode_modules/\n**/*.tmp\n')
  return folder
}

test('without an engine a step fails, but a check before the first run does not', async () => {
  const args = { name: 'a', source: 'pull', docker_host: `unix://${tmp()}/no.sock` }
  expect((await attempt(dockerImage, args)).outcome).toBe('failed')
  expect(await step(dockerImage, args, { check: true })).toBe('changed')
})

for (const shell of [['dash'], ['busybox', 'sh']] as const) {
  test(`the digest of a context sees files, links and execute bits, and not what is ignored (${shell[0]})`, () => {
    const path = context()
    const [command, ...first] = shell
    const digest = (also: string[] = []) =>
      execFileSync(command, [...first, '-c', contextDigest(path, undefined, also).text], { encoding: 'utf8' })
    const before = digest()
    expect(before).toMatch(/^[0-9a-f]{40}\n$/)
    expect(digest()).toBe(before)
    mkdirSync(join(path, 'deep'))
    const folder = digest()
    writeFileSync(join(path, 'deep/x.tmp'), '')
    writeFileSync(join(path, 'node_modules/y'), '')
    expect(digest()).toBe(folder)
    execFileSync('ln', ['-s', 'a', join(path, 'link')])
    const link = digest()
    execFileSync('ln', ['-sfn', 'b', join(path, 'link')])
    const moved = digest()
    execFileSync('chmod', ['+x', join(path, 'file with blanks')])
    expect(new Set([before, folder, link, moved, digest(), digest(['--target=x'])]).size).toBe(6)
  })
}
