import type { Command } from 'commander'
import type { DeliveryFlags } from './measure-delivery.ts'
import type { DowntimeFlags } from './measure-run.ts'
import { addProjectFlags } from './on-server.ts'
import { positive } from './reach-flags.ts'

/** `mlops measure downtime|delivery`: asks at a constant rate while something happens, and says what users saw. */
export function register(program: Command): void {
  const measure = program
    .command('measure')
    .summary('Measure deliveries, and how long the service is away')
    .description('Asks the service at a constant rate while something happens, and says what its users saw of it.')
  addMeasureFlags(measure.command('downtime [command...]'))
    .summary('What users see while a command runs: mlops measure downtime -- mlops scale worker=3')
    .description(
      'Asks at a constant rate while the command behind -- runs (or for --seconds), and says which requests failed, how long\n' +
        'nothing was answered, and which release answered when. Exit status: 0 nothing failed, 2 something did, or the command.',
    )
    .option('--seconds <number>', 'how long, without a command', positive, 10)
    .option('--requests <number>', 'how many at least', positive)
    .option('--after <seconds>', 'how long after the command has ended', positive, 3)
    .action(async (command: readonly string[], flags: DowntimeFlags) => {
      const { downtime } = await import('./measure-run.ts')
      process.exitCode = await downtime(command, flags)
    })
  addMeasureFlags(measure.command('delivery [model]'))
    .summary('How long models take from a push until users get their predictions')
    .description(
      'Trains models on the development server and pushes them one after the other while users ask, and says how long each step\n' +
        'took: train, push, gate, switch, and from the verdict to the first answer of the new and the last of the old release.\n' +
        'They are trained briefly, and forced. What was live is live again afterwards. Exit status: 0 all went live and nothing failed, 2 not so.',
    )
    .option('--count <number>', 'how many', positive, 5)
    .action(async (model: string | undefined, flags: DeliveryFlags) => {
      const { delivery } = await import('./measure-delivery.ts')
      process.exitCode = await delivery(model, flags)
    })
}

function addMeasureFlags(command: Command): Command {
  return addProjectFlags(command)
    .option('--url <address>', 'what is asked (default: the application: its /version, or predictions)')
    .option('--post <json>', 'a body to send')
    .option('--rate <number>', 'requests a second', positive, 100)
    .option('--timeout <seconds>', 'until a request counts as failed', positive, 10)
    .option('--report <file>', 'write a page with plots')
    .option('--json', 'as JSON')
}
