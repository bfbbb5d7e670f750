import { ConnectionError } from '../connection/connection.ts'

/** Waits, unless the run is interrupted: then it rejects at once. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const interrupted = () => {
      clearTimeout(timer)
      reject(new ConnectionError('interrupted', 'interrupted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', interrupted)
      resolve()
    }, ms)
    if (signal?.aborted) interrupted()
    else signal?.addEventListener('abort', interrupted, { once: true })
  })
}
