import { type Command, Option } from 'commander'
import type { LintFlags } from './lint-run.ts'
import { addVaultFlags, collect } from './reach-flags.ts'

/** `mlops lint FILE…`. */
export function register(program: Command): void {
  const command = program
    .command('lint <file...>')
    .summary('Find mistakes and risky patterns in playbooks and user data')
    .description(
      'Finds what a play would refuse, and what is allowed but probably not meant. A comment `# noqa` keeps a line from being told.\n' +
        "User data of cloud-init is checked against cloud-init's own schema.\n" +
        'Exit status: 0 nothing is wrong, 1 something is; with --strict, for warnings, too.',
    )
  addVaultFlags(command)
    .option('-i, --inventory <source>', 'inventory, to know which variables there are; may be given again', collect)
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-e, --extra-vars <vars>', 'name=value, JSON, or @file; may be given again', collect)
    .option('--strict', 'warnings count as mistakes')
    .option('--json', 'one JSON line for each finding: --output json')
    .addOption(new Option('--output <form>', 'how findings are shown').choices(['plain', 'json']))
    .action(async (playbooks: readonly string[], flags: LintFlags) => {
      const { lintPlaybooks } = await import('./lint-run.ts')
      process.exitCode = await lintPlaybooks(playbooks, flags)
    })
}
