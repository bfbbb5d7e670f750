import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { dockerImage } from '../../src/modules/docker-image.ts'
import { attempt, step, tmp } from '../../src/modules/step.ts'

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

function image(): string {
  const name = `mlops-test-${process.pid}-${Math.random().toString(36).slice(2)}`
  onTestFinished(() => {
    spawnSync('docker', ['image', 'rm', '--force', `${name}:latest`])
  })
  return name
}

test('an image is checked, built, left alone, built again when a file changes, and removed', async () => {
  const path = context()
  const name = image()
  const args = { name, source: 'build', build: { path, args: { WHO: `it's "me" $HOME` } } }
  expect(await step(dockerImage, args, { check: true })).toBe('changed')
  expect(spawnSync('docker', ['image', 'inspect', name]).status).not.toBe(0)
  expect(await step(dockerImage, args)).toBe('changed')
  const label = execFileSync('docker', ['image', 'inspect', '--format', '{{.Config.Labels.who}}', name], {
    encoding: 'utf8',
  })
  expect(label.trim()).toBe(`it's "me" $HOME`)
  expect(await step(dockerImage, args)).toBe('ok')
  writeFileSync(join(path, 'node_modules/x'), 'y')
  expect(await step(dockerImage, args)).toBe('ok')
  writeFileSync(join(path, 'file with blanks'), 'two')
  expect(await step(dockerImage, args)).toBe('changed')
  expect(await step(dockerImage, { ...args, force_source: true })).toBe('ok')
  const { result } = await attempt(dockerImage, args)
  expect(result.image).toMatchObject({ RepoTags: [`${name}:latest`] })
  expect(await step(dockerImage, { name, state: 'absent' })).toBe('changed')
  expect(await step(dockerImage, { name, state: 'absent' })).toBe('ok')
})

test('an image that is not there cannot be taken locally', async () => {
  expect(await attempt(dockerImage, { name: 'mlops-no-such', source: 'local' })).toMatchObject({
    outcome: 'failed',
    result: { msg: 'Cannot find the image mlops-no-such:latest locally.' },
  })
})
