import { expect, test } from 'vitest'
import { dockerCompose } from './docker-compose.ts'
import { attempt, step, tmp } from './step.ts'

// Projects are brought up, scaled, waited for and taken down by both generations of Compose in test/e2e/server-modules.test.ts.

test('a number below zero is an error of the arguments', async () => {
  await expect(attempt(dockerCompose, { project_src: '/', scale: { worker: -1 } })).rejects.toThrow('from 0 up')
})

test('without an engine a step fails, but a check before the first run does not', async () => {
  const args = { project_src: tmp(), docker_host: `unix://${tmp()}/no.sock` }
  expect((await attempt(dockerCompose, args)).outcome).toBe('failed')
  expect(await step(dockerCompose, args, { check: true })).toBe('changed')
})
