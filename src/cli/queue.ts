import type { Command } from 'commander'
import { addProjectFlags } from './on-server.ts'
import type { ReachFlags } from './session.ts'

export interface QueueFlags extends ReachFlags {
  readonly retry?: boolean
  readonly purge?: boolean
  readonly json?: boolean
}

/** `mlops queue`: what waits, and the jobs that nobody could answer. */
export function register(program: Command): void {
  addProjectFlags(program.command('queue'))
    .summary('Show what waits in the queue, and the jobs that were put aside')
    .description(
      'Shows how many jobs wait, and those that were put aside because they could not be read, failed too often, or ended their\n' +
        'worker. Asked inside of a container of the application: nothing of it is published.',
    )
    .option('--retry', 'give jobs that were put aside back to the workers; nobody waits for their answers any more')
    .option('--purge', 'drop them')
    .option('--json', 'as JSON')
    .action(async (flags: QueueFlags) => {
      const { queue } = await import('./queue-run.ts')
      process.exitCode = await queue(flags)
    })
}
