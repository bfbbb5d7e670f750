import { existsSync, realpathSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import type { Commit } from './commit.ts'
import type { RemoteImage } from './inspect.ts'
import { nameOf, parseReference } from './reference.ts'

/** Where OCI's own names of labels begin. */
const LABELS = 'org.opencontainers.image'

/** How an image is called. */
export interface Named {
  /** With the registry, without tag. */
  readonly name: string
  readonly tag: string
}

/** The name that an image of the project has in `mlops.yml`; undefined: nowhere. */
export function settingOf({ target, kubernetes, swarm }: Project): string | undefined {
  return target === 'swarm' ? (swarm.image ?? kubernetes.image) : (kubernetes.image ?? swarm.image)
}

/** Pushing needs somebody to have said where to. Throws `image.registry-unknown`. */
export function requireRegistry(project: Project, { image }: { readonly image?: string | undefined }): void {
  if (image !== undefined || settingOf(project) !== undefined) return
  throw new MlopsError('image.registry-unknown', `${project.file} does not say which registry has the image`, {
    hint: 'kubernetes: { image: registry.example.org/team/predictor } in mlops.yml, or --image',
  })
}

/**
 * Name and tag of the project's image: what the command line says, else the name in `mlops.yml` (or of the project) and the
 * short id of the commit, with `-dirty` for what is in no commit. Throws `image.reference`, `image.commit`.
 */
export function nameImage(
  project: Project,
  { image, tag }: { readonly image?: string | undefined; readonly tag?: string | undefined },
  commit: Commit | undefined,
): Named {
  const given = parseReference(image ?? settingOf(project) ?? project.name)
  if (image !== undefined && given.digest !== undefined) {
    throw new MlopsError('image.reference', `${image} has a digest: that is what building finds out`)
  }
  const chosen = tag ?? (image === undefined ? undefined : given.tag) ?? tagOf(commit)
  if (chosen === undefined) {
    throw new MlopsError('image.commit', `${project.directory} is in no Git repository: which tag?`, {
      hint: 'git init and commit: the tag of an image is the commit that it is made of; or give one: --tag TAG',
    })
  }
  const name = nameOf(given)
  parseReference(`${name}:${chosen}`)
  return { name, tag: chosen }
}

function tagOf(commit: Commit | undefined): string | undefined {
  return commit && `${commit.shortId}${commit.dirty ? '-dirty' : ''}`
}

/** The labels that OCI has for where an image comes from (Image specification, "Pre-Defined Annotation Keys"). */
export function originLabels(tag: string, commit: Commit | undefined): Record<string, string> {
  return {
    [`${LABELS}.version`]: tag,
    ...(commit && { [`${LABELS}.revision`]: `${commit.id}${commit.dirty ? '-dirty' : ''}` }),
    ...(commit?.source && { [`${LABELS}.source`]: commit.source }),
    // of the commit: who builds it again gets the same image
    [`${LABELS}.created`]: commit && !commit.dirty ? commit.date : new Date().toISOString(),
  }
}

/** The folder of the predictor: `app_source` of `mlops.yml`, else `app` beside it, else the one that comes with us. */
export function contextOf({ vars, directory }: Project, ours: string): string {
  const source = vars['app_source']
  if (typeof source === 'string' && !source.includes('{{')) return resolve(directory, source)
  const beside = join(directory, 'app')
  return existsSync(join(beside, 'Dockerfile')) ? beside : ours
}

/** What an image is made of, and what is to be in it. */
export interface Origin {
  readonly commit: Commit | undefined
  readonly context: string
  readonly platforms: readonly string[]
  /** `sbom`, `provenance`. */
  readonly attested: readonly string[]
}

/** Whether an image in the registry is of this very commit, so that building it again would bring nothing new. */
export function isMadeOf(
  { variants, attestations }: RemoteImage,
  { commit, context, platforms, attested }: Origin,
): boolean {
  // a folder outside of the repository changes without a commit
  if (
    commit === undefined ||
    commit.dirty ||
    relative(realpathSync(commit.top), realpathSync(context)).startsWith('..')
  )
    return false
  const made = variants.map(({ platform }) => platform)
  return (
    variants.length > 0 &&
    attested.every(kind => attestations.includes(kind)) &&
    variants.every(({ labels }) => labels[`${LABELS}.revision`] === commit.id) &&
    platforms.every(platform => made.some(one => one === platform || one.startsWith(`${platform}/`)))
  )
}
