import type { Command } from 'commander'
import { addReachFlags, positive } from './reach-flags.ts'
import type { RunFlags } from './run-module.ts'

/** `mlops run PATTERN -m MODULE -a ARGS`. */
export function register(program: Command): void {
  const command = program
    .command('run <pattern>')
    .summary('Run one module on hosts')
    .description('Runs one module on the hosts of a pattern, as `ansible` does.\nExit status: as for mlops play.')
  addReachFlags(command)
    .option('-m, --module-name <module>', 'the module', 'command')
    .option('-a, --args <args>', 'its arguments: key=value, free text, or JSON', '')
    .option('-l, --limit <pattern>', 'only these of the hosts')
    .option('-C, --check', 'change nothing, say what would change')
    .option('-D, --diff', 'show what changes in files')
    .option('-B, --background <seconds>', 'time limit of the task', positive)
    .option('--task-timeout <seconds>', 'time limit of the task', positive)
    .option('-o, --one-line', 'one line for each host')
    .option('--list-hosts', 'list the hosts and end')
    .option('--playbook-dir <folder>', 'where roles, files, group_vars and host_vars are looked for')
    .option('-v, --verbose', 'say more; again for still more', (_value, before: number) => before + 1, 0)
    .option('--json', 'events as JSON lines')
    .action(async (pattern: string, flags: RunFlags) => {
      const { runModule } = await import('./run-module.ts')
      process.exitCode = await runModule(pattern, flags)
    })
}
