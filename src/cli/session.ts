import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ConnectionTarget } from '../connection/connection.ts'
import type { RunOptions } from '../engine/engine.ts'
import { MlopsError } from '../errors.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { loadInventory } from '../inventory/load.ts'
import { findProject, loadProject, requireProject } from '../project/load.ts'
import { type Project, serviceOf } from '../project/project.ts'
import { appServers, copiesOn } from '../project/services.ts'
import { readReplicas, stateFile } from '../project/state.ts'
import { loadSettings, type Settings } from '../settings/settings.ts'
import { configNames } from './config-names.ts'
import { extraVars } from './extra-vars.ts'
import { readPassword } from './password-file.ts'
import { ask } from './prompt.ts'

/** Flags that every command understands which reaches hosts. */
export interface ReachFlags {
  readonly inventory?: readonly string[]
  readonly project?: string
  readonly user?: string
  readonly privateKey?: string
  /** Ansible's other name of `--private-key`. */
  readonly keyFile?: string
  readonly connection?: string
  readonly timeout?: number
  readonly forks?: number
  readonly become?: boolean
  readonly becomeUser?: string
  readonly becomeMethod?: string
  readonly askBecomePass?: boolean
  readonly askPass?: boolean
  readonly becomePasswordFile?: string
  readonly becomePassFile?: string
  readonly connectionPasswordFile?: string
  readonly connPassFile?: string
  readonly sshCommonArgs?: string
  readonly sshExtraArgs?: string
  readonly extraVars?: readonly string[]
}

/** What a command works with: settings, the project when there is one, the inventory. */
export interface Session {
  readonly settings: Settings
  readonly project: Project | undefined
  readonly inventory: Inventory
  /** Reads the inventory again (`meta: refresh_inventory`). */
  reload(): Inventory
  readonly sources: readonly string[]
}

/** Finds the project file and the inventory: `-i`, then ansible.cfg and ANSIBLE_INVENTORY, then the project's own, then /etc/ansible/hosts. */
export function openSession(
  flags: ReachFlags,
  playbookDirectory?: string,
  {
    inventoryNeeded = true,
    project = projectFor(flags),
  }: { readonly inventoryNeeded?: boolean; readonly project?: Project | undefined } = {},
): Session {
  const settings = loadSettings(process.env, process.cwd())
  const own = project ? stateFile(project, 'inventory.yml') : undefined
  const sources = flags.inventory?.length
    ? flags.inventory.map(source => (source.includes(',') ? source : resolve(source)))
    : settings.inventoryGiven
      ? settings.inventory
      : own && existsSync(own)
        ? [own]
        : settings.inventory
  if (sources.length === 0 && inventoryNeeded) throw noInventory(project)
  const reload = () => loadInventory(sources, playbookDirectory === undefined ? {} : { playbookDirectory })
  return { settings, project, inventory: reload(), sources, reload }
}

/** That nobody says which hosts there are. */
export function noInventory(project: Project | undefined): MlopsError {
  if (project?.target === 'kubernetes') {
    const hint = 'mlops k8s has the commands for a cluster; mlops status and mlops scale work as ever'
    return new MlopsError('inventory.none', `${project.name} runs on Kubernetes, and this is for servers`, { hint })
  }
  const message = project ? 'the servers of this project are not made yet' : 'there is no inventory'
  const hint = project
    ? 'mlops provision makes them and writes the inventory'
    : 'give one with -i FILE, or make servers: mlops init writes an mlops.yml, mlops provision makes them'
  return new MlopsError('inventory.none', message, { hint })
}

/** The settings of a run. Flags win over the environment and ansible.cfg; `-e` over the project's `vars`. */
export function runOptions(flags: ReachFlags, { settings, project, sources }: Session): RunOptions {
  const become = flags.become ?? settings.become.enabled
  const method = becomeMethod(flags.becomeMethod ?? settings.become.method)
  const user = flags.becomeUser ?? settings.become.user
  const askBecome = flags.askBecomePass ?? settings.become.askPassword
  const [first] = sources
  const named = flags.privateKey ?? flags.keyFile
  return {
    inventoryDirectory:
      first && existsSync(first) ? resolve(statSync(first).isDirectory() ? first : dirname(first)) : undefined,
    tags: [],
    skipTags: [],
    extraVars: { ...projectVars(project), ...extraVars(flags.extraVars ?? []) },
    checkMode: false,
    diffMode: false,
    forks: flags.forks ?? settings.forks,
    verbosity: settings.verbosity,
    lookAhead: settings.lookAhead,
    gathering: settings.gathering,
    managed: settings.managed,
    config: configNames(settings),
    injectFacts: settings.injectFacts,
    hashBehaviour: settings.hashBehaviour,
    become: {
      enabled: become,
      ...(user === undefined ? {} : { user }),
      ...(method === undefined ? {} : { method }),
      flags: settings.become.flags,
      exe: settings.become.exe,
      ...passwordOf(
        'BECOME',
        flags.becomePasswordFile ?? flags.becomePassFile ?? settings.become.passwordFile,
        askBecome,
      ),
    },
    connection: {
      type: connectionType(flags.connection ?? settings.connection),
      user: flags.user ?? settings.remoteUser,
      privateKeyFile: named === undefined ? settings.privateKeyFile : keyFile(named),
      port: settings.remotePort,
      sshArgs: {
        args: settings.sshArgs.args,
        commonArgs: flags.sshCommonArgs ?? settings.sshArgs.commonArgs,
        extraArgs: flags.sshExtraArgs ?? settings.sshArgs.extraArgs,
      },
      shell: settings.shell,
      ...passwordOf(
        'SSH',
        flags.connectionPasswordFile ?? flags.connPassFile ?? settings.passwordFile,
        flags.askPass ?? settings.askPassword,
      ),
      hostKeyChecking: settings.hostKeyChecking,
      timeoutMs: flags.timeout === undefined ? settings.timeoutMs : flags.timeout * 1000,
    },
  }
}

/** The session of a command that works with a project. Its project is asked for first: without one, no inventory would help. */
export function projectSession(flags: ReachFlags): { readonly session: Session; readonly project: Project } {
  const project = requireProject(process.cwd(), flags.project)
  return { session: openSession(flags, undefined, { project }), project }
}

function projectFor({ project }: ReachFlags): Project | undefined {
  const file = project === undefined ? findProject(process.cwd()) : resolve(project)
  return file === undefined ? undefined : loadProject(file)
}

/** Variables of the project file, and the numbers of replicas in force: those of `mlops scale` win over those written. */
function projectVars(project: Project | undefined): Record<string, unknown> {
  if (project === undefined) return {}
  const written = Object.fromEntries(project.services.map(service => [service.name, service.replicas]))
  const replicas: Readonly<Record<string, number>> = { ...written, ...readReplicas(project) }
  const broker = serviceOf(project, 'rabbit')?.server
  return {
    ...project.vars,
    mlops_project: project.name,
    mlops_target: project.target,
    mlops_app_directory: project.app.directory,
    mlops_compose_project: project.app.composeProject,
    mlops_delivery: deliveryVars(project),
    mlops_replicas: replicas,
    mlops_servers: appServers(project),
    mlops_copies: copies(project, replicas),
    ...(project.swarm.image === undefined ? {} : { mlops_swarm_image: project.swarm.image }),
    ...(broker === undefined ? {} : { mlops_broker: broker }),
  }
}

/** Server → service → how many copies run there. */
function copies(
  { services }: Project,
  replicas: Readonly<Record<string, number>>,
): Record<string, Record<string, number>> {
  const all: Record<string, Record<string, number>> = {}
  for (const service of services) {
    for (const [server, number] of copiesOn(service, replicas[service.name] ?? service.replicas)) {
      all[server] = { ...all[server], [service.name]: number }
    }
  }
  return all
}

function deliveryVars({ delivery }: Project): Record<string, unknown> {
  const { maxDrop, from, ...rest } = delivery
  return { ...rest, ...(from === undefined ? {} : { from }), max_drop: maxDrop }
}

/** The file of `--private-key`: one that is not there would otherwise pass unseen where the inventory names a key of its own. */
function keyFile(name: string): string {
  const file = resolve(name)
  if (existsSync(file)) return file
  throw new MlopsError('cli.private-key', `there is no private key ${name}`)
}

/** A password that is asked for, or stands in the first line of a file (or is what a script prints). */
function passwordOf(
  kind: 'BECOME' | 'SSH',
  file: string | undefined,
  isAsked: boolean,
): { password?: () => Promise<string> } {
  if (isAsked) return { password: once(() => ask(`${kind} password: `, { secret: true })) }
  return file === undefined ? {} : { password: once(async () => readPassword(resolve(file))) }
}

function becomeMethod(name: string | undefined): string | undefined {
  if (name === undefined || ['sudo', 'su', 'doas'].includes(name)) return name
  throw new MlopsError('cli.become-method', `--become-method ${name} is not supported`, {
    hint: 'use sudo, su or doas',
  })
}

function connectionType(name: string | undefined): ConnectionTarget['type'] | undefined {
  if (name === undefined || name === 'smart') return undefined
  if (name === 'ssh' || name === 'local' || name === 'docker') return name
  if (name === 'paramiko') return 'ssh'
  throw new MlopsError('cli.connection', `--connection ${name} is not supported`, { hint: 'use ssh, local or docker' })
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
