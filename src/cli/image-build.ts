import { fileURLToPath } from 'node:url'
import { MlopsError, throwAll } from '../errors.ts'
import { type BuildWanted, build, buildArgErrors, checkBuild } from '../images/build.ts'
import { type Builder, findBuilder, keepsHere, makesIndexes } from '../images/builder.ts'
import { type Commit, commitOf } from '../images/commit.ts'
import { type Engine, findEngine } from '../images/engine.ts'
import { engineImage } from '../images/engine-image.ts'
import { platformErrors } from '../images/platform.ts'
import { push, seenBefore, tagTaken } from '../images/push.ts'
import { type BuiltImage, readBuilt, writeBuilt } from '../images/record.ts'
import { findImage } from '../images/registry.ts'
import { contextOf, isMadeOf, type Named, nameImage, originLabels, requireRegistry } from '../images/wanted.ts'
import { requireProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { appendJournal } from '../project/state.ts'
import type { Progress } from '../providers/provider.ts'
import type { BuildFlags } from './image.ts'
import { baseArguments } from './image-base.ts'
import { report } from './image-text.ts'
import { showProgress } from './progress.ts'

/** Builds the project's image, and pushes it where asked; gives the exit status. */
export async function buildImage(flags: BuildFlags): Promise<0 | 99> {
  const project = requireProject(process.cwd(), flags.project)
  const platforms = flags.platform ?? []
  throwAll([...platformErrors(platforms), ...buildArgErrors(flags.buildArg, process.env)])
  const start = Date.now()
  const commit = await commitOf(project.directory)
  if (flags.push) requireRegistry(project, flags)
  const named = nameImage(project, flags, commit)
  const engine = await findEngine()
  const builder = await findBuilder(engine, flags.builder)
  const straight = flags.push === true && !keepsHere(builder)
  const { sbom = false, provenance = false } = flags
  checkBuild(builder, { platforms, sbom, provenance, push: straight })
  const work = (progress: Progress) => make({ project, flags, commit, named, engine, builder, straight }, progress)
  const made = await showProgress('Image', { quiet: flags.json === true }, work)
  if (made === 'interrupted') return 99
  writeBuilt(project, made.image)
  const { image } = made
  const entry = { at: start, command: 'image build', ms: Date.now() - start, exitStatus: 0 }
  appendJournal(project, { ...entry, image: `${image.name}:${image.tag}`, digest: image.digest })
  report(made, project, flags)
  return 0
}

interface Task {
  readonly project: Project
  readonly flags: BuildFlags
  readonly commit: Commit | undefined
  readonly named: Named
  readonly engine: Engine
  readonly builder: Builder
  /** Whether the builder itself pushes: the engine does not get to see what it makes. */
  readonly straight: boolean
}

async function make(task: Task, progress: Progress) {
  const { project, flags, commit, engine, builder, straight } = task
  const { name, tag } = task.named
  const reference = `${name}:${tag}`
  const before = flags.push ? await seenBefore(reference, registryOf(flags, progress)) : undefined
  const image: BuiltImage = {
    ...{ name, tag, commit: commit?.id, dirty: commit?.dirty ?? false },
    ...{ id: undefined, platforms: flags.platform ?? [], digest: undefined },
  }
  if (before !== undefined && !flags.force) {
    const attested = [...(flags.sbom ? ['sbom'] : []), ...(flags.provenance ? ['provenance'] : [])]
    const wanted = { commit, context: contextFor(project), platforms: image.platforms, attested }
    if (flags.cache && isMadeOf(before, wanted)) {
      const platforms = before.variants.map(({ platform }) => platform)
      return { image: { ...image, platforms, digest: before.digest }, outcome: 'unchanged' as const }
    }
    if (straight) throw tagTaken(reference, before)
  }
  progress.onStep(`building ${reference} …`)
  const built = await build(engine, builder, await wantedOf(task, progress), {
    signal: progress.signal,
    ...(progress.onOutput && { onLine: progress.onOutput }),
  })
  if (straight) {
    // older versions of buildx do not say it
    const digest = built.digest ?? (await findImage(reference, registryOf(flags, progress)))?.digest
    return { image: { ...image, digest }, outcome: 'pushed' as const }
  }
  const kept = await engineImage(engine, reference)
  if (kept === undefined)
    throw new MlopsError('image.missing', `${reference} was built, but the engine does not have it`)
  const pushed = flags.push ? await pushIt(engine, reference, flags, progress) : undefined
  const last = readBuilt(project)
  const isLast = last?.name === name && last.tag === tag && last.id === kept.id
  const digest = pushed?.digest ?? (isLast ? last.digest : undefined)
  return {
    image: { ...image, id: kept.id, platforms: flags.platform ?? [kept.platform], digest },
    outcome: pushed?.outcome ?? ('built' as const),
    sizeBytes: kept.sizeBytes,
  }
}

async function wantedOf(task: Task, progress: Progress): Promise<BuildWanted> {
  const { project, flags, commit, named, builder, straight } = task
  const labels = { ...originLabels(named.tag, commit), ...Object.fromEntries(flags.label.map(pair)) }
  const context = contextFor(project)
  const base = await baseArguments(project, flags, { builder, context }, progress)
  return {
    context,
    reference: `${named.name}:${named.tag}`,
    platforms: flags.platform ?? [],
    labels,
    buildArgs: [...base, `VERSION=${named.tag}`, ...flags.buildArg],
    epoch: commit && !commit.dirty ? Math.floor(Date.parse(commit.date) / 1000) : undefined,
    builderName: flags.builder,
    cache: flags.cache,
    sbom: flags.sbom ?? false,
    provenance: flags.provenance === true && makesIndexes(builder),
    push: straight,
  }
}

async function pushIt(engine: Engine, reference: string, flags: BuildFlags, progress: Progress) {
  progress.onStep(`pushing ${reference} …`)
  return await push(engine, reference, {
    force: flags.force === true,
    registry: registryOf(flags, progress),
    signal: progress.signal,
    ...(progress.onOutput && { onLine: progress.onOutput }),
  })
}

/** The folder that the image is built in. */
function contextFor(project: Project): string {
  return contextOf(project, fileURLToPath(new URL('../../app', import.meta.url)))
}

/** Without the flag the registry's name decides. */
export function registryOf({ insecure }: { readonly insecure?: boolean }, { signal }: Pick<Progress, 'signal'>) {
  return { signal, ...(insecure === undefined ? {} : { insecure }) }
}

function pair(text: string): [string, string] {
  const equals = text.indexOf('=')
  return [text.slice(0, equals), text.slice(equals + 1)]
}
