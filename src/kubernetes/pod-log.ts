import { PassThrough } from 'node:stream'
import type { Log } from './client.ts'
import type { LogOptions } from './cluster.ts'

/** Reads what a container prints. */
export async function readLog(
  log: Log,
  { namespace, pod, container }: { namespace: string; pod: string; container: string },
  { onText, tail, follow = false, previous = false, sinceSeconds, signal }: LogOptions,
): Promise<void> {
  const stream = new PassThrough()
  stream.setEncoding('utf8').on('data', onText)
  const ended = new Promise<void>(done =>
    stream
      .on('close', () => done())
      .on('end', () => done())
      .on('error', () => done()),
  )
  const controller = await log.log(namespace, pod, container, stream, {
    follow,
    previous,
    tailLines: tail,
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
  })
  const stop = () => {
    controller.abort()
    stream.end()
  }
  signal?.addEventListener('abort', stop)
  await ended
  signal?.removeEventListener('abort', stop)
}
