import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder } from '../../test/rig/mlops.ts'
import { loadProject } from '../project/load.ts'
import { commitOf } from './commit.ts'
import type { RemoteImage } from './inspect.ts'
import { pinned, writeBuilt } from './record.ts'
import { isMadeOf, nameImage, originLabels } from './wanted.ts'

const settings = 'name: tweets\ntarget: kubernetes\nkubernetes: { image: registry.example.org/team/predictor }\n'

function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org']
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' }).trim()
}

/** A project in a repository with one commit. */
function committed(): { directory: string; id: string } {
  const directory = folder({ 'mlops.yml': settings, 'app/Dockerfile': 'FROM scratch\n' })
  git(directory, 'init', '-q')
  git(directory, 'add', '.')
  git(directory, 'commit', '-qm', 'one')
  return { directory, id: git(directory, 'rev-parse', 'HEAD') }
}

test('an image has the name of mlops.yml and the commit as its tag', async () => {
  const { directory, id } = committed()
  const project = loadProject(join(directory, 'mlops.yml'))
  const commit = await commitOf(directory)
  expect(nameImage(project, {}, commit)).toEqual({ name: 'registry.example.org/team/predictor', tag: id.slice(0, 7) })
  expect(nameImage(project, { tag: '0.2' }, commit).tag).toBe('0.2')
  expect(nameImage(project, { image: 'other.example.org/p:7' }, commit)).toEqual({
    name: 'other.example.org/p',
    tag: '7',
  })
})

test('what is in no commit makes the tag dirty, but for our own state', async () => {
  const { directory } = committed()
  writeBuilt(
    { directory },
    { name: 'a', tag: 'b', commit: undefined, dirty: false, id: undefined, platforms: [], digest: undefined },
  )
  expect(await commitOf(directory)).toMatchObject({ dirty: false })
  writeFileSync(join(directory, 'app/new.txt'), 'new')
  const commit = await commitOf(directory)
  expect(commit).toMatchObject({ dirty: true })
  expect(nameImage(loadProject(join(directory, 'mlops.yml')), {}, commit).tag).toMatch(/^[0-9a-f]{7}-dirty$/)
})

test('without a repository or a commit somebody has to say the tag', async () => {
  const directory = folder({ 'mlops.yml': settings })
  const project = loadProject(join(directory, 'mlops.yml'))
  expect(await commitOf(directory)).toBeUndefined()
  expect(() => nameImage(project, {}, undefined)).toThrow('is in no Git repository: which tag?')
  expect(nameImage(project, { tag: '1' }, undefined).tag).toBe('1')
  git(directory, 'init', '-q')
  await expect(commitOf(directory)).rejects.toThrow('has no commit yet')
})

test('labels say where an image comes from, without the login of its repository', async () => {
  const { directory, id } = committed()
  git(directory, 'remote', 'add', 'origin', 'https://somebody:secret@git.example.org/team/app.git')
  const commit = await commitOf(directory)
  expect(originLabels('1.0', commit)).toEqual({
    'org.opencontainers.image.version': '1.0',
    'org.opencontainers.image.revision': id,
    'org.opencontainers.image.source': 'https://git.example.org/team/app.git',
    'org.opencontainers.image.created': commit?.date,
  })
})

function remote(revision: string, platforms: readonly string[]): RemoteImage {
  const labels = { 'org.opencontainers.image.revision': revision }
  const variants = platforms.map(platform => ({
    ...{ platform, labels, digest: 'sha256:1', configDigest: 'sha256:2', sizeBytes: 1, created: undefined },
  }))
  return { digest: 'sha256:0', mediaType: '', variants, attestations: ['provenance'] }
}

test('an image in the registry is the wanted one when commit, platforms and attestations are', async () => {
  const { directory, id } = committed()
  const commit = await commitOf(directory)
  const origin = { commit, context: join(directory, 'app'), platforms: ['linux/arm64'], attested: ['provenance'] }
  const there = remote(id, ['linux/amd64', 'linux/arm64/v8'])
  expect(isMadeOf(there, origin)).toBe(true)
  expect(isMadeOf(remote('another', ['linux/arm64']), origin)).toBe(false)
  expect(isMadeOf(remote(id, ['linux/amd64']), origin)).toBe(false)
  expect(isMadeOf(there, { ...origin, attested: ['sbom'] })).toBe(false)
  expect(isMadeOf(there, { ...origin, context: folder({ Dockerfile: '' }) })).toBe(false)
})

test('a setting without a tag means what was built and pushed last', () => {
  const directory = folder({ 'mlops.yml': settings })
  const name = 'registry.example.org/team/predictor'
  expect(pinned(name, { directory })).toBe(name)
  const built = {
    name,
    tag: '3f2a9c1',
    commit: undefined,
    dirty: false,
    id: undefined,
    platforms: [],
    digest: undefined,
  }
  writeBuilt({ directory }, built)
  expect(() => pinned(name, { directory })).toThrow(`${name}:3f2a9c1 was built, but nobody can pull it`)
  writeBuilt({ directory }, { ...built, digest: 'sha256:1' })
  expect(pinned(name, { directory })).toBe(`${name}:3f2a9c1@sha256:1`)
  expect(pinned(`${name}:1`, { directory })).toBe(`${name}:1`)
  expect(pinned('registry.example.org/other', { directory })).toBe('registry.example.org/other')
  expect(pinned(undefined, { directory })).toBeUndefined()
})
