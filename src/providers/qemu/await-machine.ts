import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import type { Accelerator } from '../../project/qemu.ts'
import { statePath, writeStateText } from '../../project/state.ts'
import { awaitServer } from '../await-server.ts'
import { lastLines } from '../command.ts'
import { knownHosts } from '../known-hosts.ts'
import type { Server, Work } from '../provider.ts'
import { folderOf, type Machine } from './machine.ts'
import { CONSOLE, processOf } from './process.ts'

/** An emulated machine needed 75 s on a quiet processor, and ten minutes beside nine others. */
const BOOT_TIME_MS: Readonly<Record<Accelerator, number>> = { kvm: 240_000, tcg: 1_800_000 }
/** QEMU takes connections before the machine does; and the mathematics of a log-in take their time when they are emulated. */
const CONNECT_TIME_MS: Readonly<Record<Accelerator, number>> = { kvm: 5000, tcg: 120_000 }

export interface Booting {
  readonly machine: Machine
  readonly server: Server
  readonly accel: Accelerator
  readonly userDataFile: string | undefined
}

/**
 * Waits until a machine lets us in and cloud-init has finished. Shows the end of its console when it does not.
 * Throws as `awaitServer`, and `qemu.ended` when it stops instead.
 */
export async function awaitMachine(
  project: Project,
  { machine, server, accel, userDataFile }: Booting,
  work: Work,
): Promise<void> {
  const folder = folderOf(project, machine.name)
  const pinned = `host-keys/${machine.name}.known_hosts`
  writeStateText(project, pinned, knownHosts([server]))
  const watch = watchProcess(folder, machine)
  const since = Date.now()
  const signal = AbortSignal.any([watch.ended, ...(work.signal ? [work.signal] : [])])
  const console = join(folder, CONSOLE)
  try {
    await awaitGreeting(server, BOOT_TIME_MS[accel], signal)
    const complaints = await awaitServer(server, {
      open: work.open,
      knownHostsFile: statePath(project, ...pinned.split('/')),
      ...{ timeoutMs: BOOT_TIME_MS[accel], connectTimeoutMs: CONNECT_TIME_MS[accel], since, signal },
      ...{ hint: `its console wrote to ${console}`, userDataFile },
      ...{ onStep: work.onStep, onOutput: work.onOutput },
    })
    for (const complaint of complaints) work.onWarning(`${machine.name}: cloud-init: ${complaint}`)
  } catch (error) {
    if (work.signal?.aborted) throw error
    const hasEnded = watch.ended.aborted
    const isSilent = error instanceof MlopsError && error.code === 'server.unreachable'
    if (hasEnded || isSilent)
      work.onWarning(`the last that ${machine.name} wrote on its console:\n${lastWords(console)}`)
    if (!hasEnded) throw error
    throw new MlopsError('qemu.ended', `${machine.name} stopped before it was ready`, {
      cause: error,
      hint: `its console wrote to ${console}`,
    })
  } finally {
    watch.stop()
  }
}

/** Waits until sshd says its first word, so that the patience of a log-in is not spent on a machine that boots. */
async function awaitGreeting({ address, port }: Server, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + timeoutMs
  while (Date.now() < end) {
    signal.throwIfAborted()
    if (await greets({ address, port }, signal)) return
    await wait(250, undefined, { signal })
  }
}

function greets({ address, port }: Pick<Server, 'address' | 'port'>, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, address)
    const say = (greeted: boolean) => {
      signal.removeEventListener('abort', giveUp)
      socket.destroy()
      resolve(greeted)
    }
    const giveUp = () => say(false)
    signal.addEventListener('abort', giveUp)
    socket.setTimeout(GREETING_TIME_MS, () => say(false))
    socket.once('data', () => say(true))
    socket.once('error', () => say(false))
    socket.once('close', () => say(false))
  })
}

const GREETING_TIME_MS = 10_000

/** A signal that fires when the process of a machine is gone. */
function watchProcess(folder: string, machine: Machine): { readonly ended: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController()
  const timer = setInterval(() => {
    if (processOf(folder, machine) === undefined) controller.abort()
  }, 500)
  return { ended: controller.signal, stop: () => clearInterval(timer) }
}

/** The last lines of a console, without its control characters. */
export function lastWords(file: string): string {
  if (!existsSync(file)) return ''
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const bytes = Buffer.alloc(Math.min(size, 8192))
    readSync(handle, bytes, 0, bytes.length, size - bytes.length)
    return lastLines(stripVTControlCharacters(bytes.toString()).replace(/[\x00-\x09\x0b-\x1f\x7f]/g, ''), 10)
  } finally {
    closeSync(handle)
  }
}
