import { type Command, Option } from 'commander'
import { outputs } from '../report/reporter.ts'
import { addProjectFlags } from './on-server.ts'
import { addReachFlags, positive } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

export interface SwarmApplyFlags extends ReachFlags {
  readonly check?: boolean
  readonly image?: string
  readonly json?: boolean
  readonly output?: (typeof outputs)[number]
  /** Seconds. */
  readonly wait?: number
}

/** `mlops swarm`: the application on servers that are a Docker Swarm. */
export function register(program: Command): void {
  const swarm = program
    .command('swarm')
    .summary('Run the application on servers that are a Docker Swarm')
    .description('Makes a Docker Swarm of the servers of the project, and deploys the application there as a stack.')
  swarm
    .command('render')
    .summary('Write the stack file')
    .description('Writes the stack file that apply deploys: version 3.8, the same text for the same project.')
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('--image <image>', 'this image in place of the one in mlops.yml')
    .option('-o, --output <dir>', 'a folder for the file, with the models that it names')
    .action(async (flags: { project?: string; image?: string; output?: string }) => {
      const { renderStack } = await import('./swarm-render.ts')
      renderStack(flags)
    })
  addReachFlags(swarm.command('apply'))
    .summary('Make the swarm, and bring the application up')
    .description(
      'Installs what the servers need, makes a swarm of them, deploys the application there, and waits until it runs.\n' +
        'Servers that the project has no more are emptied and taken out. Without anything to do, it changes nothing.\n' +
        'Exit status: 0 it runs, 1 the input is wrong, 2 something failed or was taken back, 4 a server was unreachable.',
    )
    .option('-C, --check', 'change nothing, say what would change')
    .option('--image <image>', 'this image in place of the one in mlops.yml')
    .option('--wait <seconds>', 'how long services may take until they run (default: 300)', positive)
    .option('--json', 'what was done, as JSON')
    .addOption(new Option('--output <form>', 'how the run on the servers is shown').choices(outputs))
    .action(async (flags: SwarmApplyFlags) => {
      const { applySwarm } = await import('./swarm-apply.ts')
      process.exitCode = await applySwarm(flags)
    })
  addProjectFlags(swarm.command('status'))
    .summary('Show servers, services and where their copies run')
    .description('The same as mlops status.')
    .option('--json', 'as JSON')
    .option('-w, --watch [seconds]', 'again every few seconds (default: 2) until Ctrl-C', positive)
    .action(async flags => {
      const { showSwarmStatus } = await import('./swarm-status.ts')
      process.exitCode = await showSwarmStatus(flags)
    })
  addProjectFlags(swarm.command('rollback'))
    .summary('Take the last deployment back')
    .description(
      'Puts the image, the models and the settings before the last deployment in force again; numbers of copies stay.\n' +
        'Again: it goes live once more. Exit status: 0 it runs, 1 there is nothing to go back to, 2 it does not come up.',
    )
    .action(async (flags: ReachFlags) => {
      const { rollBackSwarm } = await import('./swarm-rollback.ts')
      process.exitCode = await rollBackSwarm(flags)
    })
  addProjectFlags(swarm.command('delete'))
    .summary('Remove the application and the swarm')
    .description(
      "Asks, removes the stack with its secrets, models and the broker's data, and takes the swarm apart. Servers and images stay.",
    )
    .option('-y, --yes', 'do not ask')
    .option('--keep-swarm', 'leave the servers together')
    .action(async (flags: ReachFlags & { yes?: boolean; keepSwarm?: boolean }) => {
      const { deleteSwarm } = await import('./swarm-delete.ts')
      process.exitCode = await deleteSwarm(flags)
    })
}
