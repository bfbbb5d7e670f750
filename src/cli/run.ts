import { type Command, InvalidArgumentError, Option } from 'commander'
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
    .option('-B, --background <seconds>', 'run as a job that may take that long', positive)
    .option('-P, --poll <seconds>', 'with -B: how often the job is asked for; 0 leaves it alone (default: 15)', count)
    .option('--task-timeout <seconds>', 'time limit of the task', positive)
    .option('-o, --one-line', 'one line for each host')
    .option('--list-hosts', 'list the hosts and end')
    .option('--playbook-dir <folder>', 'where roles, files, group_vars and host_vars are looked for')
    .option('-v, --verbose', 'say more; again for still more', (_value, before: number) => before + 1, 0)
    .option('-t, --tree <folder>', 'write the result of each host into a file of its name there')
    .option('--json', 'events as JSON lines: --output json')
    .addOption(new Option('--output <form>', 'how results are shown').choices(['plain', 'json']))
    .action(async (pattern: string, flags: RunFlags) => {
      const { runModule } = await import('./run-module.ts')
      process.exitCode = await runModule(pattern, flags)
    })
}

function count(value: string): number {
  if (/^\d+$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a whole number.')
}
