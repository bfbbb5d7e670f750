import { MlopsError } from '../errors.ts'
import { commitOf } from '../images/commit.ts'
import { findEngine } from '../images/engine.ts'
import { push } from '../images/push.ts'
import { type BuiltImage, readBuilt, writeBuilt } from '../images/record.ts'
import { nameImage, requireRegistry } from '../images/wanted.ts'
import { requireProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { appendJournal } from '../project/state.ts'
import type { PushFlags } from './image.ts'
import { registryOf } from './image-build.ts'
import { report } from './image-text.ts'
import { showProgress } from './progress.ts'

/** Pushes the image that was built last, or the one that is named; gives the exit status. */
export async function pushImage(flags: PushFlags): Promise<0 | 99> {
  const project = requireProject(process.cwd(), flags.project)
  requireRegistry(project, flags)
  const start = Date.now()
  const image = await chosen(project, flags)
  const reference = `${image.name}:${image.tag}`
  const pushed = await showProgress('Image', { quiet: flags.json === true }, async progress => {
    progress.onStep(`pushing ${reference} …`)
    return await push(await findEngine(), reference, {
      force: flags.force === true,
      registry: registryOf(flags, progress),
      signal: progress.signal,
      ...(progress.onOutput && { onLine: progress.onOutput }),
    })
  })
  if (pushed === 'interrupted') return 99
  const { digest, outcome } = pushed
  writeBuilt(project, { ...image, digest })
  const entry = { at: start, command: 'image push', ms: Date.now() - start, exitStatus: 0 }
  appendJournal(project, { ...entry, image: reference, digest })
  report({ image: { ...image, digest }, outcome }, project, flags)
  return 0
}

/** What was built last, unless another one is named. */
async function chosen(project: Project, flags: PushFlags): Promise<BuiltImage> {
  const built = readBuilt(project)
  if (flags.image === undefined && flags.tag === undefined) {
    if (built !== undefined) return built
    throw new MlopsError('image.missing', 'nothing has been built here yet', { hint: 'mlops image build' })
  }
  const named = nameImage(
    project,
    { ...flags, tag: flags.tag ?? (flags.image && tagIn(flags.image)) ?? built?.tag },
    undefined,
  )
  if (built !== undefined && built.name === named.name && built.tag === named.tag) return built
  const commit = await commitOf(project.directory)
  const isHead = commit?.shortId === named.tag
  return {
    ...named,
    commit: isHead ? commit.id : undefined,
    dirty: false,
    id: undefined,
    platforms: [],
    digest: undefined,
  }
}

function tagIn(image: string): string | undefined {
  return /:([^/:@]+)$/.exec(image)?.[1]
}
