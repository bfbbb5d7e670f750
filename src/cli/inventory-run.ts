import { writeFileSync } from 'node:fs'
import { MlopsError } from '../errors.ts'
import type { Group, Inventory } from '../inventory/inventory.ts'
import { hostOf, select } from '../inventory/pattern.ts'
import { didYouMean } from '../near.ts'
import { extraVars } from './extra-vars.ts'
import { InventoryView } from './inventory-view.ts'
import { writeInto } from './output-folder.ts'
import { openSession, type ReachFlags } from './session.ts'
import { asJson, asYaml } from './vars-text.ts'

/** Flags of `mlops inventory`, as `ansible-inventory` names them. */
export interface InventoryFlags extends ReachFlags {
  readonly limit?: string
  readonly playbookDir?: string
  readonly list?: boolean
  readonly host?: string
  readonly graph?: boolean
  readonly vars?: boolean
  readonly yaml?: boolean
  readonly toml?: boolean
  readonly export?: boolean
  readonly output?: string
}

/** Shows the inventory in the layout that the flags ask for. */
export function showInventory(groupName: string, flags: InventoryFlags): void {
  const asked = [flags.list, flags.host !== undefined, flags.graph].filter(Boolean).length
  if (asked !== 1) {
    throw new MlopsError('cli.inventory', 'give one of --list, --host NAME and --graph', {
      hint: 'mlops inventory --graph shows a tree of groups and hosts',
    })
  }
  if (flags.toml) throw new MlopsError('cli.inventory', '--toml is not supported', { hint: 'use --yaml, or JSON' })
  const { inventory } = openSession(flags, flags.playbookDir ?? process.cwd())
  for (const warning of inventory.warnings) process.stderr.write(`[WARNING]: ${warning}\n`)
  const view = new InventoryView(inventory, {
    extraVars: extraVars(flags.extraVars ?? []),
    exported: flags.export === true,
    limit: flags.limit === undefined ? undefined : new Set(select(inventory, 'all', { limit: flags.limit }).hosts),
  })
  const text = shown(view, groupNamed(inventory, groupName), flags)
  const { output } = flags
  if (output === undefined) process.stdout.write(text)
  else writeInto(output, 'cli.inventory', () => writeFileSync(output, text))
}

function shown(view: InventoryView, group: Group, flags: InventoryFlags): string {
  const write = flags.yaml ? asYaml : asJson
  if (flags.host !== undefined) return write(view.hostVars(known(view.inventory, flags.host)))
  if (flags.graph) return `${view.graph(group, flags.vars === true).join('\n')}\n`
  return flags.yaml ? asYaml(view.tree(group)) : asJson(view.list(group))
}

function known(inventory: Inventory, name: string): string {
  if (hostOf(inventory, name)) return name
  throw new MlopsError('inventory.no-host', `there is no host \`${name}\` in the inventory`, {
    hint: didYouMean(name, inventory.hosts.keys()),
  })
}

function groupNamed(inventory: Inventory, name: string): Group {
  const group = inventory.groups.get(name)
  if (group) return group
  throw new MlopsError('inventory.no-group', `there is no group \`${name}\` in the inventory`, {
    hint: didYouMean(name, inventory.groups.keys()),
  })
}
