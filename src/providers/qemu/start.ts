import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import { lastLines, run } from '../command.ts'
import { type Processor, QEMU } from './accelerator.ts'
import { cableOf, cardsOf, outerAddress, ownAddresses, SSH_PORT } from './addresses.ts'
import { folderOf, type Machine } from './machine.ts'
import { CONSOLE, PID_FILE } from './process.ts'
import { SOCKET } from './qmp.ts'
import { SEED_LABEL } from './seed.ts'

/** Starts a machine; it goes on when we end. Throws `qemu.not-started` with QEMU's words. */
export async function startMachine(
  project: Project,
  machine: Machine,
  processor: Processor,
  signal?: AbortSignal,
): Promise<void> {
  const folder = folderOf(project, machine.name)
  rmSync(join(folder, SOCKET), { force: true })
  const result = await run(QEMU, qemuArguments(project, machine, processor), { directory: folder, signal })
  if (result.status === 0) return
  throw new MlopsError('qemu.not-started', `${machine.name} does not start: ${lastLines(result.stderr, 3)}`)
}

/** Ports of a server that this machine can reach: here → there. */
export function forwardsOf(project: Project, server: string): ReadonlyMap<number, number> {
  const services = project.services.filter(service => service.server === server).flatMap(({ port }) => port ?? [])
  const same = [...project.qemu.ports, ...services].map(port => [port, port] as const)
  return new Map([[SSH_PORT, 22], ...same])
}

/** Relative paths are seen from the machine's folder. Only what is opened before QEMU goes into the background may be relative. */
export function qemuArguments(project: Project, machine: Machine, processor: Processor): string[] {
  const { memory, cpus, subnet } = project.qemu
  const { address, base } = machine
  const { gateway, resolver } = ownAddresses(subnet)
  const cards = cardsOf(address)
  const forwards = [...forwardsOf(project, machine.name)].map(
    ([here, there]) => `hostfwd=tcp:${outerAddress(address)}:${here}-${address}:${there}`,
  )
  return [
    ...['-name', `${project.name}-${machine.name}`, '-uuid', machine.id],
    ...['-machine', 'q35', '-accel', acceleration(processor), '-cpu', processor.model],
    ...['-smp', String(cpus), '-m', memory],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-daemonize'],
    ...['-pidfile', PID_FILE, '-qmp', `unix:${SOCKET},server=on,wait=off`, '-serial', `file:${CONSOLE}`],
    ...(base.kernel === undefined
      ? []
      : ['-kernel', base.kernel.kernel, '-initrd', base.kernel.initrd, '-append', base.kernel.options]),
    ...['-drive', `file=${DISK},format=qcow2,if=virtio,discard=unmap`],
    ...[
      '-drive',
      `driver=vvfat,dir=${escaped(join(folderOf(project, machine.name), SEED))},label=${SEED_LABEL},if=virtio,read-only=on`,
    ],
    ...[
      '-netdev',
      ['user,id=outside,ipv6=off', `net=${subnet},host=${gateway},dns=${resolver}`, ...forwards].join(','),
    ],
    ...['-device', `virtio-net-pci,netdev=outside,mac=${cards.outside}`],
    ...['-netdev', `socket,id=servers,mcast=${cableOf(project)},localaddr=127.0.0.1`],
    ...['-device', `virtio-net-pci,netdev=servers,mac=${cards.servers}`],
    ...['-device', 'virtio-rng-pci'],
  ]
}

/** What QEMU keeps of translated code is a gigabyte by default; with less, servers boot as fast. */
function acceleration({ accel }: Processor): string {
  return accel === 'tcg' ? 'tcg,tb-size=128' : accel
}

/** The machine's own disk, a layer above its image. */
export const DISK = 'disk.qcow2'
/** The folder of what cloud-init reads. */
export const SEED = 'seed'

/** A comma inside of an option of QEMU is written twice. */
function escaped(text: string): string {
  return text.replaceAll(',', ',,')
}
