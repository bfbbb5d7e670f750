import type { Command } from 'commander'
import { addProjectFlags, onServer } from './on-server.ts'
import type { ReachFlags } from './session.ts'
import { textOf } from './show-text.ts'

interface Flags extends ReachFlags {
  readonly train: boolean
  readonly forceModel?: boolean
  readonly message?: string
  readonly branch?: string
}

/** `mlops deliver`: train, commit and push on the development server. */
export function register(program: Command): void {
  addProjectFlags(program.command('deliver'))
    .summary('Train a model on the development server and push it to production')
    .description(
      'Trains on the development server, commits the model, and pushes it to production, where it is judged and goes live.\n' +
        'What follows -- is passed to the training: mlops deliver american -- --alpha 0.5. Exit status: 0 live, 1 refused.',
    )
    .argument('[model]', 'diabetes or american (default: the one that mlops.yml names under delivery, else diabetes)')
    .argument('[options...]', 'options of the training, behind --')
    .option('--no-train', 'push what lies in the repository')
    .option('--force-model', 'let it go live although it is worse: recorded')
    .option('-m, --message <text>', 'the message of the commit')
    .option('--branch <name>', 'the branch to push')
    .action(
      async (_model: unknown, _training: unknown, flags: Flags, command: Command) => await run(command.args, flags),
    )
}

async function run(args: readonly string[], flags: Flags): Promise<void> {
  const { push, pusher } = await import('../delivery/push.ts')
  // what begins with - stood behind --, and is for the training
  const [model, training] = args[0]?.startsWith('-') ? [undefined, args] : [args[0], args.slice(1)]
  const status = await onServer(flags, pusher, line =>
    push(line, { ...flags, model, training }, textOf(process.stdout).show),
  )
  process.exitCode = status === 0 ? 0 : 1
}
