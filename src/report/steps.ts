import { isLiveTerminal, type Output } from './output.ts'
import { duration, oneLine } from './text.ts'

/** One step of a short list; `say` shows what it is at. */
export interface Step {
  readonly title: string
  run(say: (text: string) => void): Promise<void>
}

export interface StepsOptions {
  readonly output: Output
  /** All at once instead of one after the other. */
  readonly concurrent?: boolean
  /** What is in force for the live list; by default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Runs a short list of steps and shows how far it is: a live list on a terminal, else a line when a step begins and
 * one when it is done, with its seconds. The first failure is thrown; steps behind it are not begun.
 */
export async function runSteps(
  steps: readonly Step[],
  { output, concurrent = false, env = process.env }: StepsOptions,
): Promise<void> {
  // listr2 asks standard output for the width, whatever it writes to.
  const isLive = isLiveTerminal(output, env) && isLiveTerminal(process.stdout, env)
  if (isLive) return runLive(steps, { concurrent, output: output === process.stderr ? 'stderr' : 'stdout' })
  const run = (step: Step) => runPlain(step, output)
  if (concurrent) await allSettled(steps.map(run))
  else for (const step of steps) await run(step)
}

async function runPlain({ title, run }: Step, output: Output): Promise<void> {
  const started = performance.now()
  output.write(`${title} …\n`)
  let said = ''
  try {
    await run(text => {
      const line = oneLine(text)
      if (line !== said) output.write(`  ${title}: ${line}\n`)
      said = line
    })
  } catch (error) {
    output.write(`${title}: failed after ${duration(performance.now() - started)}\n`)
    throw error
  }
  output.write(`${title}: done (${duration(performance.now() - started)})\n`)
}

/** Every step comes to its end before the first error is thrown: nothing goes on in the background. */
async function allSettled(running: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(running)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function runLive(
  steps: readonly Step[],
  { concurrent, output }: { concurrent: boolean; output: 'stdout' | 'stderr' },
): Promise<void> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2')
  const { stdout, stderr } = process
  const processOutput = output === 'stdout' ? new ProcessOutput(stdout, stderr) : new ProcessOutput(stderr, stdout)
  const list = new Listr(
    steps.map(({ title, run }) => ({
      title,
      task: async (_: unknown, task: { title: string; output: string }) => {
        const started = performance.now()
        await run(text => {
          task.output = oneLine(text)
        })
        task.title = `${title} (${duration(performance.now() - started)})`
      },
    })),
    {
      concurrent,
      exitOnError: !concurrent,
      collectErrors: 'minimal',
      // Ctrl-C belongs to the command, which knows what must be ended.
      registerSignalListeners: false,
      rendererOptions: {
        collapseErrors: false,
        showErrorMessage: false,
        logger: new ListrLogger({ useIcons: false, toStderr: [], processOutput }),
      },
    },
  )
  await list.run()
  const [first] = list.errors
  if (first) throw first.error ?? first
}
