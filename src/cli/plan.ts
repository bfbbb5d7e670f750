import type { Command } from 'commander'
import { addPlayFlags, type PlayFlags } from './play.ts'
import { addReachFlags } from './reach-flags.ts'

/** Flags of `mlops plan`. */
export interface PlanFlags extends PlayFlags {
  readonly out?: string
  readonly detailedExitcode?: boolean
}

/** `mlops plan PLAYBOOK…`. */
export function register(program: Command): void {
  const command = program
    .command('plan <playbook...>')
    .summary('Show what a play would do, without doing it')
    .description(
      'Looks at the hosts and shows what playbooks would create, change and remove there, and what is unknown until it is applied.\n' +
        'Exit status: 0, or with --detailed-exitcode 3 when there is something to do; 1 the input is wrong, 2 a host failed, 4 a host was unreachable.',
    )
  addPlayFlags(addReachFlags(command))
    .option('--out <file>', 'save the plan, for mlops play --plan')
    .option('--detailed-exitcode', 'exit status 3 when there is something to do')
    .option('--json', 'the plan as JSON')
    .action(async (playbooks: readonly string[], flags: PlanFlags) => {
      const { plan } = await import('./plan-run.ts')
      process.exitCode = await plan(playbooks, flags)
    })
}
