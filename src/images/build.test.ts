import { expect, test } from 'vitest'
import { buildArgErrors, checkBuild } from './build.ts'
import type { Builder } from './builder.ts'

const classic: Builder = { kind: 'classic' }
const ofEngine: Builder = { kind: 'buildx', driver: 'docker', keepsPlatforms: false }
const withContainerd: Builder = { kind: 'buildx', driver: 'docker', keepsPlatforms: true }
const apart: Builder = { kind: 'buildx', driver: 'docker-container', keepsPlatforms: false }

const podman: Builder = { kind: 'podman' }

const plain = { platforms: [], sbom: false, provenance: false, push: false }
const several = { ...plain, platforms: ['linux/amd64', 'linux/arm64'] }
const attested = { ...plain, sbom: true, provenance: true }

test.each([
  ['the classic builder', classic, plain, []],
  ['the classic builder', classic, { ...plain, platforms: ['linux/arm64'] }, []],
  ['the classic builder', classic, { ...several, ...{ sbom: true } }, ['image.platforms', 'image.attestations']],
  ['buildx in an old engine', ofEngine, plain, []],
  ['buildx in an old engine', ofEngine, several, ['image.platforms']],
  ['buildx in an old engine', ofEngine, attested, ['image.attestations']],
  ["buildx with containerd's image store", withContainerd, { ...several, ...{ sbom: true, provenance: true } }, []],
  ['podman', podman, plain, []],
  ['podman', podman, { ...several, ...{ sbom: true } }, ['image.platforms', 'image.attestations']],
  ['a builder in a container', apart, plain, []],
  ['a builder in a container', apart, several, ['image.nowhere']],
  ['a builder in a container', apart, { ...several, push: true }, []],
])('%s is asked only for what it can do', (_, builder, wanted, codes) => {
  let found: readonly { code: string }[] = []
  try {
    checkBuild(builder, wanted)
  } catch (error) {
    found =
      error instanceof Error && 'errors' in error ? (error.errors as { code: string }[]) : [error as { code: string }]
  }
  expect(found.map(({ code }) => code)).toEqual(codes)
})

test('a build argument has a value of its own, or one of the environment', () => {
  const environment = { HERE: '' }
  expect(buildArgErrors(['A=1', 'B=', 'C=a=b', 'HERE'], environment)).toEqual([])
  const messages = buildArgErrors(['GONE', '=1'], environment).map(({ message }) => message)
  expect(messages).toEqual(['--build-arg GONE: the environment has no GONE', '--build-arg without a name'])
})
