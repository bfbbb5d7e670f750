import { ModuleFailure } from '../modules/module.ts'
import { didYouMean } from '../near.ts'
import type { Task } from '../playbook/types.ts'
import type { Turn } from './world.ts'

/** The task with the module that its template names for this host. Throws `ModuleFailure` for a name that no module has. */
export function withModule({ world, task, names }: Pick<Turn, 'world' | 'task' | 'names'>): Task {
  if (task.moduleTemplate === undefined) return task
  const { modules } = world.run
  const asWritten = String(names.written(task.moduleTemplate)).trim()
  const module = modules.find(asWritten)
  const bare = asWritten.slice(asWritten.lastIndexOf('.') + 1)
  if (module === undefined) {
    const hint = didYouMean(bare, modules.names())
    throw new ModuleFailure(`unknown module \`${asWritten}\`${hint ? `; ${hint}` : ''}`)
  }
  const { _raw_params: text, ...args } = task.args
  const free = text !== undefined && module.freeForm !== undefined ? { [module.freeForm]: text } : {}
  return { ...task, module: bare, moduleAsWritten: asWritten, args: { ...args, ...free } }
}
