import type { ManifestFormat } from '../project/kubernetes.ts'
import type { Blueprint } from './blueprint.ts'
import { helmChart } from './helm.ts'
import { kustomization } from './kustomize.ts'
import { render } from './render.ts'
import { manifestFiles } from './text.ts'

/** What a blueprint can be written as: files by their name. */
export const formats: Readonly<Record<ManifestFormat, (blueprint: Blueprint) => ReadonlyMap<string, string>>> = {
  manifests: blueprint => manifestFiles(render(blueprint)),
  helm: helmChart,
  kustomize: kustomization,
}

/** Whether a file of a rendering holds a Secret. */
export function isSecretFile(name: string): boolean {
  return /secret\.yaml$/.test(name)
}
