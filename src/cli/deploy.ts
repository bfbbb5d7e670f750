import { type Command, InvalidArgumentError } from 'commander'
import { addProjectFlags, onServer } from './on-server.ts'
import { positive } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'
import { textOf } from './show-text.ts'

interface Flags extends ReachFlags {
  readonly version?: string
  readonly canary?: number
  readonly watch?: number
  readonly maxErrors?: number
  readonly maxSlower?: number
  readonly wait?: number
}

/** `mlops deploy`: new code beside the old, then in its place. */
export function register(program: Command): void {
  addProjectFlags(program.command('deploy'))
    .summary('Put new code of the application live without an outage')
    .description(
      'Builds the image of the code on the production server, starts it beside what is live, waits until it is well, moves\n' +
        'the requests there, and replaces the old. Exit status: 0 live, 2 it did not do and the old one serves, 75 another deploys.',
    )
    .option('--version <tag>', 'a version that was built before, instead of building')
    .option('--canary <percent>', 'first this share of the requests, watched', percent)
    .option('--watch <seconds>', 'how long the canary is watched (default: 20)', positive)
    .option('--max-errors <percent>', 'more failed requests than this end it (default: 1)', percent)
    .option('--max-slower <factor>', 'answers that take this much longer end it (default: 3)', positive)
    .option('--wait <seconds>', 'how long new copies may take to be well (default: 90)', positive)
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const { rollOut } = await import('../delivery/rollout.ts')
  if (flags.version === undefined) {
    const status = await build(flags)
    if (status !== 0) {
      process.exitCode = status
      return
    }
  }
  process.exitCode = await onServer(
    flags,
    project => project.delivery.to,
    (line, project) =>
      rollOut(
        line,
        project,
        {
          ...(flags.version === undefined ? {} : { version: flags.version }),
          ...(flags.canary === undefined ? {} : { canary: flags.canary }),
          ...(flags.watch === undefined ? {} : { watchSeconds: flags.watch }),
          ...(flags.maxErrors === undefined ? {} : { maxErrorsPercent: flags.maxErrors }),
          ...(flags.maxSlower === undefined ? {} : { maxSlower: flags.maxSlower }),
          ...(flags.wait === undefined ? {} : { timeoutSeconds: flags.wait }),
        },
        textOf(process.stdout).show,
      ),
  )
}

/** Plays the part that builds; gives its exit status. */
async function build(flags: Flags): Promise<number> {
  const [{ play }, { ownPlaybook }] = await Promise.all([import('./play-run.ts'), import('./own-playbook.ts')])
  return await play([ownPlaybook('image.yml', flags)], { ...flags, lookAhead: true })
}

function percent(text: string): number {
  const value = Number(text.replace(/%$/, ''))
  if (Number.isInteger(value) && value > 0 && value < 100) return value
  throw new InvalidArgumentError('It must be a whole number of per cent, from 1 to 99.')
}
