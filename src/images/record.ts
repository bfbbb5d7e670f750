import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { readState, writeState } from '../project/state.ts'

/** The image of a project that was built last. */
export interface BuiltImage {
  /** Without tag. */
  readonly name: string
  readonly tag: string
  /** The commit that it was made of; undefined: the tag was given, and there is no repository. */
  readonly commit: string | undefined
  readonly dirty: boolean
  /** By which the engine knows it; undefined: it went straight into the registry. */
  readonly id: string | undefined
  /** Such as `linux/amd64`. */
  readonly platforms: readonly string[]
  /** What the registry knows it by; undefined: it has not been pushed. */
  readonly digest: string | undefined
}

const FILE = 'image.json'

/** The image that was built last, when there is one. */
export function readBuilt(project: Pick<Project, 'directory'>): BuiltImage | undefined {
  const value = readState(project, FILE)
  // written by us
  return typeof value === 'object' && value !== null && 'name' in value ? (value as BuiltImage) : undefined
}

export function writeBuilt(project: Pick<Project, 'directory'>, image: BuiltImage): void {
  writeState(project, FILE, image)
}

/**
 * The image that a setting without a tag means: the one of that name that was built last, by tag and digest, so that what
 * was built is what runs. A setting with a tag or a digest means what it says. Throws `image.not-pushed`.
 */
export function pinned(setting: string | undefined, project: Pick<Project, 'directory'>): string | undefined {
  if (setting === undefined || /@|:[^/]*$/.test(setting)) return setting
  const built = readBuilt(project)
  if (built?.name !== setting) return setting
  const reference = `${built.name}:${built.tag}`
  if (built.digest !== undefined) return `${reference}@${built.digest}`
  throw new MlopsError('image.not-pushed', `${reference} was built, but nobody can pull it: it has not been pushed`, {
    hint: 'mlops image push; another one runs with --image',
  })
}
