import { type Connection, ConnectionError } from '../connection/connection.ts'
import { type ActionModule, ModuleFailure } from '../modules/module.ts'
import type { ArgTable } from '../schema/arguments.ts'
import { sh } from '../shell/sh.ts'
import type { OpenedTask } from './opened-task.ts'
import { pause } from './pause.ts'
import type { PlayWorld } from './world.ts'

/** How long a module waits for its host, if it is one that does. */
export function waitsForLine({
  module,
  args,
}: OpenedTask): ReturnType<NonNullable<ActionModule<ArgTable>['reconnects']>> | undefined {
  return module.kind === 'action' ? module.reconnects?.(args) : undefined
}

/** The line to the host; for a module that waits for it, tried until its time is over. */
export async function reach(world: PlayWorld, opened: OpenedTask, host: string): Promise<Connection> {
  const patience = waitsForLine(opened)
  if (patience === undefined) return opened.connect()
  await pause(patience.delayMs, world.run.signal)
  const deadline = performance.now() + patience.timeoutMs
  for (;;) {
    await world.connections.drop(host)
    try {
      const connection = await opened.connect()
      // A host that goes down may let one in and then never answer
      await connection.run([{ script: sh`:`, become: opened.become, timeoutMs: 30_000 }], world.run.signal)
      return connection
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.kind === 'interrupted') throw error
      if (performance.now() + patience.sleepMs > deadline)
        throw new ModuleFailure(`timed out waiting for the host: ${error.message}`)
      await pause(patience.sleepMs, world.run.signal)
    }
  }
}
