import type { Command } from 'commander'
import type { RollbackFlags } from './k8s-rollback-commit.ts'
import { addProjectFlags, onServers, servingServers } from './on-server.ts'
import { positive } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'
import { textOf } from './show-text.ts'

/** `mlops rollback`: undoes the last thing that went live. */
export function register(program: Command): void {
  addProjectFlags(program.command('rollback'))
    .summary('Take the last change back, of code or of a model')
    .description(
      'Takes back the last thing that went live: new code, or a new model. Again: it goes live once more.\n' +
        'mlops model rollback takes back a model whatever happened since. Exit status: 0 live, 2 it cannot be.\n' +
        'In a swarm: what the last mlops swarm apply deployed.\n' +
        'On Kubernetes: commits the image and the models that were published before, or takes the last rollout back where nothing is published.',
    )
    .option('--wait [seconds]', 'on Kubernetes: wait until the cluster runs it (default: 300)', positive)
    .option('--no-check', 'on Kubernetes: do not ask the registry whether the image is there')
    .option('--dry-run', 'on Kubernetes: show what would change, where it is a commit')
    .option('--json', 'on Kubernetes: as JSON')
    .action(async (flags: ReachFlags & RollbackFlags) => {
      const { clusterProject } = await import('./k8s-target.ts')
      const project = clusterProject(flags.project)
      if (project === undefined) {
        const { swarmProject } = await import('./swarm-target.ts')
        if (swarmProject(flags.project) === undefined) return await run(flags)
        const { rollBackSwarm } = await import('./swarm-rollback.ts')
        process.exitCode = await rollBackSwarm(flags)
        return
      }
      const { rollBackOnCluster } = await import('./k8s-rollback-commit.ts')
      process.exitCode = await rollBackOnCluster(project, flags)
    })
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
