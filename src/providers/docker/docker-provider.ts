import { MlopsError, throwAll } from '../../errors.ts'
import type { Project, ServerSpec } from '../../project/project.ts'
import { statePath, writeStateText } from '../../project/state.ts'
import { awaitServer } from '../await-server.ts'
import { clusterKey, isMadeWith, type LoginKey, loginKey } from '../cluster-key.ts'
import { inOrder, pool } from '../concurrency.ts'
import { knownHosts } from '../known-hosts.ts'
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
import { bakedImages, removeBaked, saveBaked } from './baked.ts'
import { type Container, containerName, containersOf, toServer } from './containers.ts'
import { destroyThings, findRemovals } from './destroy.ts'
import { docker } from './engine.ts'
import { imageIdentity, type Kit, prepareKit } from './kit.ts'
import * as label from './labels.ts'
import { makeServer } from './make-server.ts'
import { planAddresses, planFor } from './plan.ts'
import { engineProblems, serverProblems } from './preflight.ts'

/** Servers boot that many at a time: more only wait for the processors. */
const PARALLEL = 4
/** A busy machine of two cores needed 34 s. */
const BOOT_TIME_MS = 240_000

/** Makes servers as containers of the Docker Engine, with all that a server has: systemd, sshd, sudo, cloud-init. */
export class DockerProvider implements Provider {
  readonly #project: Project
  readonly #specs: readonly ServerSpec[]

  constructor(project: Project) {
    this.#project = project
    this.#specs = project.servers.filter(spec => spec.provider === 'docker')
  }

  readonly images: ServerImages = {
    base: server => imageIdentity(this.#spec(server)?.image ?? ''),
    save: (server, image, progress) => saveBaked(this.#project, server, image, progress),
    list: () => bakedImages(this.#project),
    remove: async (name, { onStep, onWarning }) => {
      if (await removeBaked(name)) onStep(`image ${name} removed: it was out of date`)
      else onWarning(`image ${name} is out of date, but servers still need it: it stays`)
    },
  }

  async preflight(names: readonly string[]): Promise<readonly Problem[]> {
    const problems = await engineProblems()
    if (problems.some(problem => problem.severity === 'error')) return problems
    const containers = await this.#containers()
    const missing = this.#specs.filter(spec => names.includes(spec.name) && !containers.has(spec.name))
    return [...problems, ...(await serverProblems(this.#project, missing)), ...this.#keyProblems(containers)]
  }

  async plan(names: readonly string[]): Promise<readonly ServerPlan[]> {
    const containers = await this.#containers()
    const ready = readReady(this.#project)
    const addresses = planAddresses(this.#project, this.#specs, containers)
    return this.#specs
      .filter(spec => names.includes(spec.name))
      .map(spec => planFor(spec, containers.get(spec.name), { ready, address: addresses.get(spec.name) ?? '' }))
  }

  async create(plans: readonly ServerPlan[], work: Work): Promise<void> {
    const isNew = ({ action }: ServerPlan) => action === 'create' || action === 'replace'
    const specs = plans.filter(isNew).flatMap(plan => this.#spec(plan.server) ?? [])
    const kit = specs.length > 0 ? await prepareKit(this.#project, specs, work) : undefined
    const toDo = plans.filter(plan => plan.action !== 'keep')
    await pool(toDo, PARALLEL, plan => this.#carryOut(plan, kit, work))
  }

  async list(): Promise<readonly Server[]> {
    const ready = readReady(this.#project)
    const containers = [...(await this.#containers()).values()]
    return inOrder(
      containers.map(container => toServer(container, ready, this.#keyOf(container).privateKeyFile)),
      this.#specs.map(spec => spec.name),
    )
  }

  async removals(scope: RemovalScope): Promise<readonly Removal[]> {
    const problems = await engineProblems()
    throwAll(problems.map(({ code, message, hint }) => new MlopsError(code, message, { hint })))
    return findRemovals(this.#project, scope)
  }

  destroy(removals: readonly Removal[], progress: Progress): Promise<void> {
    return destroyThings(this.#project, removals, progress)
  }

  async #carryOut(plan: ServerPlan, kit: Kit | undefined, work: Work): Promise<void> {
    const since = Date.now()
    const spec = this.#spec(plan.server)
    if (spec === undefined) return
    switch (plan.action) {
      case 'create':
      case 'replace':
        if (kit) await makeServer(this.#project, { plan, spec, key: this.#key(spec) }, kit)
        work.onStep(`${plan.server}: started${took(since)}`)
        break
      case 'start':
        await docker(['start', containerName(this.#project, plan.server)])
        break
      case 'finish':
      case 'keep':
        break
      default:
        throw new TypeError(`no such action: ${plan.action satisfies never}`)
    }
    await this.#await(plan.server, work)
    work.onStep(`server ${plan.server} ${plan.address} is ready${took(since)}`)
  }

  async #await(name: string, work: Work): Promise<void> {
    const container = (await this.#containers()).get(name)
    if (container === undefined) throw new MlopsError('server.gone', `${name} was removed while it was being made`)
    const server = toServer(container, new Set(), this.#keyOf(container).privateKeyFile)
    const pinned = `host-keys/${name}.known_hosts`
    writeStateText(this.#project, pinned, knownHosts([server]))
    const complaints = await awaitServer(server, {
      open: work.open,
      knownHostsFile: statePath(this.#project, ...pinned.split('/')),
      timeoutMs: BOOT_TIME_MS,
      signal: work.signal,
      userDataFile: this.#spec(name)?.userDataFile,
      onStep: work.onStep,
      onOutput: work.onOutput,
      hint: `docker logs ${container.name}; docker exec ${container.name} journalctl -b`,
    })
    for (const complaint of complaints) work.onWarning(`${name}: cloud-init: ${complaint}`)
    rememberReady(this.#project, container.id)
  }

  async #containers(): Promise<Map<string, Container>> {
    const found = await containersOf(this.#project)
    return new Map(found.map(container => [container.labels[label.SERVER] ?? container.name, container]))
  }

  #spec(name: string): ServerSpec | undefined {
    return this.#specs.find(spec => spec.name === name)
  }

  #key(spec: ServerSpec | undefined): LoginKey {
    const file = spec?.privateKeyFile
    return file === undefined ? clusterKey(this.#project, this.#project.name) : loginKey(file)
  }

  #keyOf(container: Container): LoginKey {
    return this.#key(this.#spec(container.labels[label.SERVER] ?? ''))
  }

  /** Servers that were made with a key which this folder has lost. */
  #keyProblems(containers: ReadonlyMap<string, Container>): Problem[] {
    return [...containers]
      .filter(([, container]) => !isMadeWith(this.#keyOf(container), container.labels[label.LOGIN_KEY]))
      .map(([name]) => ({
        code: 'docker.other-key',
        severity: 'error',
        message: `${name} was made with another key than the one in .mlops/, so nobody can log in`,
        hint: `mlops destroy ${name}, then provision again`,
      }))
  }
}
