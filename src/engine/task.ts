import type { Task } from '../playbook/types.ts'
import { attempt } from './attempt.ts'
import { saidWithoutTurns } from './shown-result.ts'
import { type Finish, TaskLoop } from './task-loop.ts'
import { trouble } from './trouble.ts'
import type { Assignment, PlayWorld, TaskOutcome } from './world.ts'

/** Runs one task on one host, loop and retries included. Rejects only when the run is interrupted. */
export async function runTask(world: PlayWorld, task: Task, assignment: Assignment): Promise<TaskOutcome> {
  const { state, ref, around } = assignment
  const start = performance.now()
  const delegated: { to?: string } = {}
  const finish: Finish = (outcome, result, loop) => ({
    outcome,
    result,
    ms: Math.round(performance.now() - start),
    ...(delegated.to === undefined ? {} : { delegatedTo: delegated.to }),
    ...loop,
  })
  world.emitter.say({ type: 'host-started', host: state.name, task: ref })
  try {
    if (task.loop) return await new TaskLoop(world, task, assignment, finish, delegated).run()
    const names = world.nameSpace.names(state, world, task, around.extra)
    const { outcome, result } = await attempt({ world, task, assignment, names, delegated, items: () => [] })
    return finish(outcome, result)
  } catch (error) {
    const [outcome, result] = trouble(error, task)
    if (task.loop === undefined) return finish(outcome, result)
    return finish(outcome, result, {
      said: saidWithoutTurns(task, world.nameSpace.names(state, world, task, around.extra)),
    })
  }
}
