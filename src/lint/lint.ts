import type { MlopsError } from '../errors.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { ModuleRegistry } from '../modules/module.ts'
import { flatten } from '../playbook/list.ts'
import type { LoadedPlaybook } from '../playbook/load.ts'
import type { Task } from '../playbook/types.ts'
import { undefinedNames, unusedNames } from './names.ts'
import { riskyTask } from './tasks.ts'

export interface LintOptions {
  readonly modules: ModuleRegistry
  /** Without one, nothing can be said of names that are not defined. */
  readonly inventory: Inventory | undefined
  readonly extraVars: Readonly<Record<string, unknown>>
}

/** What is allowed in a playbook but probably not meant, in the order of files and lines. A line with `# noqa` is left alone. */
export function lint(
  { playbook, loader }: LoadedPlaybook,
  { modules, inventory, extraVars }: LintOptions,
): MlopsError[] {
  const findings: MlopsError[] = []
  for (const [i, play] of playbook.plays.entries()) {
    const tasks = [...flatten(play.steps), ...play.handlers].filter((step): step is Task => step.kind === 'task')
    for (const task of tasks) findings.push(...riskyTask(task, modules))
    if (inventory)
      findings.push(
        ...undefinedNames(play, {
          earlier: playbook.plays.slice(0, i),
          inventory: inventory.beside?.(play.directory) ?? inventory,
          extraVars,
          loader,
        }),
      )
  }
  findings.push(...unusedNames(playbook, loader))
  return ordered(findings.filter(({ at }) => !/#.*\bnoqa\b/.test(at?.text ?? '')))
}

/** By place, each once: a role that is used twice is read twice. */
function ordered(findings: readonly MlopsError[]): MlopsError[] {
  const place = ({ at }: MlopsError) => `${at?.file}:${String(at?.line).padStart(6)}:${String(at?.column).padStart(4)}`
  const unique = new Map(findings.map(each => [`${place(each)} ${each.message}`, each]))
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}
