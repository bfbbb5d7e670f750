import { expect, test } from 'vitest'
import { schemaProblems } from '../../test/rig/kubernetes-schemas.ts'
import { folder } from '../../test/rig/mlops.ts'
import type { MlopsErrors } from '../errors.ts'
import { type ApplicationFlags, exported, makeApplication } from './application.ts'
import { makeProject, projectFor } from './project.ts'
import { applyFlags, specFlags } from './spec-flags.ts'

const least = { repo: 'https://git.example.org/team/specs.git', path: '.' }
const make = (given: ApplicationFlags['given'], more: Partial<ApplicationFlags> = {}) =>
  makeApplication({ name: 'american-predictor', given: { ...least, ...given }, ...more })
const spec = (given: ApplicationFlags['given']) => make(given)['spec']

test('the command of the tweet brief is this Application', () => {
  const given = {
    project: 'student-project',
    'dest-namespace': 'student',
    'dest-server': 'https://kubernetes.default.svc',
    'sync-policy': 'auto',
  }
  expect(make(given, { namespace: 'argocd' })).toEqual({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'american-predictor', namespace: 'argocd' },
    spec: {
      project: 'student-project',
      source: { repoURL: least.repo, path: '.' },
      destination: { namespace: 'student', server: 'https://kubernetes.default.svc' },
      syncPolicy: { automated: {} },
    },
  })
})

/** A value for each flag that takes one. */
const examples: Readonly<Record<string, string | readonly string[]>> = {
  'sync-policy': 'auto',
  'sync-option': ['CreateNamespace=true', 'ServerSideApply=true'],
  'sync-retry-limit': '3',
  'sync-retry-backoff-duration': '10s',
  'sync-retry-backoff-max-duration': '5m',
  'sync-retry-backoff-factor': '3',
  'revision-history-limit': '5',
  'kustomize-image': ['predictor=registry.example.org/predictor:1'],
  'kustomize-replica': ['web=3'],
  'dest-server': 'https://kubernetes.default.svc',
}

test.each([
  'helm',
  'kustomize',
  'directory',
])('the schema of Argo CD knows every flag about %s and takes what it writes', async about => {
  const others = {
    helm: /kustomize|name(prefix|suffix)/,
    kustomize: /helm|values|release|parameter/,
    directory: /helm|values|release|parameter|kustomize|name(prefix|suffix)/,
  }
  const file = `${folder({ 'values.yaml': 'replicas: 2\n' })}/values.yaml`
  const given = Object.fromEntries(
    specFlags
      .filter(({ name }) => name !== 'dest-name' && !others[about as keyof typeof others].test(name))
      .map(flag => [
        flag.name,
        flag.name === 'values-literal-file' ? file : (examples[flag.name] ?? example(flag.takes)),
      ]),
  )
  const application = make(given, {
    namespace: 'argocd',
    labels: ['team=lab'],
    annotations: ['note=a=b'],
    finalizer: true,
  })
  expect(await schemaProblems(application, '1.34')).toEqual([])
  expect(Object.keys(Object(application['spec']).source)).toContain(about)
})

function example(takes: string): unknown {
  if (takes === 'switch') return true
  return takes === 'texts' ? ['key=value'] : 'text'
}

test('a field that Argo CD does not know is found by the schema', async () => {
  const wrong = { ...make({}), spec: { ...Object(spec({})), sauce: {} } }
  expect(await schemaProblems(wrong, '1.34')).toEqual(['no schema knows /spec/sauce'])
})

test.each([
  [
    'the same value twice is the last one',
    { 'helm-set': ['a=1', 'a=2'] },
    { helm: { parameters: [{ name: 'a', value: '2' }] } },
  ],
  [
    'a value that stays a text says so',
    { 'helm-set-string': ['tag=1=0'] },
    { helm: { parameters: [{ name: 'tag', value: '1=0', forceString: true }] } },
  ],
  [
    'an image takes the place of the one of its name',
    { 'kustomize-image': ['a/b:1', 'host:5000/c:1'] },
    { kustomize: { images: ['a/b:1', 'host:5000/c:1'] } },
  ],
  ['a chart has no path', { path: undefined, 'helm-chart': 'nginx' }, { chart: 'nginx' }],
])('%s', (_, given, source) => {
  expect(Object(spec(given)).source).toEqual({
    repoURL: least.repo,
    ...('path' in given ? {} : { path: '.' }),
    ...source,
  })
})

test('what is there already is changed, and the rest is left', () => {
  const before = {
    project: 'lab',
    source: { repoURL: 'a', path: 'b', kustomize: { images: ['app:1', 'proxy:1'], namePrefix: 'x-' } },
    destination: { server: 'https://a' },
    syncPolicy: { automated: { prune: true }, syncOptions: ['CreateNamespace=true', 'Prune=false'] },
  }
  applyFlags(before, {
    'kustomize-image': ['app:2'],
    'dest-name': 'other',
    'sync-policy': 'none',
    'sync-option': ['!Prune=false', 'CreateNamespace=false'],
  })
  expect(before).toEqual({
    project: 'lab',
    source: { repoURL: 'a', path: 'b', kustomize: { images: ['proxy:1', 'app:2'], namePrefix: 'x-' } },
    destination: { name: 'other' },
    syncPolicy: { syncOptions: ['CreateNamespace=false'] },
  })
})

test('of several sources the one that is named is changed', () => {
  const before = { sources: [{ repoURL: 'a' }, { repoURL: 'b' }] }
  expect(() => applyFlags(before, { revision: 'v2' })).toThrow(
    'the application has 2 sources: which one is --revision about?',
  )
  applyFlags(before, { revision: 'v2' }, 2)
  applyFlags(before, { 'sync-policy': 'auto' })
  expect(before).toEqual({
    sources: [{ repoURL: 'a' }, { repoURL: 'b', targetRevision: 'v2' }],
    syncPolicy: { automated: {} },
  })
})

test('all that is wrong is said at once', () => {
  const given = { 'sync-policy': 'automat', 'self-heal': true, 'helm-set': ['a'], 'revision-history-limit': 'ten' }
  const messages = problemsOf(() => makeApplication({ name: 'x', given }))
  expect(messages).toEqual([
    '--revision-history-limit ten is not a whole number',
    '--helm-set a is not KEY=VALUE',
    '--sync-policy automat is unknown',
    '--self-heal is about applications that sync by themselves',
  ])
  expect(problemsOf(() => makeApplication({ name: 'No_Name', given: { repo: 'a' } }))).toEqual([
    'No_Name is no name for an Application',
    'which folder of the repository?',
  ])
})

function problemsOf(work: () => unknown): string[] {
  try {
    work()
  } catch (error) {
    return (error as MlopsErrors).errors.map(({ message }) => message)
  }
  return []
}

test('what is exported can be applied, and has nothing of what Argo CD adds', async () => {
  const live = {
    ...make({}),
    metadata: {
      name: 'a',
      namespace: 'argocd',
      uid: 'u',
      resourceVersion: '7',
      generation: 3,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'argocd.argoproj.io/refresh': 'normal' },
    },
    spec: { project: 'default', source: { repoURL: 'a', path: '.' }, destination: { server: 'https://a' } },
    status: { sync: { status: 'Synced' } },
    operation: {},
  }
  const clean = exported(live, 'Application')
  expect(Object.keys(clean)).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
  expect(clean.metadata).toEqual({ name: 'a', namespace: 'argocd' })
  expect(await schemaProblems(clean, '1.34')).toEqual([])
})

test('a project is written as the schema has it, and allows an Application what it does', async () => {
  const project = makeProject('lab', {
    src: ['*'],
    dest: ['https://kubernetes.default.svc,student', '*,*,name'],
    allowClusterResource: ['Namespace', 'rbac.authorization.k8s.io/ClusterRole'],
    denyNamespacedResource: ['*/Secret'],
    orphanedResourcesWarn: true,
  })
  expect(await schemaProblems(project, '1.34')).toEqual([])
  // the published schema has it, the package that is generated from it takes it for a comment
  expect(makeProject('lab', { description: 'the lab' })['spec']).toEqual({ description: 'the lab' })
  expect(project['spec']).toMatchObject({
    destinations: [
      { server: 'https://kubernetes.default.svc', namespace: 'student' },
      { server: '*', namespace: '*', name: 'name' },
    ],
    clusterResourceWhitelist: [
      { group: '', kind: 'Namespace' },
      { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
    ],
  })
  expect(() => makeProject('lab', { dest: ['student'] })).toThrow('--dest student is not SERVER,NAMESPACE')
  const made = projectFor('lab', make({ 'dest-namespace': 'student' }, { namespace: 'argocd' }))
  expect(await schemaProblems(made, '1.34')).toEqual([])
  expect(made['spec']).toEqual({
    sourceRepos: [least.repo],
    destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'student' }],
  })
})
