import type { Command } from 'commander'
import { type AskFlags, addAskFlags } from './predict.ts'
import { positive } from './reach-flags.ts'

export interface EvaluateFlags extends AskFlags {
  readonly data: string
  readonly concurrency: number
}

/** `mlops evaluate`: the accuracy of what runs, asked from outside as its users ask. */
export function register(program: Command): void {
  addAskFlags(program.command('evaluate'))
    .summary('Ask the running application about rows whose answer is known, and say how good it is')
    .description(
      'Asks the application about each row of a file, several at a time, and says how many answers are right, which are\n' +
        'mistaken for what, how long they took, and which release gave them. The file has a header with the columns text and\n' +
        'country_code, or rows of eight numbers and the answer. Exit status: 0 all rows answered, 2 some were not.',
    )
    .requiredOption('--data <file>', 'the rows: CSV')
    .option('--concurrency <number>', 'how many are asked at a time', positive, 16)
    .action(async (flags: EvaluateFlags) => {
      const { evaluate } = await import('./evaluate-run.ts')
      process.exitCode = await evaluate(flags)
    })
}
