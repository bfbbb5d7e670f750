import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import { type StateOwner, statePath, writeState } from '../../project/state.ts'
import type { Disk } from './disk.ts'

/** A virtual machine as it was made. What may change from start to start (memory, ports) is asked of `mlops.yml` then. */
export interface Machine {
  /** UUID: identifies the machine to QEMU, cloud-init, and us. */
  readonly id: string
  readonly name: string
  /** What `mlops.yml` named. */
  readonly image: string
  /** What its own disk is a layer above of. */
  readonly base: Disk
  readonly user: string
  /** Among the servers; this machine reaches it at `outerAddress`. */
  readonly address: string
  readonly hostKey: string
  /** Digest of the key that lets us in. */
  readonly loginKey: string
  /** ISO 8601. */
  readonly createdAt: string
  /** ISO 8601; undefined: it is made to stay. */
  readonly expiresAt: string | undefined
}

const RECORD = 'server.json'

/** The folder of a server: its disk, seed, console, and the sockets of its process. */
export function folderOf(project: StateOwner, name: string): string {
  return statePath(project, 'qemu', name)
}

/** Written last when a machine is made: a folder without it is half made. */
export function recordMachine(project: StateOwner, machine: Machine): void {
  writeState(project, `qemu/${machine.name}/${RECORD}`, machine)
}

/** The machines of a project by name; undefined: half made. */
export function machinesOf(project: StateOwner): Map<string, Machine | undefined> {
  const folder = join(project.directory, '.mlops', 'qemu')
  if (!existsSync(folder)) return new Map()
  return new Map(readdirSync(folder).map(name => [name, machineIn(join(folder, name))]))
}

/** The machine of a folder, undefined when there is none or it is half made. */
export function machineIn(folder: string): Machine | undefined {
  const file = join(folder, RECORD)
  if (!existsSync(file)) return undefined
  try {
    // Our own file, written whole.
    return JSON.parse(readFileSync(file, 'utf8')) as Machine
  } catch (cause) {
    throw new MlopsError('state.unreadable', `${file} cannot be read`, {
      cause,
      hint: 'mlops destroy removes the server',
    })
  }
}
