import { existsSync } from 'node:fs'
import { arch, homedir, tmpdir } from 'node:os'
import type { Project, ServerSpec } from '../../project/project.ts'
import { qemuImage } from '../../project/qemu.ts'
import { freeBytes, isInstalled } from '../controller.ts'
import type { Problem } from '../provider.ts'
import { findKvm, QEMU } from './accelerator.ts'
import { outerAddress } from './addresses.ts'
import { imageFile, isToBeMade } from './images.ts'
import { portProblem } from './ports.ts'
import { forwardsOf } from './start.ts'

/** What two servers write while a playbook installs them, and room to make an image. */
const ROOM_BYTES = 8e9

/** A server that is to be started, and its address among the servers. */
export interface Starting {
  readonly spec: ServerSpec
  readonly address: string
  /** It is not there yet. */
  readonly isNew: boolean
}

/** What stands in the way of starting servers on this machine. */
export async function problemsOf(project: Project, starting: readonly Starting[]): Promise<Problem[]> {
  if (starting.length === 0) return []
  const fatal = machineProblems()
  if (fatal.length > 0) return fatal
  const fresh = starting.filter(({ isNew }) => isNew).map(({ spec }) => spec)
  return [
    ...(await acceleratorProblems(project)),
    ...imageProblems(project, fresh),
    ...roomProblems(project, fresh),
    ...(await portProblems(project, starting)),
  ]
}

function machineProblems(): Problem[] {
  if (process.platform !== 'linux' || arch() !== 'x64') {
    return [error('qemu.machine', 'provider qemu needs Linux on an x86-64 processor', 'use provider docker, or static')]
  }
  const missing = [
    [QEMU, 'qemu-system-x86'],
    ['qemu-img', 'qemu-utils'],
  ].flatMap(([program = '', name = '']) => (isInstalled(program) ? [] : [{ program, name }]))
  return missing.length === 0 ? [] : [notInstalled(missing)]
}

async function acceleratorProblems({ qemu }: Project): Promise<Problem[]> {
  if (qemu.accel === 'tcg') return []
  const why = await findKvm()
  if (typeof why !== 'string') return []
  const hint = why.startsWith('you may not')
    ? 'sudo usermod -aG kvm "$USER", then log in again'
    : 'switch virtualization on in the setup of this machine, or of the one that it runs on'
  if (qemu.accel === 'kvm') return [error('qemu.no-kvm', `mlops.yml wants KVM, but ${why}`, hint)]
  return [warning('qemu.no-kvm', `${why}: servers are emulated, boot in minutes, and are some ten times slower`, hint)]
}

function imageProblems(project: Project, specs: readonly ServerSpec[]): Problem[] {
  const problems = specs.flatMap(({ name, image, at }) => {
    const source = qemuImage(image)
    if (source.kind !== 'file' || existsSync(imageFile(project, source.path))) return []
    const hint = 'debian-12, debian-13, a disk image seen from mlops.yml, or https://…#sha256=DIGEST'
    return [{ ...error('qemu.no-image', `${name}: there is no image ${image}`, hint), at }]
  })
  return specs.some(({ image }) => isToBeMade(image)) ? [...problems, ...builderProblems()] : problems
}

/** What making a Debian image needs. */
function builderProblems(): Problem[] {
  const needed: (readonly [string, string])[] = [
    ['mmdebstrap', 'mmdebstrap'],
    ['mkfs.ext4', 'e2fsprogs'],
  ]
  // Without root mmdebstrap works in a user namespace.
  if (process.getuid?.() !== 0) needed.push(['newuidmap', 'uidmap'])
  const missing = needed.flatMap(([program, name]) => (isInstalled(program) ? [] : [{ program, name }]))
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  if (!existsSync(keyring)) missing.push({ program: keyring, name: 'debian-archive-keyring' })
  return missing.length === 0 ? [] : [notInstalled(missing, 'to make an image ')]
}

function roomProblems(project: Project, fresh: readonly ServerSpec[]): Problem[] {
  const places = [
    ['.mlops', project.directory],
    ['the cache', homedir()],
    ...(fresh.some(({ image }) => isToBeMade(image)) ? [['making an image', tmpdir()]] : []),
  ]
  const tight = places.flatMap(([what = '', path = '']) => {
    const room = freeBytes(path)
    return room === undefined || room >= ROOM_BYTES ? [] : [{ what, path, room }]
  })
  return tight.slice(0, 1).map(({ path, room }) => {
    const free = (room / 1e9).toFixed(1)
    return error(
      'qemu.disk',
      `${path} has ${free} GB of disk left, servers need 8 GB`,
      'mlops destroy --images frees some',
    )
  })
}

async function portProblems(project: Project, starting: readonly Starting[]): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const { spec, address } of starting) {
    for (const port of forwardsOf(project, spec.name).keys()) {
      const outer = outerAddress(address)
      const why = await portProblem(outer, port)
      if (why === undefined) continue
      const message = `${spec.name}: port ${port} of ${outer} ${why === 'EACCES' ? 'is for root alone' : 'is taken'}`
      const hint =
        why === 'EACCES'
          ? 'give the service a port of at least 1024, or sudo sysctl -w net.ipv4.ip_unprivileged_port_start=0'
          : `ss -ltnp 'sport = ${port}' says by whom; another \`qemu.subnet\` or \`qemu.ports\` in mlops.yml avoids it`
      problems.push(error('qemu.port', message, hint))
    }
  }
  return problems
}

function notInstalled(missing: readonly { program: string; name: string }[], why = ''): Problem {
  const programs = missing.map(({ program }) => program)
  const packages = [...new Set(missing.map(({ name }) => name))].join(' ')
  return error(
    'qemu.not-installed',
    `${why}these are missing: ${programs.join(', ')}`,
    `sudo apt-get install ${packages}`,
  )
}

function error(code: string, message: string, hint: string): Problem {
  return { code, severity: 'error', message, hint }
}

function warning(code: string, message: string, hint: string): Problem {
  return { code, severity: 'warning', message, hint }
}
