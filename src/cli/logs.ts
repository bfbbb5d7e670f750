import type { Command } from 'commander'
import { addProjectFlags } from './on-server.ts'
import { positive } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

interface Flags extends ReachFlags {
  readonly follow?: boolean
  readonly tail: number
  readonly since?: string
}

/** `mlops logs [service] -f`: what containers say, of all servers. */
export function register(program: Command): void {
  addProjectFlags(program.command('logs [service...]'))
    .summary('Show what the services say')
    .description(
      'Shows the last lines of the services, of all copies on all servers, each line with the name of its container.',
    )
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-n, --tail <lines>', 'how many lines of each copy', positive, 50)
    .option('--since <time>', 'only later ones: 10m, seconds, or 2026-01-31T12:00:00Z')
    .action(async (services: readonly string[], flags: Flags) => {
      const { clusterProject } = await import('./k8s-target.ts')
      const project = clusterProject(flags.project)
      if (project !== undefined) {
        const { showClusterLogs } = await import('./k8s-logs.ts')
        const { since, follow, tail } = flags
        process.exitCode = await showClusterLogs(services, {
          project: project.file,
          tail,
          ...(follow === undefined ? {} : { follow }),
          ...(since === undefined ? {} : { since }),
        })
        return
      }
      const { swarmProject } = await import('./swarm-target.ts')
      const inSwarm = swarmProject(flags.project)
      if (inSwarm !== undefined) {
        const { swarmLogs } = await import('./swarm-logs.ts')
        process.exitCode = await swarmLogs(inSwarm, services, flags)
        return
      }
      const { logs } = await import('./logs-run.ts')
      process.exitCode = await logs(services, flags)
    })
}
