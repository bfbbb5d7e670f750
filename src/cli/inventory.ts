import { type Command, Option } from 'commander'
import type { InventoryFlags } from './inventory-run.ts'
import { addVaultFlags, collect } from './reach-flags.ts'

/** `mlops inventory --list|--host|--graph`. */
export function register(program: Command): void {
  const command = program
    .command('inventory [group]')
    .summary('Show hosts, groups and their variables')
    .description('Shows the inventory as ansible-inventory does. Templates stay as they are written.')
  addVaultFlags(command)
    .option('-i, --inventory <source>', 'inventory file, folder, or host list with commas; may be given again', collect)
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-e, --extra-vars <vars>', 'name=value, JSON, or @file; may be given again', collect)
    .option('-l, --limit <pattern>', 'only these of the hosts')
    .option('--playbook-dir <folder>', 'where group_vars and host_vars of the playbook lie')
    .option('--list', 'all groups and hosts as JSON')
    .option('--host <name>', 'the variables of one host')
    .option('--graph', 'groups and hosts as a tree')
    .option('--vars', 'with --graph: variables, too')
    .option('-y, --yaml', 'YAML instead of JSON')
    .addOption(new Option('--toml').hideHelp())
    .option('--export', 'with --list: variables of groups stay with their groups')
    .option('--output <file>', 'write there instead of to standard output')
    .action(async (group: string | undefined, flags: InventoryFlags) => {
      const { showInventory } = await import('./inventory-run.ts')
      showInventory(group ?? 'all', flags)
    })
}
