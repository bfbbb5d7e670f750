import { type Become, type Connection, ConnectionError } from '../connection/connection.ts'
import type { ActionModule, Result } from '../modules/module.ts'
import type { ArgTable } from '../schema/arguments.ts'
import { pause } from './pause.ts'

type Restart = NonNullable<ReturnType<NonNullable<ActionModule<ArgTable>['restarts']>>>

/** Waits until a host that went down is back, and says how long that took, or that it did not come. */
export async function comeBack(
  { probe, isBack, delayMs, sleepMs, timeoutMs }: Restart,
  reopen: () => Promise<Connection>,
  become: Become | undefined,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const start = performance.now()
  const elapsed = () => Math.round((performance.now() - start) / 1000)
  let last = 'it did not answer'
  await pause(delayMs, signal)
  for (;;) {
    try {
      const connection = await reopen()
      // A host that goes down may take a script and never answer
      const [answer] = await connection.run([{ script: probe, become, timeoutMs: 30_000 }], signal)
      if (answer && isBack(answer)) return { elapsed: elapsed() }
      last = 'it answers, but has not started anew'
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.kind === 'interrupted') throw error
      last = error.message
    }
    if (performance.now() - start + sleepMs > timeoutMs) {
      return { failed: true, elapsed: elapsed(), msg: `Timed out waiting for the host to come back: ${last}` }
    }
    await pause(sleepMs, signal)
  }
}
