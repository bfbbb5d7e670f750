import type { Blueprint } from './blueprint.ts'
import { splitImage } from './image.ts'
import type { Manifest } from './manifest.ts'
import { render } from './render.ts'
import { manifestFiles, yaml } from './text.ts'

const header = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' }

/** A Kustomize base with overlays: `dev` runs one of each, `prod` spreads strictly and is where a new tag is written. */
export function kustomization(blueprint: Blueprint): ReadonlyMap<string, string> {
  const manifests = render(blueprint)
  const base = manifestFiles(manifests)
  const overlay = (rest: Readonly<Record<string, unknown>>) => yaml({ ...header, resources: ['../../base'], ...rest })
  return new Map([
    ...[...base].map(([file, text]) => [`base/${file}`, text] as const),
    ['base/kustomization.yaml', yaml({ ...header, resources: [...base.keys()] })],
    ['overlays/dev/kustomization.yaml', overlay({ patches: small(manifests) })],
    ['overlays/prod/kustomization.yaml', overlay({ ...images(blueprint.image), patches: [spread] })],
  ])
}

/** What a release changes: the digest where the image has one, else the tag. */
function images(image: string) {
  const { name, tag, digest } = splitImage(image)
  if (digest !== undefined) return { images: [{ name, digest }] }
  return tag === undefined ? {} : { images: [{ name, newTag: tag }] }
}

/** One of each, and two at most: patches only of kinds that are there. */
function small(manifests: readonly Manifest[]) {
  const numbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    Deployment: { '/spec/replicas': 1 },
    HorizontalPodAutoscaler: { '/spec/minReplicas': 1, '/spec/maxReplicas': 2 },
    ScaledObject: { '/spec/minReplicaCount': 1, '/spec/maxReplicaCount': 2 },
  }
  return Object.entries(numbers)
    .filter(([kind]) => manifests.some(manifest => manifest.kind === kind))
    .map(([kind, values]) => ({
      target: { kind },
      patch: yaml(Object.entries(values).map(([path, value]) => ({ op: 'replace', path, value }))),
    }))
}

/** Rather one pod too few for a while than two on one node. */
const spread = {
  target: { kind: 'Deployment' },
  patch: yaml([
    {
      op: 'replace',
      path: '/spec/template/spec/topologySpreadConstraints/0/whenUnsatisfiable',
      value: 'DoNotSchedule',
    },
  ]),
}
