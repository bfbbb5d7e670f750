import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Builder, keepsHere } from '../images/builder.ts'
import type { Project } from '../project/project.ts'
import { ImageShop } from '../providers/docker/images.ts'
import { nodeRecipe } from '../providers/docker/recipes/node.ts'
import type { Progress } from '../providers/provider.ts'
import type { BuildFlags } from './image.ts'

/** What the Dockerfile takes its parts from, unless somebody says otherwise. */
const NODE = 'node:20-bookworm-slim'
const SYSTEM = 'debian:bookworm-slim'

/**
 * Build arguments that say which images the Dockerfile begins with: those of `vars` in `mlops.yml`, else the public ones, else,
 * where no registry can be reached, ones that are made here of the same packages.
 */
export async function baseArguments(
  { vars }: Project,
  { platform = [], buildArg }: BuildFlags,
  { builder, context }: { readonly builder: Builder; readonly context: string },
  progress: Progress,
): Promise<string[]> {
  const asked = argumentsOf(join(context, 'Dockerfile'))
  const chosen = (name: string, argument: string) => {
    const value = vars[name]
    if (!asked.includes(argument) || buildArg.some(given => given.split('=')[0] === argument)) return []
    return typeof value === 'string' ? [`${argument}=${value}`] : undefined
  }
  const node = chosen('base_image', 'BASE_IMAGE')
  const system = chosen('system_image', 'SYSTEM_IMAGE')
  // a builder apart does not see the engine's images, and what is made here is for the engine's own platform
  if (!keepsHere(builder) || platform.length > 0) return [...(node ?? []), ...(system ?? [])]
  if (builder.kind === 'podman') {
    // it asks no registry for a name that names none
    return [
      ...(node ?? [`BASE_IMAGE=docker.io/library/${NODE}`]),
      ...(system ?? [`SYSTEM_IMAGE=docker.io/library/${SYSTEM}`]),
    ]
  }
  const shop = new ImageShop(progress)
  return [
    ...(node ?? [`BASE_IMAGE=${(await shop.pulled(NODE)) ?? (await shop.built(nodeRecipe()))}`]),
    ...(system ?? [`SYSTEM_IMAGE=${await shop.base('bookworm')}`]),
  ]
}

/** The names that `ARG` has in a Dockerfile. */
function argumentsOf(dockerfile: string): string[] {
  if (!existsSync(dockerfile)) return []
  return [...readFileSync(dockerfile, 'utf8').matchAll(/^\s*ARG\s+(\w+)/gim)].map(([, name = '']) => name)
}
