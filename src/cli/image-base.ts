import { type Builder, keepsHere } from '../images/builder.ts'
import type { Project } from '../project/project.ts'
import { ImageShop } from '../providers/docker/images.ts'
import { nodeRecipe } from '../providers/docker/recipes/node.ts'
import type { Progress } from '../providers/provider.ts'
import type { BuildFlags } from './image.ts'

/** Where the Dockerfile takes Node from, unless somebody says otherwise. */
const NODE = 'node:20-bookworm-slim'

/**
 * Build arguments that say which images the Dockerfile begins with: those of `vars` in `mlops.yml`, else the public ones, else,
 * where no registry can be reached, ones that are made here of the same packages.
 */
export async function baseArguments(
  { vars }: Project,
  { platform = [], buildArg }: BuildFlags,
  builder: Builder,
  progress: Progress,
): Promise<string[]> {
  const chosen = (name: string, argument: string) => {
    const value = vars[name]
    if (buildArg.some(given => given.split('=')[0] === argument)) return []
    return typeof value === 'string' ? [`${argument}=${value}`] : undefined
  }
  const node = chosen('base_image', 'BASE_IMAGE')
  const system = chosen('system_image', 'SYSTEM_IMAGE')
  // a builder apart does not see the engine's images, and what is made here is for the engine's own platform
  if (!keepsHere(builder) || platform.length > 0) return [...(node ?? []), ...(system ?? [])]
  const shop = new ImageShop(progress)
  return [
    ...(node ?? [`BASE_IMAGE=${(await shop.pulled(NODE)) ?? (await shop.built(nodeRecipe()))}`]),
    ...(system ?? [`SYSTEM_IMAGE=${await shop.base('bookworm')}`]),
  ]
}
