import { setMaxListeners } from 'node:events'

/**
 * A signal that fires at the first Ctrl-C or SIGTERM, or when the terminal goes away, so that remote work is ended and a true recap printed.
 * A second Ctrl-C ends the process at once.
 */
export function interruptSignal(onInterrupt: () => void): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController()
  // every host listens; Node warns from the eleventh on
  setMaxListeners(0, controller.signal)
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      // a terminal that goes away is told by the kernel and by the shell
      if (name === 'SIGHUP') return
      process.exit(99)
    }
    onInterrupt()
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, stop)
  return {
    signal: controller.signal,
    done: () => {
      for (const name of SIGNALS) process.off(name, stop)
    },
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
