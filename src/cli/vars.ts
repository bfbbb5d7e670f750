import type { Command } from 'commander'
import { addVaultFlags, collect } from './reach-flags.ts'
import type { VarsFlags } from './vars-layers.ts'

/** `mlops vars HOST [NAME]`. */
export function register(program: Command): void {
  const command = program
    .command('vars <host> [name]')
    .summary("Show a host's variables and where each was set")
    .description('Shows every layer that sets a variable of a host, the one that wins first, with its place.')
  addVaultFlags(command)
    .option('-i, --inventory <source>', 'inventory file, folder, or host list with commas; may be given again', collect)
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-e, --extra-vars <vars>', 'name=value, JSON, or @file; may be given again', collect)
    .option('-p, --playbook <file>', "with the variables of this playbook's plays and roles")
    .option('--json', 'as JSON')
    .action(async (host: string, name: string | undefined, flags: VarsFlags) => {
      const { showVars } = await import('./vars-layers.ts')
      process.stdout.write(await showVars(host, name, flags))
    })
}
