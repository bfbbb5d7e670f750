import { accessSync, constants, existsSync } from 'node:fs'
import type { Accelerator } from '../../project/qemu.ts'
import { run } from '../command.ts'

export const QEMU = 'qemu-system-x86_64'

/** What runs the code of servers. */
export interface Processor {
  readonly accel: Accelerator
  /** QEMU's name of the processor that servers see. */
  readonly model: string
}

/** What runs servers here: what mlops.yml says, else KVM where it works, else emulation. */
export async function findProcessor(wanted: Accelerator | undefined): Promise<Processor> {
  const found = wanted === 'tcg' ? undefined : await findKvm()
  return found === undefined || typeof found === 'string' ? { accel: 'tcg', model: 'max' } : found
}

/** KVM with the processor model that works here, or why it does not work. */
export async function findKvm(): Promise<Processor | string> {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return missing ? 'there is no /dev/kvm' : 'you may not open /dev/kvm'
  }
  // Other modules of KVM run a guest that does not know them instruction by instruction: slower than emulation.
  if (!HARDWARE.some(module => existsSync(`/sys/module/${module}`))) return 'there is no hardware behind /dev/kvm'
  for (const model of MODELS) if (await starts(model)) return { accel: 'kvm', model }
  return 'QEMU cannot use /dev/kvm'
}

const HARDWARE = ['kvm_intel', 'kvm_amd']

/** Under some hypervisors the processor's word about its own flaws cannot be passed on. */
const MODELS = ['host', 'host,-arch-capabilities']

/** Whether QEMU can make a machine of that processor; it does not run. */
async function starts(model: string): Promise<boolean> {
  const machine = ['-machine', 'q35,accel=kvm', '-cpu', model, '-S', '-nodefaults', '-display', 'none', '-qmp', 'stdio']
  const input = '{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n'
  return (await run(QEMU, machine, { input })).status === 0
}
