import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Project, ServerSpec } from '../../project/project.ts'
import { hostKey, keyDigest, type LoginKey } from '../cluster-key.ts'
import { userData } from '../user-data.ts'
import { type Disk, makeLayer } from './disk.ts'
import { noteUser } from './image-folder.ts'
import { folderOf, type Machine, recordMachine } from './machine.ts'
import { writeSeed } from './seed.ts'
import { DISK, SEED } from './start.ts'

export interface NewMachine {
  readonly spec: ServerSpec
  /** Among the servers. */
  readonly address: string
  readonly key: LoginKey
  readonly base: Disk
  readonly expiresAt: string | undefined
}

/** Makes the folder of a server with its disk and the seed of its first boot; nothing runs yet. */
export async function makeMachine(
  project: Project,
  { spec, address, key, base, expiresAt }: NewMachine,
): Promise<Machine> {
  const id = randomUUID()
  const folder = folderOf(project, spec.name)
  const host = hostKey(project, spec.name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  writeSeed(join(folder, SEED), {
    ...{ id, server: spec.name, userData: userData(spec, key.publicKey), hostKey: host },
    ...{ address, subnet: project.qemu.subnet, login: { user: spec.user, publicKey: key.publicKey } },
  })
  noteUser(base, { id, folder })
  await makeLayer(join(folder, DISK), base, project.qemu.disk)
  const machine: Machine = {
    ...{ id, name: spec.name, image: spec.image, base, user: spec.user, address, expiresAt },
    ...{ hostKey: host.publicKey, loginKey: keyDigest(key.publicKey), createdAt: new Date().toISOString() },
  }
  recordMachine(project, machine)
  return machine
}
