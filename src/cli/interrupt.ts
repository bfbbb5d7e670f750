import { setMaxListeners } from 'node:events'

/**
 * A signal that fires at the first Ctrl-C or SIGTERM, so that remote work is ended and a true recap printed.
 * A second Ctrl-C ends the process at once.
 */
export function interruptSignal(onInterrupt: () => void): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController()
  // every host listens; Node warns from the eleventh on
  setMaxListeners(0, controller.signal)
  const stop = () => {
    if (controller.signal.aborted) process.exit(99)
    onInterrupt()
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return {
    signal: controller.signal,
    done: () => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    },
  }
}
