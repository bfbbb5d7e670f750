import type { Blueprint } from './blueprint.ts'
import { splitImage } from './image.ts'
import type { Manifest } from './manifest.ts'
import { render } from './render.ts'
import { fileOf, yaml } from './text.ts'

/** A Helm chart: the manifests with what people change as values. With its own values it makes the same manifests. */
export function helmChart(blueprint: Blueprint): ReadonlyMap<string, string> {
  const values = new Values()
  const templates = render(blueprint).map(
    manifest => [`templates/${fileOf(manifest)}`, values.fill(yaml(lift(manifest, blueprint, values)))] as const,
  )
  const chart = {
    apiVersion: 'v2',
    name: blueprint.project,
    description: 'Predictions over HTTP',
    type: 'application',
    version: '0.1.0',
    appVersion: splitImage(blueprint.image).tag ?? 'latest',
  }
  return new Map([['Chart.yaml', yaml(chart)], ['values.yaml', yaml(values.tree)], ...templates])
}

/** The manifest with placeholders where a value stands. */
function lift(manifest: Manifest, blueprint: Blueprint, values: Values): unknown {
  const part = manifest.metadata.labels?.['app.kubernetes.io/component'] ?? 'predictor'
  const models = new Map(blueprint.models.map(model => [`mlops/model-${model.name}`, model]))
  const walk = (value: unknown, path: readonly string[], owner: string): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, String(i)], owner))
    if (isMap(value)) {
      const inside =
        path.at(-2) === 'containers' && typeof value['name'] === 'string' ? partOf(value['name'], part) : owner
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key], inside)]))
    }
    const key = path.at(-1) ?? ''
    const model = blueprint.models.find(each => value === each.digest || (each.from === 'url' && value === each.url))
    if (key === 'image') return values.lift(value === blueprint.image ? ['image'] : ['broker', 'image'], value)
    if (path.includes('resources') && path.includes('containers')) return values.lift([owner, ...path.slice(-3)], value)
    if (['replicas', 'minReplicas', 'maxReplicas', 'minReplicaCount', 'maxReplicaCount'].includes(key))
      return values.lift([owner, key.replace('Count', '')], value)
    if (path.join('.') === 'spec.type' && manifest.kind === 'Service') return values.lift([owner, 'serviceType'], value)
    if (models.has(key) || (path.includes('env') && model))
      return values.lift(
        ['models', (models.get(key) ?? model)?.name ?? '', value === model?.digest ? 'digest' : 'url'],
        value,
      )
    return value
  }
  return walk(manifest, [], part)
}

/** Containers of one pod have their own values; that of the tweet API is the pod's. */
function partOf(container: string, part: string): string {
  return part === 'production' ? (container === 'rabbit' ? 'broker' : container) : part
}

/** What `values.yaml` says, and where templates refer to it. */
class Values {
  readonly tree: Record<string, unknown> = {}
  readonly #references: string[] = []

  /** Keeps the value under a path, and gives what stands for it until `fill`. */
  lift(path: readonly string[], value: unknown): string {
    let node = this.tree
    for (const key of path.slice(0, -1)) {
      const next = node[key] ?? {}
      if (!isMap(next)) throw new Error(`two values have the name ${path.join('.')}`)
      node[key] = next
      node = next
    }
    node[path.at(-1) ?? ''] = value
    const reference = `.Values.${path.join('.')}`
    this.#references.push(typeof value === 'string' ? `{{ ${reference} | quote }}` : `{{ ${reference} }}`)
    return `valueNumber${this.#references.length - 1}End`
  }

  fill(text: string): string {
    return text.replace(/valueNumber(\d+)End/g, (_, number) => this.#references[Number(number)] ?? '')
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
