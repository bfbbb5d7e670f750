import { MlopsError } from '../errors.ts'
import { lastLines } from '../providers/command.ts'
import { type Engine, runEngine } from './engine.ts'

/** What builds images here. */
export type Builder =
  /** For one platform at a time. */
  | { readonly kind: 'podman' }
  /** Part of every engine: for one platform at a time. */
  | { readonly kind: 'classic' }
  | {
      readonly kind: 'buildx'
      /** `docker`, `docker-container`, `kubernetes` or `remote`. */
      readonly driver: string
      /** Whether the engine keeps images of several platforms (containerd's image store). */
      readonly keepsPlatforms: boolean
    }

/** Finds the builder of this name, or the one in force. Throws `image.engine`, `image.builder`, `command.missing`. */
export async function findBuilder(engine: Engine, name: string | undefined): Promise<Builder> {
  if (engine.kind === 'podman') {
    if (name === undefined) return { kind: 'podman' }
    throw new MlopsError('image.builder', `--builder ${name} is for docker's buildx, and this is podman`)
  }
  const info = await runEngine(engine, ['info', '--format', '{{json .DriverStatus}}'])
  if (info.status !== 0 || /Cannot connect|error during connect/i.test(info.stderr)) {
    throw new MlopsError('image.engine', `the Docker Engine does not answer: ${lastLines(info.stderr, 1)}`, {
      hint: 'start it, or say where it is: DOCKER_HOST, or docker context use NAME',
    })
  }
  const has = (await runEngine(engine, ['buildx', 'version'])).status === 0
  if (!has) {
    if (name === undefined) return { kind: 'classic' }
    throw new MlopsError('image.builder', `--builder ${name} needs buildx, which docker does not have here`, {
      hint: 'install it: the package docker-buildx or docker-buildx-plugin',
    })
  }
  const said = await runEngine(engine, ['buildx', 'inspect', ...(name === undefined ? [] : ['--', name])])
  if (said.status !== 0) {
    throw new MlopsError('image.builder', `docker buildx inspect failed: ${lastLines(said.stderr, 1)}`, {
      hint: 'docker buildx ls shows the builders that there are',
    })
  }
  const driver = /^Driver:\s*(\S+)/m.exec(said.stdout)?.[1] ?? 'docker'
  return { kind: 'buildx', driver, keepsPlatforms: info.stdout.includes('io.containerd.snapshotter') }
}

/** Whether images of several platforms, and attestations, can be made. */
export function makesIndexes(builder: Builder): boolean {
  return builder.kind === 'buildx' && (builder.driver !== 'docker' || builder.keepsPlatforms)
}

/** Whether what is built is among the images of the engine afterwards. */
export function keepsHere(builder: Builder): boolean {
  return builder.kind !== 'buildx' || builder.driver === 'docker'
}
