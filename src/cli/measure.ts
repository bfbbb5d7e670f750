import { type Command, Option } from 'commander'
import { MlopsError } from '../errors.ts'
import type { ArrivalFlags } from './measure-arrival.ts'
import type { DeliveryFlags } from './measure-delivery.ts'
import type { ProvisionFlags } from './measure-provision.ts'
import type { DowntimeFlags } from './measure-run.ts'
import { addProjectFlags } from './on-server.ts'
import { addPlayFlags } from './play.ts'
import { addReachFlags, positive } from './reach-flags.ts'

/** `mlops measure downtime|delivery|provision`: what users see while something happens, and how long it takes. */
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
  addMeasureFlags(measure.command('delivery [model-or-command...]'))
    .summary('How long models take from a push, or a rollout, until users get their predictions')
    .description(
      'Trains models on the development server and pushes them one after the other while users ask, and says how long each step\n' +
        'took: train, push, gate, switch, and from the verdict to the first answer of the new and the last of the old release.\n' +
        'They are trained briefly, and forced. What was live is live again afterwards. Exit status: 0 all went live and nothing failed, 2 not so.\n' +
        'On Kubernetes it runs mlops deploy, or the command behind --, once, and says how long it takes until another release answers:\n' +
        'mlops measure delivery -- mlops deploy --version 9c1b2d7',
    )
    .option('--count <number>', 'how many models', positive, 5)
    .option('--within <seconds>', 'on Kubernetes: how long another release may take (default: 600)', positive)
    .action(async (words: readonly string[], flags: DeliveryFlags & ArrivalFlags) => {
      const { clusterProject } = await import('./k8s-target.ts')
      if (clusterProject(flags.project) !== undefined) {
        const { measureArrival } = await import('./measure-arrival.ts')
        process.exitCode = await measureArrival(words, flags)
        return
      }
      const { delivery } = await import('./measure-delivery.ts')
      process.exitCode = await delivery(oneModel(words), flags)
    })
  addPlayFlags(addReachFlags(measure.command('provision')))
    .summary('How long it takes from nothing to the first prediction, cold and with baked images')
    .description(
      'Makes servers like those of mlops.yml beside them, plays the playbook, asks until the first prediction comes, and removes\n' +
        'the servers: once with the images of mlops.yml, once with those of mlops bake, where there are any. The servers of the\n' +
        'project are not touched.',
    )
    .option('--playbook <file>', "the playbook (default: the project's playbooks/configuration.yml, or ours)")
    .addOption(new Option('--only <way>', 'one of both').choices(['cold', 'baked']))
    .option('--json', 'as JSON')
    .action(async (flags: ProvisionFlags) => {
      const { measureProvision } = await import('./measure-provision.ts')
      process.exitCode = await measureProvision(flags)
    })
}

function oneModel([model, ...more]: readonly string[]): string | undefined {
  if (more.length === 0) return model
  throw new MlopsError('measure.words', `one model, not ${more.length + 1}`, {
    hint: 'mlops measure downtime -- COMMAND measures what a command does',
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
