import type { Command } from 'commander'
import { addProjectFlags, onServers, servingServers } from './on-server.ts'
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
  process.exitCode = await onServers(flags, servingServers, async (opened, project) => {
    const { lines, problems } = opened
    const last = rollout.lastLive(await releases.history(lines, project))
    if (last === undefined) {
      if (problems[0]) throw problems[0]
      throw new MlopsError('rollback.nothing', `nothing went live on ${project.delivery.to} since it was set up`, {
        hint: 'mlops history shows what happened',
      })
    }
    process.stdout.write(`Taking back: ${last.what} of ${last.to}, by ${last.who} at ${last.at}\n`)
    const { show } = textOf(process.stdout)
    const receiver = lines.get(project.delivery.to)
    if (problems[0] && (last.what === 'deploy' || receiver === undefined)) throw problems[0]
    if (last.what === 'deploy' || receiver === undefined)
      return await rollout.rollOut(lines, project, { version: last.from.replace(/^.*:/, '') }, { show })
    process.stdout.write((await releases.rollback(receiver, project, last.model, undefined)).stdout)
    return 0
  })
}
