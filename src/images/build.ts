import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MlopsError, throwAll } from '../errors.ts'
import type { CommandOptions } from '../providers/command.ts'
import { buildFailure, isDeprecation } from './build-failure.ts'
import { type Builder, keepsHere, makesIndexes } from './builder.ts'
import { type Engine, runEngine } from './engine.ts'

/** What is to be built. */
export interface BuildWanted {
  /** A folder with a Dockerfile. */
  readonly context: string
  /** Name and tag. */
  readonly reference: string
  /** Empty: the platform of the engine. */
  readonly platforms: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** `NAME=VALUE`, or `NAME` for that of our environment. */
  readonly buildArgs: readonly string[]
  /** Seconds since 1970: the time that files get in the image; undefined: that of the build. */
  readonly epoch: number | undefined
  readonly builderName: string | undefined
  readonly cache: boolean
  /** True: by the scanner that buildx knows; a text: by the one in this image. */
  readonly sbom: boolean | string
  readonly provenance: boolean
  /** Straight into the registry, not into the engine. */
  readonly push: boolean
}

/** What came of a build. */
export interface Built {
  /** Of the manifest or index that was pushed; undefined: nothing was. */
  readonly digest: string | undefined
}

const LIMITS: Readonly<Record<Builder['kind'], string>> = {
  classic: 'docker has no buildx here',
  buildx: 'the builder of the engine itself cannot',
  podman: 'that takes docker with buildx, and this is podman',
}

/** What a builder cannot do of what is wanted; all of it at once. Throws `image.platforms`, `image.attestations`, `image.nowhere`. */
export function checkBuild(
  builder: Builder,
  wanted: Pick<BuildWanted, 'platforms' | 'sbom' | 'provenance' | 'push'>,
): void {
  const errors: MlopsError[] = []
  const buildx =
    "with docker, a builder of its own (docker buildx create --use), or containerd's image store in the engine, keeps such images"
  const missing =
    builder.kind === 'classic' ? `install the package docker-buildx or docker-buildx-plugin; then ${buildx}` : buildx
  const what = LIMITS[builder.kind]
  if (wanted.platforms.length > 1 && !makesIndexes(builder)) {
    errors.push(new MlopsError('image.platforms', `one image for several platforms: ${what}`, { hint: missing }))
  }
  const attested = [...(wanted.sbom !== false ? ['SBOM'] : []), ...(wanted.provenance ? ['provenance'] : [])]
  if (attested.length > 0 && !makesIndexes(builder)) {
    errors.push(
      new MlopsError('image.attestations', `${attested.join(' and ')} with the image: ${what}`, {
        hint: `${missing}${wanted.sbom === false ? '' : '. The npm packages of the predictor are listed in its image: /app/dist/sbom.cdx.json'}`,
      }),
    )
  }
  const several = wanted.platforms.length > 1 || attested.length > 0
  if (several && makesIndexes(builder) && !keepsHere(builder) && !wanted.push) {
    errors.push(
      new MlopsError('image.nowhere', 'the engine cannot keep what this builder would make', {
        hint: 'build it straight into the registry: --push',
      }),
    )
  }
  throwAll(errors)
}

/** What is wrong with build arguments: each has a name, and a value of its own or of the environment (`image.build-arg`). */
export function buildArgErrors(
  buildArgs: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): MlopsError[] {
  return buildArgs.flatMap(argument => {
    const [name = ''] = argument.split('=')
    if (name === '')
      return [new MlopsError('image.build-arg', '--build-arg without a name', { hint: 'it is NAME=VALUE, or NAME' })]
    if (argument.includes('=') || environment[name] !== undefined) return []
    return [
      new MlopsError('image.build-arg', `--build-arg ${name}: the environment has no ${name}`, {
        hint: `${name}=VALUE gives it a value, ${name}= an empty one`,
      }),
    ]
  })
}

/** Builds an image. Throws `image.context`, `image.build`. */
export async function build(
  engine: Engine,
  builder: Builder,
  wanted: BuildWanted,
  { onLine, ...options }: Pick<CommandOptions, 'onLine' | 'signal'>,
): Promise<Built> {
  if (!existsSync(join(wanted.context, 'Dockerfile'))) {
    throw new MlopsError('image.context', `${wanted.context} has no Dockerfile`, {
      hint: 'vars: { app_source: FOLDER } in mlops.yml names the folder of the predictor',
    })
  }
  const folder = mkdtempSync(join(tmpdir(), 'mlops-build-'))
  const metadata = join(folder, 'metadata.json')
  try {
    const words =
      builder.kind !== 'buildx' ? ['build', '--force-rm'] : ['buildx', 'build', ...buildxArguments(builder, wanted)]
    const result = await runEngine(
      engine,
      [
        ...words,
        ...(builder.kind === 'buildx' ? ['--metadata-file', metadata] : []),
        ...commonArguments(wanted),
        ...['--', wanted.context],
      ],
      {
        ...options,
        ...(onLine && { onLine: (line: string) => isDeprecation(line) || onLine(line) }),
        environment: {
          // without buildx newer versions of the CLI warn of the classic builder, unless it is asked for
          ...(builder.kind === 'classic' ? { DOCKER_BUILDKIT: '0' } : { BUILDKIT_PROGRESS: 'plain' }),
          ...(wanted.epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(wanted.epoch) }),
        },
      },
    )
    if (result.status !== 0) {
      throw buildFailure(wanted.reference, builder.kind === 'buildx' ? result.stderr : result.stdout + result.stderr)
    }
    return { digest: wanted.push && builder.kind === 'buildx' ? digestIn(metadata) : undefined }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function buildxArguments(builder: Builder, { builderName, push, sbom, provenance }: BuildWanted): string[] {
  return [
    ...(builderName === undefined ? [] : ['--builder', builderName]),
    `--sbom=${typeof sbom === 'string' ? `generator=${sbom}` : sbom}`,
    `--provenance=${provenance ? 'mode=max' : 'false'}`,
    ...(push ? ['--push'] : keepsHere(builder) ? [] : ['--load']),
  ]
}

function commonArguments({ reference, platforms, labels, buildArgs, cache }: BuildWanted): string[] {
  return [
    ...['--tag', reference],
    ...(platforms.length === 0 ? [] : ['--platform', platforms.join(',')]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...buildArgs.flatMap(argument => ['--build-arg', argument]),
    ...(cache ? [] : ['--no-cache']),
  ]
}

/** `containerimage.digest`: what buildx writes about an image that it pushed. */
function digestIn(file: string): string | undefined {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof value !== 'object' || value === null || !('containerimage.digest' in value)) return undefined
  return String(value['containerimage.digest'])
}
