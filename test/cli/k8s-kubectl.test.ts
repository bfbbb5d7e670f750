import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { kustomization } from '../../src/kubernetes/kustomize.ts'
import type { Manifest } from '../../src/kubernetes/manifest.ts'
import { render } from '../../src/kubernetes/render.ts'
import { manifestFiles, yaml } from '../../src/kubernetes/text.ts'
import { apiServer } from '../rig/api-server.ts'
import { blueprints } from '../rig/blueprints.ts'
import { folder } from '../rig/mlops.ts'

const cases = Object.entries(blueprints)
/** Before 1.21 kubectl knows overlays of another time. */
const takesOverlays = kubectlMinor() >= 21
const overlays = takesOverlays ? 'and its overlays' : '(its overlays need kubectl 1.21: not built here)'

describe('kubectl', () => {
  test.each(cases)('takes every document of %s, and reads in it what we wrote', async (_, blueprint) => {
    const server = await apiServer({
      '/apis/keda.sh/v1alpha1': ['ScaledObject', 'TriggerAuthentication'],
      '/apis/rabbitmq.com/v1beta1': ['RabbitmqCluster'],
    })
    const manifests = render(blueprint)
    const files = Object.fromEntries([...manifestFiles(manifests)].map(([file, text]) => [`all/${file}`, text]))
    const home = folder({ ...files, config: server.kubeconfig })
    const text = await kubectl(home, 'create', '--dry-run=client', '--validate=false', '-o', 'json', '-f', 'all')
    expect(byName(listed(text).map(withoutNamespace))).toEqual(byName(manifests))
  })

  test.each(cases)('knows every field of the pods of %s', async (_, blueprint) => {
    const workloads = render(blueprint).filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    const home = folder({ 'all.yaml': workloads.map(yaml).join('---\n') })
    // reads the document into its types and writes it again: what they do not know is gone
    const text = await kubectl(home, 'set', 'env', '--local', 'ADDED=1', '-o', 'json', '-f', 'all.yaml')
    const read = byName(listed(text.replace(/,?\s*\{\s*"name": "ADDED",\s*"value": "1"\s*\}/g, '')))
    for (const [name, manifest] of byName(workloads)) expect(read.get(name)).toMatchObject(manifest)
  })

  test.each(cases)(`builds the Kustomize base of %s as the plain manifests, ${overlays}`, async (_, blueprint) => {
    const home = folder(Object.fromEntries(kustomization(blueprint)))
    const built = async (path: string) =>
      byName(parseAllDocuments(await kubectl(home, 'kustomize', join(home, path))).map(document => document.toJS()))
    const plain = byName(render(blueprint))
    expect(await built('base')).toEqual(plain)
    if (!takesOverlays) return
    const [dev, prod] = [await built('overlays/dev'), await built('overlays/prod')]
    for (const [name, { kind, spec }] of plain) {
      const theirs = [dev, prod].map(overlay => overlay.get(name)?.['spec'])
      const expected = kind === 'Deployment' ? [small(spec), strict(spec)] : [expect.anything(), spec]
      if (spec !== undefined) expect(theirs).toEqual(expected)
    }
    expect([dev.size, prod.size]).toEqual([plain.size, plain.size])
  })
})

function kubectlMinor(): number {
  const text = execFileSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
  return Number.parseInt(JSON.parse(text).clientVersion.minor, 10)
}

async function kubectl(home: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: join(home, 'config') }
  const { stdout } = await promisify(execFile)('kubectl', args, { cwd: home, env, maxBuffer: 16 * 1024 * 1024 })
  return stdout
}

/** JSON documents one after another, or in a list. */
function listed(text: string): Manifest[] {
  return parseAllDocuments(text.replace(/^}\n\{/gm, '}\n---\n{')).flatMap(document => {
    const found = document.toJS() as Manifest & { readonly items?: readonly Manifest[] }
    return found.kind === 'List' ? (found.items ?? []) : [found]
  })
}

function byName(manifests: readonly Manifest[]): Map<string, Manifest> {
  return new Map(manifests.map(manifest => [`${manifest.kind} ${manifest.metadata.name}`, manifest]))
}

function withoutNamespace(manifest: Manifest): Manifest {
  const { namespace: _, ...metadata } = manifest.metadata
  return { ...manifest, metadata }
}

const small = (spec: unknown) => ({ ...Object(spec), replicas: 1 })

function strict(spec: unknown): unknown {
  const changed = structuredClone(Object(spec))
  changed.template.spec.topologySpreadConstraints[0].whenUnsatisfiable = 'DoNotSchedule'
  return changed
}
