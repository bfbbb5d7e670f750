import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import { loadProject } from './load.ts'
import type { Project } from './project.ts'

function load(text: string): Project {
  const file = join(mkdtempSync(join(tmpdir(), 'mlops-kubernetes-')), 'mlops.yml')
  writeFileSync(file, text)
  return loadProject(file)
}

function problems(text: string): string {
  try {
    load(text)
  } catch (error) {
    if (error instanceof MlopsError) return explain(error)
    throw error
  }
  return 'nothing'
}

test('a project on Kubernetes needs no servers, and runs two of each', () => {
  const { target, servers, kubernetes } = load('name: a\ntarget: kubernetes\n')
  expect({ target, servers, replicas: kubernetes.replicas }).toEqual({
    target: 'kubernetes',
    servers: [],
    replicas: { web: { least: 2, most: 6 }, worker: { least: 2, most: 6 } },
  })
})

test('numbers under services count for the target that they are written for', () => {
  const services =
    'services:\n  web: { server: s, replicas: 1 }\n  worker: { server: s, replicas: 4, max_replicas: 9 }\n'
  expect(load(`name: a\ntarget: kubernetes\n${services}`).kubernetes.replicas).toEqual({
    web: { least: 1, most: 3 },
    worker: { least: 4, most: 9 },
  })
  expect(load(`name: a\nservers: { s: }\n${services}`).kubernetes.replicas.worker).toEqual({ least: 2, most: 6 })
})

test('a project on servers still has to name them', () => {
  expect(problems('name: a\n')).toContain('`servers`')
})

test('a model comes from a folder, a URL, or a volume', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const { directory, kubernetes } = load(`name: a
target: kubernetes
kubernetes:
  models:
    diabetes: { claim: models, digest: 9501b9b1722c }
    american: { url: https://models.example.org/american.json, digest: "${digest}" }
`)
  expect(kubernetes.models).toMatchObject([
    { name: 'diabetes', from: 'claim', claim: 'models', path: 'diabetes', digest: '9501b9b1722c' },
    { name: 'american', from: 'url', url: 'https://models.example.org/american.json', digest },
  ])
  const second = load(
    'name: a\ntarget: kubernetes\nkubernetes: { models: { american: { folder: models/american } } }\n',
  )
  expect(second.kubernetes.models).toMatchObject([
    { from: 'folder', folder: join(second.directory, 'models/american') },
  ])
  expect(directory).not.toBe(second.directory)
})

test('a URL without a digest, a wrong name and a second URL are mistakes with their places', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  expect(
    problems('name: a\ntarget: kubernetes\nkubernetes: { models: { american: { url: https://a.example/m } } }\n'),
  ).toMatch(/mlops\.yml:3:/)
  expect(problems('name: a\ntarget: kubernetes\nkubernetes: { namspace: b }\n')).toContain('did you mean `namespace`?')
  expect(
    problems(`name: a
target: kubernetes
kubernetes:
  models:
    diabetes: { url: https://a.example/m, digest: "${digest}" }
    american: { url: https://a.example/n, digest: "${digest}" }
`),
  ).toContain('american is the second model that pods would fetch from a URL')
})

test('keys of a model that do not go together, and more replicas than may be, are mistakes', () => {
  const of = (rest: string) => problems(`name: a\ntarget: kubernetes\n${rest}`)
  const model = of('kubernetes: { models: { american: { folder: m, path: x } } }\n')
  expect(model).toContain('`kubernetes.models.american` has keys that do not go together')
  expect(model).toContain('hint: a `folder` has neither `digest` nor `path`')
  expect(of('services: { web: { replicas: 4, max_replicas: 2 } }\n')).toMatch(
    /`web` is to have 4 replicas, and 2 at most\n +--> .*mlops\.yml:3:47/,
  )
})

test('a repository to publish to is a URL, host:path, or a path seen from mlops.yml', () => {
  const publish = (text: string) => load(`name: a\ntarget: kubernetes\nkubernetes: { publish: { ${text} } }\n`)
  expect(publish('repository: git@git.example.org:team/specs.git').kubernetes.publish).toEqual({
    repository: 'git@git.example.org:team/specs.git',
    branch: undefined,
    path: '.',
    format: 'manifests',
  })
  expect(publish('repository: "https://git.example.org/specs"').kubernetes.publish?.repository).toBe(
    'https://git.example.org/specs',
  )
  const near = publish('repository: ../specs.git, branch: main, path: apps/tweets, format: helm')
  expect(near.kubernetes.publish).toEqual({
    repository: join(near.directory, '../specs.git'),
    branch: 'main',
    path: 'apps/tweets',
    format: 'helm',
  })
})

test.each([
  ['branch: main', '`repository`'],
  ['repository: --upload-pack=x', '`kubernetes.publish.repository`'],
  ['repository: a, branch: -x', '`kubernetes.publish.branch`'],
  ['repository: a, branch: a..b', '`kubernetes.publish.branch`'],
  ['repository: a, path: ../b', '`kubernetes.publish.path`'],
  ['repository: a, path: /b', '`kubernetes.publish.path`'],
  ['repository: a, path: b/.git/hooks', '`kubernetes.publish.path`'],
  ['repository: a, format: jsonnet', 'manifests'],
])('`publish: { %s }` is a mistake with its place', (text, named) => {
  const said = problems(`name: a\ntarget: kubernetes\nkubernetes: { publish: { ${text} } }\n`)
  expect(said).toContain(named)
  expect(said).toMatch(/mlops\.yml:3:/)
})

test('the project files of the guide load', () => {
  const guide = readFileSync(new URL('../../docs/guide/kubernetes.md', import.meta.url), 'utf8')
  const files = [...guide.matchAll(/^```yaml project\n([\s\S]*?)^```$/gm)].map(([, text = '']) => load(text))
  expect(files.map(({ name, kubernetes }) => [name, kubernetes.models.map(({ from }) => from)])).toEqual([
    ['tweets', ['folder']],
    ['lab', ['url', 'claim']],
  ])
})
