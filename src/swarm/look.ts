import { setTimeout as wait } from 'node:timers/promises'
import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, script, sh } from '../shell/sh.ts'

/** What Docker's API says, as far as it is read here. */
export interface Service {
  readonly ID: string
  readonly Spec: {
    readonly Name: string
    readonly Labels?: Readonly<Record<string, string>>
    readonly TaskTemplate: TaskSpec
    readonly Mode: { readonly Replicated?: { readonly Replicas: number } }
  }
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string }
}

/** What containers of a service are made of. */
export interface TaskSpec {
  readonly ContainerSpec: ContainerSpec
  /** Counts how often all were replaced for no other reason. */
  readonly ForceUpdate?: number
}

interface ContainerSpec {
  readonly Image: string
  readonly Configs?: readonly { readonly ConfigName: string }[]
}

export interface Task {
  readonly ID: string
  readonly ServiceID: string
  readonly NodeID?: string
  readonly Slot?: number
  readonly CreatedAt: string
  /** What the swarm wants of it: `running`, `shutdown`, … */
  readonly DesiredState: string
  readonly Status: {
    readonly State: string
    readonly Err?: string
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number }
  }
  readonly Spec: TaskSpec
}

export interface SwarmNode {
  readonly ID: string
  readonly Spec: {
    readonly Labels?: Readonly<Record<string, string>>
    readonly Role: 'manager' | 'worker'
    readonly Availability: 'active' | 'pause' | 'drain'
  }
  readonly Description: { readonly Hostname: string; readonly Engine?: { readonly EngineVersion?: string } }
  readonly Status: { readonly State: string; readonly Addr?: string }
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string }
}

/** A swarm with one stack, as a manager sees them. */
export interface SwarmLook {
  readonly nodes: readonly SwarmNode[]
  readonly services: readonly Service[]
  readonly tasks: readonly Task[]
}

/** How a server stands to swarms. */
export interface MemberLook {
  readonly nodeId: string
  /** `inactive`, `pending`, `active`, `error` or `locked`. */
  readonly state: string
  /** Whether it can be asked about the swarm. */
  readonly isManager: boolean
  /** The addresses of the managers that it knows. */
  readonly managers: readonly string[]
  /** Where other servers reach it, by the way that its packets take. */
  readonly address: string
  /** Of the network card with that address, in bytes. */
  readonly mtu: number
}

interface SwarmInfo {
  readonly NodeID?: string
  readonly LocalNodeState?: string
  readonly ControlAvailable?: boolean
  readonly RemoteManagers?: readonly { readonly Addr: string }[] | null
}

/** Looks at one server by itself. Throws `swarm.docker` where no engine answers. */
export async function lookAtMember(line: Line, server: string): Promise<MemberLook> {
  const look = lines(
    section('swarm'),
    sh`docker info --format '{{json .Swarm}}' || exit`,
    section('way'),
    // nothing is sent: this asks which way a packet would take
    script('way=$(ip -o -4 route get 192.0.2.1) || exit\nset -- $way\nwhile [ $# -gt 1 ]; do'),
    script('case $1 in src) address=$2 ;; dev) card=$2 ;; esac\nshift\ndone'),
    script('echo "$address $(cat "/sys/class/net/$card/mtu")"'),
  )
  const parts = sections(await run(line, look, server))
  const said = parsed(parts.get('swarm'), {}) as SwarmInfo // docker info
  const [address = '', mtu = ''] = (parts.get('way') ?? '').trim().split(' ')
  return {
    nodeId: said.NodeID ?? '',
    state: said.LocalNodeState ?? 'inactive',
    isManager: said.ControlAvailable === true,
    managers: (said.RemoteManagers ?? []).map(({ Addr }) => Addr.replace(/:\d+$/, '')),
    address,
    mtu: Number(mtu) || 1500,
  }
}

/** What runs of a stack, asked at a manager. */
export async function lookAtSwarm(manager: Line, stack: string): Promise<SwarmLook> {
  const look = lines(
    section('nodes'),
    script(`${inspectNodes.text} || exit`),
    section('services'),
    sh`services=$(docker service ls --quiet --filter ${`label=com.docker.stack.namespace=${stack}`}) || exit`,
    script('[ -z "$services" ] || docker service inspect $services'),
    section('tasks'),
    // a task that ends meanwhile is left out
    script('tasks=$([ -z "$services" ] || docker service ps --quiet --no-trunc $services)'),
    script('[ -z "$tasks" ] || docker inspect --type task $tasks 2>/dev/null || :'),
  )
  const parts = sections(await run(manager, look, 'the manager'))
  // the engine's own JSON, in the shape of its API
  return {
    nodes: parsed(parts.get('nodes'), []) as SwarmNode[],
    services: parsed(parts.get('services'), []) as Service[],
    tasks: parsed(parts.get('tasks'), []) as Task[],
  }
}

/** The nodes of a swarm, asked at a manager. */
export async function nodesIn(manager: Line): Promise<SwarmNode[]> {
  return JSON.parse(await run(manager, inspectNodes, 'the manager')) as SwarmNode[] // the engine's own JSON
}

const inspectNodes = script("docker node inspect $(docker node ls --format '{{.ID}}')")

/** What a script prints that has to succeed, run as root; again while managers choose who leads. Throws `swarm.docker`. */
export async function run(line: Line, script: Script, where: string, stdin?: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    const [result] = await line.connection.run([
      { script, become: line.root, timeoutMs: 120_000, ...(stdin === undefined ? {} : { stdin }) },
    ])
    if (result?.status === 0) return result.stdout
    const said = (result?.stderr || result?.stdout || '').trim().split('\n').slice(-3).join('\n')
    if (tries < ELECTION_S && /does not have a leader/.test(said)) {
      await wait(1000)
      continue
    }
    throw new MlopsError('swarm.docker', `Docker on ${where}: ${said || `exit status ${result?.status}`}`, {
      hint: /leader|quorum/.test(said)
        ? 'too few of its managers are there: bring them back, or go on with one: docker swarm init --force-new-cluster'
        : 'mlops swarm apply installs it and makes the swarm',
    })
  }
}

/** An election among managers takes seconds; without one, too few of them are there. */
const ELECTION_S = 10

/** The name of a service within its stack. */
export function partOf(service: Service, stack: string): string {
  return service.Spec.Name.slice(stack.length + 1)
}

function parsed(text: string | undefined, empty: unknown): unknown {
  return text === undefined || text.trim() === '' ? empty : JSON.parse(text)
}
