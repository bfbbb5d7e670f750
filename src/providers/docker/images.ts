import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import { lastLines, run, stream } from '../command.ts'
import { settle } from '../concurrency.ts'
import type { Progress } from '../provider.ts'
import { tar } from '../tar.ts'
import { took } from '../took.ts'
import { docker, tryDocker } from './engine.ts'
import { IMAGE } from './labels.ts'
import { type Recipe, reference, type Suite } from './recipe.ts'

/** Makes images, each once, and knows whether the engine can pull from a public registry. */
export class ImageShop {
  readonly #progress: Progress
  readonly #started = new Map<string, Promise<string>>()
  #pulls: Promise<boolean> | undefined

  constructor(progress: Progress) {
    this.#progress = progress
  }

  /** Whether the engine can pull from Docker Hub: found out once, by trying. */
  canPull(): Promise<boolean> {
    this.#pulls ??= pull('debian:bookworm-slim', this.#progress)
    return this.#pulls
  }

  /** The reference of a recipe's image, which is made when the engine has none. */
  built(recipe: Recipe): Promise<string> {
    return this.#once(reference(recipe), image => this.#build(recipe, image))
  }

  /** The reference of a public image that the engine has or can pull; undefined when it can do neither. */
  async pulled(image: string): Promise<string | undefined> {
    if (await exists(image)) return image
    if (!(await this.canPull())) return undefined
    return (await pull(image, this.#progress)) ? image : undefined
  }

  /** A bare Debian: pulled, or made from Debian's packages. */
  base(suite: Suite): Promise<string> {
    return this.#once(
      `base ${suite}`,
      async () => (await this.pulled(`debian:${suite}-slim`)) ?? this.#debootstrap(suite),
    )
  }

  #once(key: string, make: (key: string) => Promise<string>): Promise<string> {
    const started = this.#started.get(key) ?? make(key)
    this.#started.set(key, started)
    return started
  }

  async #debootstrap(suite: Suite): Promise<string> {
    const image = `mlops/debian:${suite}-slim`
    if (await exists(image)) return image
    const since = Date.now()
    this.#progress.onStep(`making image ${image} from Debian's packages …`)
    const made = stream('mmdebstrap', mmdebstrapArguments(suite), this.#progress.signal)
    const imported = docker(['import', '--change', 'CMD ["bash"]', '--change', `LABEL ${IMAGE}=debian`, '-', image], {
      input: made.output,
      signal: this.#progress.signal,
    })
    // A cut stream would be imported as an image all the same: take it back.
    const [packages] = await Promise.allSettled([made.ended, imported])
    if (packages.status === 'rejected') {
      await tryDocker(['rmi', image])
      throw packages.reason
    }
    await imported
    this.#progress.onStep(`image ${image} made from Debian's packages${took(since)}`)
    return image
  }

  async #build(recipe: Recipe, image: string): Promise<string> {
    if (await exists(image)) return image
    const base = this.base(recipe.suite)
    const fetched = this.#fetch(recipe)
    await settle<unknown>([base, fetched])
    const large = await fetched
    const since = Date.now()
    this.#progress.onStep(`building image ${image} …`)
    const dockerfile = `ARG BASE\nFROM \${BASE} ${recipe.dockerfile}`
    const context = tar([{ path: 'Dockerfile', content: dockerfile }, ...recipe.files, ...large])
    const result = await tryDocker(
      [
        'build',
        '--network',
        'host',
        '--force-rm',
        '--label',
        `${IMAGE}=${recipe.name}`,
        '--build-arg',
        `BASE=${await base}`,
        '-t',
        image,
        '-',
      ],
      // The classic builder is part of every engine; BuildKit needs a plugin that Debian does not have.
      { input: context, environment: { DOCKER_BUILDKIT: '0' }, signal: this.#progress.signal },
    )
    if (result.status !== 0) {
      throw new MlopsError(
        'image.build',
        `image ${image} could not be built: ${lastLines(result.stdout + result.stderr, 8)}`,
        {
          hint: 'check that apt-get update works on this machine, then run the command again',
        },
      )
    }
    this.#progress.onStep(`image ${image} built${took(since)}`)
    return image
  }

  async #fetch(recipe: Recipe) {
    if (recipe.fetch === undefined) return []
    const directory = mkdtempSync(join(tmpdir(), 'mlops-'))
    try {
      return await recipe.fetch(directory, await docker(['version', '--format', '{{.Server.Arch}}']))
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

async function exists(image: string): Promise<boolean> {
  return (await tryDocker(['image', 'inspect', '--format', '{{.Id}}', image])).status === 0
}

/** A registry that has not begun to answer by then is taken for unreachable. */
const ANSWER_TIME_MS = 10_000

/** Pulls an image; false when no registry answers or it has no such image. The download itself may take its time. */
async function pull(image: string, { onStep, signal }: Progress): Promise<boolean> {
  const since = Date.now()
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), ANSWER_TIME_MS)
  const signals = signal ? [signal, silence.signal] : [silence.signal]
  try {
    const result = await run('docker', ['pull', image], {
      signal: AbortSignal.any(signals),
      onLine: () => clearTimeout(timer),
    })
    if (result.status === 0) onStep(`image ${image} pulled${took(since)}`)
    return result.status === 0
  } catch (error) {
    if (silence.signal.aborted && !signal?.aborted) return false
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function mmdebstrapArguments(suite: Suite): string[] {
  return [
    '--quiet',
    '--variant=minbase',
    `--include=ca-certificates${suite === 'bookworm' ? ',usr-is-merged' : ''}`,
    // usrmerge, which a bookworm without that would have, brings 46 MB of Perl into each image.
    ...(suite === 'bookworm' ? ['--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr'] : []),
    // A server of a test may lose its disk with the power: no fsync for each unpacked file.
    '--dpkgopt=force-unsafe-io',
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    suite,
    '-',
  ]
}
