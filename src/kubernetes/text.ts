import { stringify } from 'yaml'
import type { Manifest } from './manifest.ts'

/** Data as YAML: keys in the order in which they were given, no line folded. */
export function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** The manifests as files of one folder: name → text. */
export function manifestFiles(manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  return new Map(manifests.map(manifest => [fileOf(manifest), yaml(manifest)]))
}

/** `web-deployment.yaml`; `deployment.yaml` where there is only one part. */
export function fileOf({ kind, metadata: { name, labels, annotations } }: Manifest): string {
  const part = labels?.['app.kubernetes.io/component']
  const model = Object.keys(annotations ?? {}).find(key => key.startsWith('mlops/model-'))
  const what = name.endsWith('-model-url') ? 'model-url' : model?.slice('mlops/'.length)
  return `${[part, what, kind.toLowerCase()].filter(word => word !== undefined).join('-')}.yaml`
}
