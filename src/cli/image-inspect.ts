import { MlopsError } from '../errors.ts'
import { inspectImage, type RemoteImage } from '../images/inspect.ts'
import { readBuilt } from '../images/record.ts'
import { findProject, requireProject } from '../project/load.ts'
import type { ImageFlags } from './image.ts'
import { registryOf } from './image-build.ts'
import { megabytes } from './image-text.ts'

/** Shows what a registry has under a name, or under that of what was built last. */
export async function showImage(named: string | undefined, flags: ImageFlags): Promise<void> {
  const reference = named ?? lastBuilt(flags)
  const image = await inspectImage(reference, registryOf(flags, { signal: undefined }))
  if (image === undefined) {
    throw new MlopsError('image.missing', `the registry has no ${reference}`, { hint: 'mlops image push' })
  }
  if (flags.json) process.stdout.write(`${JSON.stringify({ reference, ...image }, null, 2)}\n`)
  else process.stdout.write(text(reference, image))
}

function lastBuilt(flags: ImageFlags): string {
  const built =
    findProject(process.cwd()) || flags.project ? readBuilt(requireProject(process.cwd(), flags.project)) : undefined
  if (built !== undefined) return `${built.name}:${built.tag}`
  throw new MlopsError('image.missing', 'nothing has been built here yet: which image?', {
    hint: 'mlops image inspect REGISTRY/NAME:TAG, or mlops image build',
  })
}

function text(reference: string, { digest, variants, attestations }: RemoteImage): string {
  const labels = variants[0]?.labels ?? {}
  const of = (name: string) => labels[`org.opencontainers.image.${name}`]
  const lines: [string, string | undefined][] = [
    ['image', reference],
    ['digest', digest],
    ['revision', of('revision')],
    ['source', of('source')],
    ['version', of('version')],
    ['created', of('created') ?? variants[0]?.created],
    ...variants.map(({ platform, sizeBytes }): [string, string] => [platform, `${megabytes(sizeBytes)} to download`]),
    ['with', attestations.length === 0 ? undefined : attestations.join(', ')],
  ]
  const width = Math.max(...lines.map(([title]) => title.length))
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([title, value]) => `${title.padEnd(width)}  ${value}\n`)
    .join('')
}
