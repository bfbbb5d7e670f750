import { MlopsError } from '../../errors.ts'
import type { Project, ServerSpec } from '../../project/project.ts'
import { clusterKey, isMadeWith, type LoginKey, loginKey } from '../cluster-key.ts'
import { inOrder, pool } from '../concurrency.ts'
import type {
  Problem,
  Progress,
  Provider,
  Removal,
  RemovalScope,
  Server,
  ServerImages,
  ServerPlan,
  Work,
} from '../provider.ts'
import { readReady, rememberReady } from '../ready.ts'
import { took } from '../took.ts'
import { findProcessor } from './accelerator.ts'
import { innerAddress, outerAddress, planAddresses, SSH_PORT } from './addresses.ts'
import { awaitMachine } from './await-machine.ts'
import { bakedDisk, bakedImages, removeBaked, saveBaked } from './baked.ts'
import { destroyThings, findRemovals } from './destroy.ts'
import type { Disk } from './disk.ts'
import { diskOf, identityOf } from './images.ts'
import { folderOf, type Machine, machinesOf, recordMachine } from './machine.ts'
import { makeMachine } from './make-machine.ts'
import { planFor } from './plan.ts'
import { problemsOf } from './preflight.ts'
import { processOf } from './process.ts'
import { startMachine } from './start.ts'

/** Servers boot that many at a time: more only wait for the processors. */
const PARALLEL = 4

/** Makes servers as virtual machines of QEMU on this machine, without root. */
export class QemuProvider implements Provider {
  readonly #project: Project
  readonly #specs: readonly ServerSpec[]

  constructor(project: Project) {
    this.#project = project
    this.#specs = project.servers.filter(spec => spec.provider === 'qemu')
  }

  readonly images: ServerImages = {
    base: async server => identityOf(this.#project, this.#spec(server)?.image ?? ''),
    save: (server, image, progress) => saveBaked(this.#project, this.#machine(server), image, progress),
    list: async () => bakedImages(this.#project),
    remove: async (name, { onWarning }) => {
      if (!removeBaked(name, this.#project)) onWarning(`image ${name} is still in use, and stays`)
    },
  }

  async preflight(names: readonly string[]): Promise<readonly Problem[]> {
    const machines = machinesOf(this.#project)
    const addresses = await this.#addresses(machines)
    const starting = this.#named(names)
      .filter(spec => !this.#isRunning(machines.get(spec.name)))
      .map(spec => ({ spec, address: addresses.get(spec.name) ?? '', isNew: !machines.get(spec.name) }))
    return [...(await problemsOf(this.#project, starting)), ...this.#keyProblems(machines)]
  }

  async plan(names: readonly string[]): Promise<readonly ServerPlan[]> {
    const machines = machinesOf(this.#project)
    const addresses = await this.#addresses(machines)
    const ready = readReady(this.#project)
    return this.#named(names).map(spec => {
      const machine = machines.get(spec.name)
      return planFor(spec, outerAddress(addresses.get(spec.name) ?? ''), {
        ...{ exists: machines.has(spec.name), machine, isRunning: this.#isRunning(machine) },
        isReady: machine !== undefined && ready.has(machine.id),
      })
    })
  }

  async create(plans: readonly ServerPlan[], work: Work): Promise<void> {
    const toDo = plans.filter(plan => plan.action !== 'keep')
    if (toDo.length > 0) await this.#carryOut(toDo, work)
    this.#mark(plans, work.expiresAt)
  }

  async list(): Promise<readonly Server[]> {
    const ready = readReady(this.#project)
    const machines = [...machinesOf(this.#project).values()].filter(machine => machine !== undefined)
    return inOrder(
      machines.map(machine => this.#server(machine, ready)),
      this.#specs.map(spec => spec.name),
    )
  }

  async removals(scope: RemovalScope): Promise<readonly Removal[]> {
    return findRemovals(this.#project, scope)
  }

  destroy(removals: readonly Removal[], progress: Progress): Promise<void> {
    return destroyThings(this.#project, removals, progress)
  }

  async #carryOut(toDo: readonly ServerPlan[], work: Work): Promise<void> {
    const processor = await findProcessor(this.#project.qemu.accel)
    const { accel } = processor
    const disks = await this.#disks(toDo, work)
    await pool(toDo, PARALLEL, async plan => {
      const spec = this.#spec(plan.server)
      if (spec === undefined) return
      const since = Date.now()
      const base = disks.get(plan.server)
      const address = innerAddress(this.#project.qemu.subnet, plan.address)
      const machine = base
        ? await makeMachine(this.#project, { spec, address, base, key: this.#key(spec), expiresAt: work.expiresAt })
        : this.#machine(plan.server)
      if (!this.#isRunning(machine)) {
        await startMachine(this.#project, machine, processor, work.signal)
        work.onStep(`server ${plan.server} boots (${accel === 'kvm' ? 'KVM' : 'emulated'}) …`)
      }
      const server = this.#server(machine, new Set())
      await awaitMachine(this.#project, { machine, server, accel, userDataFile: spec.userDataFile }, work)
      rememberReady(this.#project, machine.id)
      work.onStep(`server ${plan.server} ${plan.address} is ready${took(since)}`)
    })
  }

  /** What new servers begin with, by server: images are made one after the other, each once. */
  async #disks(plans: readonly ServerPlan[], progress: Progress): Promise<Map<string, Disk>> {
    const disks = new Map<string, Disk>()
    for (const { server, action, baked } of plans) {
      if (action !== 'create' && action !== 'replace') continue
      const image = this.#spec(server)?.image ?? ''
      disks.set(server, baked === undefined ? await diskOf(this.#project, image, progress) : bakedDisk(baked))
    }
    return disks
  }

  /** Writes down until when servers stay; without a word about it their mark is kept. */
  #mark(plans: readonly ServerPlan[], expiresAt: string | undefined): void {
    if (expiresAt === undefined) return
    for (const { server } of plans) recordMachine(this.#project, { ...this.#machine(server), expiresAt })
  }

  #server(machine: Machine, ready: ReadonlySet<string>): Server {
    return {
      ...{ name: machine.name, provider: 'qemu', image: machine.image, user: machine.user },
      ...{ address: outerAddress(machine.address), port: SSH_PORT, hostKey: machine.hostKey },
      privateKeyFile: this.#key(this.#spec(machine.name)).privateKeyFile,
      state: !this.#isRunning(machine) ? 'stopped' : ready.has(machine.id) ? 'ready' : 'unfinished',
      ...{ createdAt: machine.createdAt, expiresAt: machine.expiresAt },
      // Beside other work, an emulated machine was seen to need 20 s.
      connectTimeoutSeconds: 60,
    }
  }

  #addresses(machines: ReadonlyMap<string, Machine | undefined>): Promise<Map<string, string>> {
    const known = [...machines.values()].flatMap(machine =>
      machine === undefined ? [] : [[machine.name, machine.address] as const],
    )
    return planAddresses(this.#project, this.#specs, new Map(known))
  }

  #isRunning(machine: Machine | undefined): boolean {
    return machine !== undefined && processOf(folderOf(this.#project, machine.name), machine) !== undefined
  }

  #machine(name: string): Machine {
    const machine = machinesOf(this.#project).get(name)
    if (machine !== undefined) return machine
    throw new MlopsError('server.gone', `${name} was removed while it was being made`)
  }

  #named(names: readonly string[]): ServerSpec[] {
    return this.#specs.filter(spec => names.includes(spec.name))
  }

  #spec(name: string): ServerSpec | undefined {
    return this.#specs.find(spec => spec.name === name)
  }

  #key(spec: ServerSpec | undefined): LoginKey {
    const file = spec?.privateKeyFile
    return file === undefined ? clusterKey(this.#project, this.#project.name) : loginKey(file)
  }

  /** Servers that were made with a key which this folder has lost. */
  #keyProblems(machines: ReadonlyMap<string, Machine | undefined>): Problem[] {
    return [...machines.values()]
      .filter(machine => machine !== undefined)
      .filter(({ name, loginKey }) => !isMadeWith(this.#key(this.#spec(name)), loginKey))
      .map(({ name }) => ({
        code: 'qemu.other-key',
        severity: 'error',
        message: `${name} was made with another key than the one in .mlops/, so nobody can log in`,
        hint: `mlops destroy ${name}, then provision again`,
      }))
  }
}
