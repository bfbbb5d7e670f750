import type { Command } from 'commander'
import { addProjectFlags, onServer } from './on-server.ts'
import type { ReachFlags } from './session.ts'
import { textOf } from './show-text.ts'

/** `mlops rollback`: undoes the last thing that went live. */
export function register(program: Command): void {
  addProjectFlags(program.command('rollback'))
    .summary('Take the last change back, of code or of a model')
    .description(
      'Takes back the last thing that went live: new code, or a new model. Again: it goes live once more.\n' +
        'mlops model rollback takes back a model whatever happened since. Exit status: 0 live, 2 it cannot be.',
    )
    .action(run)
}

async function run(flags: ReachFlags): Promise<void> {
  const [releases, rollout, { MlopsError }] = await Promise.all([
    import('../delivery/releases.ts'),
    import('../delivery/rollout.ts'),
    import('../errors.ts'),
  ])
  process.exitCode = await onServer(
    flags,
    project => project.delivery.to,
    async (line, project) => {
      const last = rollout.lastLive(await releases.history(line, project))
      if (last === undefined) {
        throw new MlopsError('rollback.nothing', `nothing went live on ${project.delivery.to} since it was set up`, {
          hint: 'mlops history shows what happened',
        })
      }
      process.stdout.write(`Taking back: ${last.what} of ${last.to}, by ${last.who} at ${last.at}\n`)
      if (last.what === 'deploy') return rollout.rollBack(line, project, textOf(process.stdout).show)
      process.stdout.write((await releases.rollback(line, project, last.model, undefined)).stdout)
      return 0
    },
  )
}
