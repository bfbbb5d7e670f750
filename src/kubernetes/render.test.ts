import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { blueprints } from '../../test/rig/blueprints.ts'
import { minors, schemaProblems } from '../../test/rig/kubernetes-schemas.ts'
import { restrictedProblems } from '../../test/rig/pod-security.ts'
import type { Blueprint } from './blueprint.ts'
import { helmChart } from './helm.ts'
import { kustomization } from './kustomize.ts'
import type { Manifest } from './manifest.ts'
import { drainMs } from './pod.ts'
import { render } from './render.ts'
import { manifestFiles, yaml } from './text.ts'

const golden = new URL('../../test/fixtures/kubernetes/', import.meta.url).pathname
const cases = Object.entries(blueprints)
const text = (blueprint: Blueprint) => render(blueprint).map(yaml).join('---\n')

test.each(cases)('%s is rendered as it was, and twice the same', async (name, blueprint) => {
  await expect(text(blueprint)).toMatchFileSnapshot(`${golden}${name}.yaml`)
  expect(text(structuredClone(blueprint))).toBe(text(blueprint))
})

test.each(
  Object.keys(minors) as (keyof typeof minors)[],
)('the schemas of Kubernetes %s and of KEDA know every key and take every value', async minor => {
  const problems: string[] = []
  for (const [name, blueprint] of cases) {
    for (const manifest of render(blueprint).filter(({ kind }) => kind !== 'RabbitmqCluster')) {
      for (const problem of await schemaProblems(manifest, minor)) problems.push(`${name} ${manifest.kind}: ${problem}`)
    }
  }
  expect(problems).toEqual([])
})

test('an unknown key and a wrong type do not pass the schemas', async () => {
  const [manifest] = render(blueprints['american'] as Blueprint).filter(({ kind }) => kind === 'Service')
  const wrong = { ...(manifest as Manifest), spec: { ...(manifest?.['spec'] as object), selektor: {}, clusterIP: 3 } }
  expect(await schemaProblems({ ...wrong, spec: { ...wrong.spec, clusterIP: 'None' } }, '1.34')).toEqual([
    'no schema knows /spec/selektor',
  ])
  expect((await schemaProblems(wrong, '1.34')).join()).toMatch(/clusterIP/)
})

test.each(cases)('in %s names and labels are legal, and selectors find pods', (_, blueprint) => {
  const manifests = render(blueprint)
  expect(new Set(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(manifests.length)
  for (const { metadata } of manifests) {
    expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    for (const value of Object.values(metadata.labels ?? {}))
      expect(value).toMatch(/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/)
  }
  const pods = workloads(blueprint).map(({ labels }) => labels)
  for (const selector of manifests.flatMap(selectors)) {
    if (selector['app']?.endsWith('-broker') && blueprint.broker.by === 'operator') continue
    expect(pods.filter(labels => Object.entries(selector).every(([key, value]) => labels[key] === value))).toHaveLength(
      1,
    )
  }
})

test.each(cases)('in %s no ConfigMap holds a password, and only Secrets hold what is secret', (_, blueprint) => {
  for (const manifest of render(blueprint).filter(({ kind }) => kind !== 'Secret')) {
    expect(JSON.stringify(manifest)).not.toMatch(/a long password|key=abcdef|YSBsb25nIHBhc3N3b3Jk/)
  }
})

test.each(cases)('the Pod Security Standard `restricted` takes the pods of %s', (_, blueprint) => {
  const pods = workloads(blueprint).map(({ pod }) => pod)
  expect(pods.map(restrictedProblems)).toEqual(pods.map(() => []))
})

test('a pod that asks for too much does not pass as restricted', () => {
  const container = { name: 'a', ports: [{ hostPort: 80 }], securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }
  const volumes = [{ name: 'disk', hostPath: { path: '/' } }]
  expect(restrictedProblems({ hostPID: true, volumes, containers: [container] })).toEqual([
    'hostPID',
    'volume disk: hostPath',
    'a: allowPrivilegeEscalation',
    'a: runAsNonRoot',
    'a: seccompProfile',
    'a: capabilities are not dropped',
    'a: capabilities SYS_ADMIN',
    'a: hostPort',
  ])
})

test.each(cases)('the containers of %s are probed, limited, and write nowhere but in volumes', (_, blueprint) => {
  for (const { pod } of workloads(blueprint)) {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
    expect(pod['terminationGracePeriodSeconds']).toBeGreaterThan(25 + drainMs / 1000)
    for (const container of pod['containers'] as Record<string, unknown>[]) {
      const quantities = { cpu: expect.any(String), memory: expect.any(String) }
      expect(container).toMatchObject({
        securityContext: { readOnlyRootFilesystem: true },
        resources: { requests: quantities, limits: quantities },
        readinessProbe: expect.any(Object),
        livenessProbe: expect.any(Object),
      })
      if (!JSON.stringify(container['ports'] ?? []).includes('"http"')) continue
      expect(container).toMatchObject({
        readinessProbe: { httpGet: { path: '/readyz' } },
        livenessProbe: { httpGet: { path: '/healthz' } },
      })
    }
  }
})

test.each(
  cases,
)('what runs of %s is spread, rolled out one by one, budgeted, and behind a NetworkPolicy', (_, blueprint) => {
  const manifests = render(blueprint)
  for (const { kind, spec, pod, labels } of workloads(blueprint)) {
    expect(pod['topologySpreadConstraints']).toMatchObject([{ topologyKey: 'kubernetes.io/hostname' }])
    expect(JSON.stringify(pod['affinity'])).toContain('"topologyKey":"topology.kubernetes.io/zone"')
    if (kind === 'Deployment') expect(spec).toMatchObject({ strategy: { rollingUpdate: { maxUnavailable: 0 } } })
    for (const guard of ['PodDisruptionBudget', 'NetworkPolicy']) {
      const theirs = manifests.filter(each => each.kind === guard).flatMap(selectors)
      expect(theirs).toContainEqual({ app: labels['app'] })
    }
  }
})

test('an image by digest stays one in the overlay for production', () => {
  const image = `registry.example.org/team/predictor:3f2a9c1@sha256:${'d'.repeat(64)}`
  const tree = kustomization({ ...(blueprints['american'] as Blueprint), image })
  expect(parse(tree.get('overlays/prod/kustomization.yaml') ?? '')).toMatchObject({
    images: [{ name: 'registry.example.org/team/predictor', digest: `sha256:${'d'.repeat(64)}` }],
  })
})

test('another model is another pod template, and another ConfigMap beside the old one', () => {
  const before = blueprints['american'] as Blueprint
  const after = { ...before, models: before.models.map(model => ({ ...model, digest: `sha256:${'c'.repeat(64)}` })) }
  const changed = [...manifestFiles(render(after))].filter(
    ([file, text]) => manifestFiles(render(before)).get(file) !== text,
  )
  expect(changed.map(([file]) => file)).toEqual(['model-american-configmap.yaml', 'deployment.yaml'])
  expect(changed[0]?.[1]).toContain('name: american-predictor-model-american-cccccccccccc')
})

test.each(cases)('the chart of %s makes with its own values what is rendered', (_, blueprint) => {
  const chart = helmChart(blueprint)
  const values = valuesOf(chart.get('values.yaml') ?? '')
  const made = [...chart]
    .filter(([file]) => file.startsWith('templates/'))
    .map(([, template]) => filled(template, values))
  expect(made.map(text => parse(text))).toEqual(render(blueprint).map(manifest => parse(yaml(manifest))))
})

test('a chart takes image, numbers, resources and digests from its values', () => {
  const values = valuesOf(helmChart(blueprints['solution-2'] as Blueprint).get('values.yaml') ?? '')
  expect(values).toMatchObject({
    image: 'registry.example.org/team/predictor:3f2a9c1',
    web: { replicas: 2, serviceType: 'LoadBalancer', resources: { limits: { memory: '512Mi' } } },
    worker: { minReplicas: 2, maxReplicas: 6 },
    broker: { image: 'rabbitmq:3.13-management' },
    models: { american: { digest: `sha256:${'a'.repeat(64)}` }, diabetes: { digest: '9501b9b1722c' } },
  })
})

test.each(cases)('the Kustomize base of %s lists its manifests, and overlays change what is there', (_, blueprint) => {
  const tree = kustomization(blueprint)
  const base = [...manifestFiles(render(blueprint)).keys()]
  expect(parse(tree.get('base/kustomization.yaml') ?? '')).toMatchObject({ resources: base })
  expect([...tree.keys()].filter(file => file.startsWith('base/') && !file.endsWith('kustomization.yaml'))).toEqual(
    base.map(file => `base/${file}`),
  )
  for (const overlay of ['dev', 'prod']) {
    const { patches } = parse(tree.get(`overlays/${overlay}/kustomization.yaml`) ?? '') as {
      patches: { target: { kind: string }; patch: string }[]
    }
    for (const { target, patch } of patches) {
      for (const { path } of parse(patch) as { path: string }[]) {
        for (const manifest of render(blueprint).filter(({ kind }) => kind === target.kind)) {
          expect(at(manifest, path.split('/').slice(1))).toBeDefined()
        }
      }
    }
  }
})

/** Deployments and StatefulSets with their pods. */
function workloads(blueprint: Blueprint) {
  return render(blueprint).flatMap(({ kind, spec }) => {
    if (kind !== 'Deployment' && kind !== 'StatefulSet') return []
    const { template } = spec as {
      template: { metadata: { labels: Record<string, string> }; spec: Record<string, unknown> }
    }
    return [{ kind, spec, pod: template.spec, labels: template.metadata.labels }]
  })
}

function selectors({ kind, spec }: Manifest): Record<string, string>[] {
  const { selector, podSelector } = (spec ?? {}) as Record<string, Record<string, unknown> | undefined>
  if (kind === 'Service') return selector === undefined ? [] : [selector as Record<string, string>]
  const labels = (selector ?? podSelector)?.['matchLabels']
  return labels === undefined ? [] : [labels as Record<string, string>]
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((node, key) => (node as Record<string, unknown> | undefined)?.[key], value)
}

/** What Helm does with the few words that our templates use. */
function filled(template: string, values: unknown): string {
  return template.replace(/\{\{ \.Values\.([\w.-]+)( \| quote)? \}\}/g, (_, path: string, quote?: string) => {
    const value = at(values, path.split('.'))
    return quote ? JSON.stringify(value) : String(value)
  })
}

const valuesOf = (text: string) => parse(text) as Record<string, unknown>
