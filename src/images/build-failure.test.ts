import { expect, test } from 'vitest'
import { buildFailure } from './build-failure.ts'

const noise = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0
            environment-variable.

`
const steps = 'Step 1/3 : ARG BASE_IMAGE\nStep 2/3 : FROM node:20\n'

test.each([
  [
    'a host that is not there',
    'Get "https://registry.example.org/v2/": dial tcp: lookup registry.example.org: no such host',
  ],
  ['a name that is not there', 'manifest for node:2o not found: manifest unknown: manifest unknown'],
  ['a name that is none', 'invalid reference format'],
  [
    'buildx',
    'ERROR: failed to solve: node:20: failed to resolve source metadata for docker.io/library/node:20: i/o timeout',
  ],
])('an image that cannot be pulled is one line and a hint: %s', (_, line) => {
  const { message, hint } = buildFailure('predictor:1', `${steps}${noise}${line}\n`)
  expect(message).toBe(`predictor:1 could not be built: ${line}`)
  expect(hint).toContain('base_image')
})

test('of a command that fails, the last lines are told', () => {
  const output = `getaddrinfo: no such host\n${noise}The command '/bin/sh -c npm ci' returned a non-zero code: 1\n`
  const { message, hint } = buildFailure('predictor:1', output)
  expect(message).toBe(
    "predictor:1 could not be built: getaddrinfo: no such host\nThe command '/bin/sh -c npm ci' returned a non-zero code: 1",
  )
  expect(hint).toBeUndefined()
})
