import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MlopsError } from '../../errors.ts'
import type { Machine } from './machine.ts'
import { tell } from './qmp.ts'

export const PID_FILE = 'pid'

/**
 * The process of a machine, undefined when it does not run. That a process of that number carries the machine's own id on its
 * command line shows that it is not a stranger who was given the number since.
 */
export function processOf(folder: string, { id }: Pick<Machine, 'id'>): number | undefined {
  const pid = Number(read(join(folder, PID_FILE)))
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return (read(`/proc/${pid}/cmdline`) ?? '').split('\0').includes(id) ? pid : undefined
}

/** Lets a machine shut down as at the press of its power button. Throws `qemu.not-stopped`. */
export async function shutDown(folder: string, machine: Machine, signal?: AbortSignal): Promise<void> {
  if (processOf(folder, machine) === undefined) return
  await tell(folder, 'system_powerdown')
  if (await ends(folder, machine, { timeoutMs: SHUTDOWN_TIME_MS, signal })) return
  throw new MlopsError('qemu.not-stopped', `${machine.name} does not shut down`, {
    hint: `sudo poweroff in it, or read ${join(folder, CONSOLE)}`,
  })
}

/** Ends a machine at once, as a cut of its power would. */
export async function cutPower(folder: string, machine: Machine): Promise<void> {
  if (processOf(folder, machine) === undefined) return
  await tell(folder, 'quit')
  if (await ends(folder, machine, { timeoutMs: QUIT_TIME_MS })) return
  const pid = processOf(folder, machine)
  if (pid === undefined) return
  process.kill(pid, 'SIGKILL')
  await ends(folder, machine, { timeoutMs: QUIT_TIME_MS })
}

/** What the machine writes on its serial port. */
export const CONSOLE = 'serial.log'

const SHUTDOWN_TIME_MS = 180_000
const QUIT_TIME_MS = 10_000

async function ends(
  folder: string,
  machine: Machine,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const end = Date.now() + timeoutMs
  while (processOf(folder, machine) !== undefined) {
    if (Date.now() > end) return false
    await wait(100, undefined, signal ? { signal } : {})
  }
  return true
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
