import { stat, utimes, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { messageOf } from './errors.ts'
import type { Settings } from './settings.ts'

const beatMs = 2000
/** Several beats may fail to come while a worker computes. */
const lateMs = 15_000

/** Touches the health file as long as `taking` says yes, for a worker without a port. Returns how to stop. */
export function heartbeat(file: string, taking: () => boolean): () => void {
  const beat = async () => {
    if (!taking()) return
    const now = new Date()
    await utimes(file, now, now).catch(() => writeFile(file, ''))
  }
  const safely = () => void beat().catch(() => {})
  safely()
  const timer = setInterval(safely, beatMs)
  return () => clearInterval(timer)
}

/** Says what is wrong with the process in this container; `undefined` when it is well. */
export async function sickness(settings: Pick<Settings, 'healthFile' | 'host' | 'port'>): Promise<string | undefined> {
  return settings.healthFile === undefined ? await webSickness(settings) : await workerSickness(settings.healthFile)
}

async function workerSickness(file: string): Promise<string | undefined> {
  try {
    const ageMs = Date.now() - (await stat(file)).mtimeMs
    return ageMs < lateMs ? undefined : `the worker has taken no jobs for ${Math.round(ageMs / 1000)} s`
  } catch {
    return 'the worker has not begun to take jobs'
  }
}

function webSickness({ host, port }: Pick<Settings, 'host' | 'port'>): Promise<string | undefined> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return new Promise(resolve => {
    const asked = request({ host: address, port, path: '/healthz', timeout: 3000 }, reply => {
      reply.resume()
      resolve(reply.statusCode === 200 ? undefined : `/healthz answered ${reply.statusCode}`)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer within 3 s')))
    asked.on('error', error => resolve(messageOf(error)))
    asked.end()
  })
}
