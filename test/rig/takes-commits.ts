import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './service.ts'

const run = promisify(execFile)

export interface TakesCommits {
  /** The repository that is watched, and its branch main. */
  readonly repository: string
  /** The folder with the model that pods get. */
  readonly model: string
  /** Where the port of the release in force is written. */
  readonly portFile: string
  /** Begins the names of containers. */
  readonly name: string
  /** Called with each commit and its image, before anything runs. */
  readonly onCommit: (commit: string, image: string) => Promise<void>
}

/**
 * What Argo CD and a cluster do together, in small: looks at a repository, and runs the image of its Deployment in a container of its own:
 * the new one beside the old, requests go over when it is ready, then the old one ends.
 */
export function takeCommits({ repository, model, portFile, name, onCommit }: TakesCommits) {
  const ended = new AbortController()
  const containers: string[] = []
  let [seen, running] = ['', '']

  async function look(): Promise<void> {
    const git = async (...args: string[]) => (await run('git', ['-C', repository, ...args])).stdout
    const commit = (await git('rev-parse', '--verify', '--quiet', 'main').catch(() => '')).trim()
    if (commit === seen) return
    const image = /image: (\S+)/.exec(await git('show', `${commit}:deployment.yaml`))?.[1] ?? ''
    await onCommit(commit, image)
    if (image !== running) await replace(image)
    running = image
    seen = commit
  }

  async function replace(image: string): Promise<void> {
    const port = await freePort()
    const container = `${name}-${containers.length}`
    const settings = ['MODELS=american', 'HOST=127.0.0.1', `PORT=${port}`, 'DRAIN_MS=5000'].flatMap(each => [
      '--env',
      each,
    ])
    const mounts = ['--volume', `${model}:/models/american:ro`, '--read-only', '--tmpfs', '/tmp']
    const before = containers.at(-1)
    containers.push(container)
    await run('docker', ['run', '--detach', '--name', container, '--network', 'host', ...mounts, ...settings, image])
    while (!(await answer(`http://127.0.0.1:${port}/readyz`))?.ok) await sleep(100)
    writeFileSync(portFile, String(port))
    if (before !== undefined) await run('docker', ['stop', '--time', '30', before])
  }

  const going = (async () => {
    while (!ended.signal.aborted) {
      await look()
      await sleep(200, undefined, { signal: ended.signal }).catch(() => {})
    }
  })()
  return {
    /** Ends it and its containers; throws what went wrong meanwhile. */
    async stop() {
      ended.abort()
      try {
        await going
      } finally {
        if (containers.length > 0) await run('docker', ['rm', '--force', '--volumes', ...containers])
      }
    },
    /** Until the newest commit runs. */
    async settled() {
      const tip = (await run('git', ['-C', repository, 'rev-parse', 'main'])).stdout.trim()
      while (seen !== tip) await Promise.race([sleep(100), going])
    },
  }
}

async function answer(url: string): Promise<Response | undefined> {
  return await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
}
