import { createHash } from 'node:crypto'
import type { TarEntry } from '../tar.ts'

export type Suite = 'bookworm' | 'trixie'

/** How an image is made from Debian's packages. Equal recipes give equal tags, so an image is made once. */
export interface Recipe {
  /** `mlops/<name>`. */
  readonly name: string
  /** What people call it: the first half of the tag. */
  readonly version: string
  readonly suite: Suite
  /** What follows `FROM`. */
  readonly dockerfile: string
  readonly files: readonly TarEntry[]
  /** Large files that are fetched when the image is made; no part of the tag. */
  readonly fetch?: (directory: string, architecture: string) => Promise<readonly TarEntry[]>
}

/** Name and tag of a recipe's image. */
export function reference(recipe: Recipe): string {
  const hash = createHash('sha256').update(JSON.stringify([recipe.suite, recipe.dockerfile]))
  for (const file of recipe.files) hash.update(`\0${file.path}\0${file.mode ?? ''}\0`).update(file.content)
  return `mlops/${recipe.name}:${recipe.version}-${hash.digest('hex').slice(0, 12)}`
}

/** Dockerfile text that installs packages and leaves no package lists behind. */
export function install(packages: string): string {
  return [
    'apt-get update -qq',
    `DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages} >/dev/null`,
    'apt-get clean',
    'rm -rf /var/lib/apt/lists/*',
  ].join(' && ')
}
