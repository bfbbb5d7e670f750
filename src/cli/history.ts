import type { Command } from 'commander'
import { addProjectFlags, onServers, servingServers, warnOf } from './on-server.ts'
import type { ReachFlags } from './session.ts'

interface Flags extends ReachFlags {
  readonly json?: boolean
  readonly lines: number
}

/** `mlops history`: what was delivered, taken back and refused, by whom, as the servers remember it. */
export function register(program: Command): void {
  addProjectFlags(program.command('history'))
    .summary('Show who delivered what, and when')
    .description('Shows what was delivered, taken back and refused on the production servers, the newest last.')
    .option('-n, --lines <number>', 'how many', Number, 20)
    .option('--json', 'as JSON')
    .action(async (flags: Flags) => {
      const { history } = await import('../delivery/releases.ts')
      const { all, servers } = await onServers(flags, servingServers, async (opened, project) => {
        if (opened.lines.size === 0) throw opened.problems[0]
        if (warnOf(opened)) process.exitCode = 4
        return { all: await history(opened.lines, project), servers: servingServers(project) }
      })
      const shown = all.slice(-flags.lines)
      if (flags.json) {
        process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
        return
      }
      const { table } = await import('../report/table.ts')
      process.stdout.write(
        table(
          [
            'WHEN',
            ...(servers.length > 1 ? ['SERVER'] : []),
            'WHAT',
            'MODEL',
            'FROM',
            'TO',
            'RESULT',
            'WHO',
            'SECONDS',
          ],
          shown.map(row => [
            row.at.replace('T', ' ').replace('Z', ''),
            ...(servers.length > 1 ? [row.server] : []),
            row.what,
            row.model || '-',
            row.from || '-',
            row.to || '-',
            row.result,
            row.who,
            (row.ms / 1000).toFixed(2),
          ]),
        ),
      )
    })
}
