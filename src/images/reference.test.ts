import { expect, test } from 'vitest'
import { nameOf, parseReference } from './reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

test.each([
  ['node', 'docker.io', 'library/node', undefined, undefined, 'node'],
  ['node:20-slim', 'docker.io', 'library/node', '20-slim', undefined, 'node'],
  ['docker.io/node', 'docker.io', 'library/node', undefined, undefined, 'node'],
  ['team/predictor', 'docker.io', 'team/predictor', undefined, undefined, 'team/predictor'],
  ['index.docker.io/team/p:1', 'docker.io', 'team/p', '1', undefined, 'team/p'],
  ['localhost/predictor:1', 'localhost', 'predictor', '1', undefined, 'localhost/predictor'],
  ['localhost:5000/p', 'localhost:5000', 'p', undefined, undefined, 'localhost:5000/p'],
  ['[::1]:5000/p:2', '[::1]:5000', 'p', '2', undefined, '[::1]:5000/p'],
  [
    `registry.example.org/a/b/c:1.0@${digest}`,
    'registry.example.org',
    'a/b/c',
    '1.0',
    digest,
    'registry.example.org/a/b/c',
  ],
])('%s is taken apart as docker does', (text, registry, repository, tag, itsDigest, name) => {
  const image = parseReference(text)
  expect(image).toEqual({ registry, repository, tag, digest: itsDigest })
  expect(nameOf(image)).toBe(name)
})

test.each([
  ['', 'lower-case letters'],
  ['team/Predictor', 'lower-case letters'],
  ['team//predictor', 'lower-case letters'],
  ['team/predictor:', 'a tag has letters'],
  ['team/predictor:-1', 'a tag has letters'],
  [`team/predictor:${'a'.repeat(129)}`, 'a tag has letters'],
  ['team/predictor@sha256:12', 'a digest is'],
  [`team/predictor@${digest}@${digest}`, 'a digest is'],
  ['regi_stry.example.org/p', 'is no host'],
  ['https://registry.example.org/p', 'is no host'],
  ['--help', 'lower-case letters'],
  ['a b', 'lower-case letters'],
])('%j is no name of an image', (text, why) => {
  expect(() => parseReference(text)).toThrow(why)
})
