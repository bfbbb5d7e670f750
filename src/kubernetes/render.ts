import { americanManifests } from './american.ts'
import { apartManifests } from './apart.ts'
import type { Blueprint } from './blueprint.ts'
import type { Manifest } from './manifest.ts'
import { onePodManifests } from './one-pod.ts'

/** The manifests of a blueprint, in the order in which they are applied. The same blueprint gives the same manifests. */
export function render(blueprint: Blueprint): readonly Manifest[] {
  switch (blueprint.layout) {
    case 'american':
      return americanManifests(blueprint)
    case 'one-pod':
      return onePodManifests(blueprint)
    case 'apart':
      return apartManifests(blueprint)
    default:
      return blueprint.layout satisfies never
  }
}
