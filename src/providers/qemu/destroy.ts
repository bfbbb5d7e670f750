import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import { statePath } from '../../project/state.ts'
import { pool } from '../concurrency.ts'
import type { Progress, Removal, RemovalScope } from '../provider.ts'
import { took } from '../took.ts'
import { bakedImages, removeBaked } from './baked.ts'
import { cacheFolder, forgetUser, imagesIn, isUsed } from './image-folder.ts'
import { folderOf, machineIn, machinesOf } from './machine.ts'
import { cutPower } from './process.ts'

/** The machines of the project, half-made ones too; with `images` also those that no server of another project needs. */
export function findRemovals(project: Project, { names, images }: RemovalScope): Removal[] {
  const machines = machinesOf(project)
  const removals: Removal[] = [...machines.keys()]
    .filter(name => names === undefined || names.includes(name))
    .map(name => ({ kind: 'server', name }))
  if (names !== undefined || images !== true) return removals
  const own = new Set([...machines.values()].flatMap(machine => machine?.id ?? []))
  const cached = imagesIn(cacheFolder()).filter(name => !isUsed(join(cacheFolder(), name), own))
  const found = [...bakedImages(project).map(({ name }) => name), ...cached]
  return [...removals, ...found.map(name => ({ kind: 'image' as const, name }))]
}

/** Removes servers first: images are below their disks. */
export async function destroyThings(project: Project, removals: readonly Removal[], progress: Progress): Promise<void> {
  for (const kind of ['server', 'image'] as const) {
    const things = removals.filter(removal => removal.kind === kind)
    await pool(things, 4, thing => remove(project, thing, progress))
  }
}

async function remove(project: Project, { kind, name }: Removal, { onStep, onWarning }: Progress): Promise<void> {
  const since = Date.now()
  switch (kind) {
    case 'server': {
      const folder = folderOf(project, name)
      const machine = machineIn(folder)
      if (machine !== undefined) await cutPower(folder, machine)
      rmSync(folder, { recursive: true, force: true })
      if (machine !== undefined) forgetUser(machine.base, machine.id)
      // A server that is made anew after this is another machine, with another key.
      for (const file of [name, `${name}.known_hosts`]) rmSync(statePath(project, 'host-keys', file), { force: true })
      break
    }
    case 'image':
      if (!removeImage(project, name)) return onWarning(`image ${name} is still in use, and stays`)
      break
    default:
      throw new MlopsError('qemu.removal', `cannot remove a ${kind}`)
  }
  onStep(`${kind} ${name} removed${took(since)}`)
}

function removeImage(project: Project, name: string): boolean {
  if (!imagesIn(cacheFolder()).includes(name)) return removeBaked(name, project)
  const folder = join(cacheFolder(), name)
  if (isUsed(folder)) return false
  rmSync(folder, { recursive: true, force: true })
  return true
}
