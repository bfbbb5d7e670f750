import { type ControllerModule, ModuleFailure } from '../modules/module.ts'
import type { ArgTable } from '../schema/arguments.ts'
import type { Scope } from '../template/template.ts'
import { asWritten, mergeHashes } from '../variables/merge.ts'
import type { HostState } from './host-state.ts'
import { modes, openArgs } from './opened-task.ts'
import type { StepResult } from './perform.ts'
import { readVarsFiles } from './vars-files.ts'
import type { Turn } from './world.ts'

/** Runs a module that works on the controller, with the names of the host. */
export function runOnController(turn: Turn, module: ControllerModule<ArgTable>, on: HostState): StepResult {
  const { world, task, names } = turn
  const { state } = turn.assignment
  const { checkMode, diffMode } = modes(world, task, names)
  try {
    const args = openArgs(world, module, task, names, module.expressions)
    const result = module.run(args, {
      checkMode,
      diffMode,
      facts: on.facts,
      host: { name: on.name, address: on.name, connection: 'controller' },
      expression: text => names.expression(text, task.argAt()),
      test: text => names.test({ value: text, at: task.argAt() }),
      verbosity: world.run.options.verbosity,
      merged: vars => merged(vars, names.scope),
      ...(module.varsFiles ? { varsFiles: readVarsFiles(world, task, module.varsFiles(args)) } : {}),
    })
    const grown = world.growth.learn(state.host, result)
    if (grown !== undefined) result.changed = grown
    const outcome = result.failed ? 'failed' : result.skipped ? 'skipped' : result.changed ? 'changed' : 'ok'
    return { outcome, result: { changed: false, ...result } }
  } catch (error) {
    if (error instanceof ModuleFailure)
      return { outcome: 'failed', result: { changed: false, ...error.result, failed: true, msg: error.message } }
    throw error
  }
}

function merged(vars: Readonly<Record<string, unknown>>, scope: Scope): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => {
      const known = scope.get(name)
      return [name, mergeHashes(value, known?.open ? known.value : asWritten(known?.value))]
    }),
  )
}
