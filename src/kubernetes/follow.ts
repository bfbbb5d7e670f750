import { setTimeout as sleep } from 'node:timers/promises'
import type { Followed, Live } from './cluster.ts'

/** What a list of objects is read and watched with. */
export interface Source {
  list(): Promise<{ readonly version: string; readonly items: readonly Live[] }>
  /** Tells what changes after that version until the line ends, or the answer's `stop` is called. */
  watch(
    version: string,
    onEvent: (type: string, object: Live) => void,
    onEnd: (error: unknown) => void,
  ): Promise<{ abort(): void }>
}

/**
 * A list that stays up to date until `stop`: it watches, watches again when the line ends, and lists again when the cluster has
 * forgotten what changed since (410). The client's own informer loses hold of a watch that ends while it begins.
 */
export async function followList(source: Source, onChange: () => void): Promise<Followed> {
  const objects = new Map<string, Live>()
  let version = ''
  let stopped = false
  let abort: (() => void) | undefined

  async function list() {
    const found = await source.list()
    objects.clear()
    for (const item of found.items) objects.set(item.metadata.name, item)
    version = found.version
    onChange()
  }

  function take(type: string, object: Live) {
    if (type === 'ERROR') {
      version = ''
      return
    }
    if (type === 'DELETED') objects.delete(object.metadata.name)
    else if (type !== 'BOOKMARK') objects.set(object.metadata.name, object)
    version = object.metadata.resourceVersion ?? ''
    onChange()
  }

  async function watchOnce(): Promise<unknown> {
    return await new Promise(ended => {
      source.watch(version, take, ended).then(watch => {
        abort = () => watch.abort()
        if (stopped) watch.abort()
      }, ended)
    })
  }

  async function goOn() {
    while (!stopped) {
      const error = await watchOnce()
      if (stopped) return
      if (isGone(error)) version = ''
      await sleep(error ? 500 : 100)
      // a cluster that is away for a moment is asked again
      if (version === '') await list().catch(() => {})
    }
  }

  await list()
  const going = goOn()
  return {
    list: () => [...objects.values()],
    async stop() {
      stopped = true
      abort?.()
      await going
    },
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 410
}
