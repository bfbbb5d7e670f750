import type { RunOptions } from '../engine/engine.ts'
import { selectedByTags } from '../engine/tags.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { select } from '../inventory/pattern.ts'
import { type ListedPlay, listTasks } from '../playbook/list.ts'
import type { Playbook } from '../playbook/types.ts'
import type { PlayFlags } from './play.ts'

/** `--list-hosts`, `--list-tasks`, `--list-tags` and `--syntax-check`, in Ansible's layout. */
export function showLists(
  playbooks: readonly Playbook[],
  inventory: Inventory,
  options: RunOptions,
  flags: PlayFlags,
): void {
  for (const playbook of playbooks) {
    const lines = ['', `playbook: ${playbook.file}`]
    if (flags.listHosts || flags.listTasks || flags.listTags) {
      const plays = listTasks(playbook, tags => selectedByTags(tags, options.tags, options.skipTags))
      for (const [i, listed] of plays.entries()) lines.push('', ...describe(listed, i + 1, inventory, options, flags))
    }
    process.stdout.write(`${lines.join('\n')}\n`)
  }
}

function describe(
  listed: ListedPlay,
  number: number,
  inventory: Inventory,
  options: RunOptions,
  flags: PlayFlags,
): string[] {
  const { play, tags, tasks, taskTags } = listed
  const lines = [`  play #${number} (${play.hosts.value}): ${play.name}\tTAGS: [${tags.join(', ')}]`]
  if (flags.listHosts) {
    const { hosts } = select(inventory, String(play.hosts.value), { limit: options.limit, at: play.hosts.at })
    lines.push(
      `    pattern: ['${play.hosts.value}']`,
      `    hosts (${hosts.length}):`,
      ...hosts.map(host => `      ${host}`),
    )
  }
  if (flags.listTasks)
    lines.push('    tasks:', ...tasks.map(task => `      ${task.name}\tTAGS: [${task.tags.join(', ')}]`))
  if (flags.listTags) lines.push(`      TASK TAGS: [${taskTags.join(', ')}]`)
  return lines
}
