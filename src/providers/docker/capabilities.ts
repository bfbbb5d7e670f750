import { MlopsError } from '../../errors.ts'
import { lastLines } from '../command.ts'
import { tryDocker } from './engine.ts'

/**
 * What a server may not do, because it would reach the whole machine. Only names that engine 20.10 knows: an unknown one
 * makes `docker create` fail. SYS_TIME above all: a server that sets its time zone would move the machine's clock.
 */
const DENIED = [
  ...['SYS_TIME', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_PACCT', 'SYSLOG', 'MAC_ADMIN', 'MAC_OVERRIDE'],
  ...['WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_CONTROL'],
]

/** Docker's arguments for the capabilities of a server: all that this machine can give, found out by starting `image` once. */
export async function capabilityArguments(image: string): Promise<string[]> {
  const all = ['--cap-add', 'ALL', ...DENIED.flatMap(name => ['--cap-drop', name])]
  // Machines that are containers or small VMs themselves often lack SYS_RESOURCE; servers run without it.
  const fewer = [...all, '--cap-drop', 'SYS_RESOURCE']
  let reason = ''
  for (const args of [all, fewer]) {
    const result = await tryDocker(['run', '--rm', '--network', 'none', '--entrypoint', '/bin/true', ...args, image])
    if (result.status === 0) return args
    reason = lastLines(result.stderr, 2)
  }
  throw new MlopsError('docker.capabilities', `this machine cannot give servers the rights that they need: ${reason}`, {
    hint: 'use a virtual machine or a computer where Docker runs as root without a restricted set of capabilities',
  })
}
