import type { Progress } from '../providers/provider.ts'
import { oneLine } from '../report/text.ts'
import { interruptSignal } from './interrupt.ts'

/** Runs long work and shows what it says: a live line on a terminal, else one line for each thing. Ctrl-C gives `interrupted`. */
export async function showProgress<T>(
  title: string,
  { quiet }: { quiet: boolean },
  work: (progress: Progress) => Promise<T>,
): Promise<T | 'interrupted'> {
  const { signal, done } = interruptSignal(() => process.stderr.write('\ninterrupted: ending what runs …\n'))
  const onWarning = (text: string) => process.stderr.write(`[WARNING]: ${text}\n`)
  try {
    if (quiet) return await work({ signal, onWarning, onStep: () => {} })
    const { isLiveTerminal } = await import('../report/output.ts')
    if (isLiveTerminal(process.stderr, process.env)) return await live(title, { signal, onWarning }, work)
    return await work({
      ...{ signal, onWarning, onStep: text => process.stderr.write(`${text}\n`) },
      onOutput: text => process.stderr.write(`  ${oneLine(text)}\n`),
    })
  } catch (error) {
    if (signal.aborted) return 'interrupted'
    throw error
  } finally {
    done()
  }
}

/** Warnings wait until the live line is gone: they would be drawn over. */
async function live<T>(
  title: string,
  { signal, onWarning }: Omit<Progress, 'onStep' | 'onOutput'>,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const { runSteps } = await import('../report/steps.ts')
  const warnings: string[] = []
  const results: T[] = []
  const step = {
    title,
    run: async (say: (text: string) => void) => {
      results.push(
        await work({
          signal,
          onStep: say,
          onOutput: text => say(oneLine(text)),
          onWarning: text => warnings.push(text),
        }),
      )
    },
  }
  try {
    await runSteps([step], { output: process.stderr })
  } finally {
    warnings.forEach(onWarning)
  }
  const [result] = results
  if (result === undefined) throw new Error('a step that succeeded gave no result')
  return result
}
