import { setTimeout as wait } from 'node:timers/promises'
import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { appServers } from '../project/services.ts'
import { lines, sh } from '../shell/sh.ts'
import { nodeLabel, serverLabel } from './blueprint.ts'
import { lookAtMember, type MemberLook, nodesIn, run, type SwarmNode } from './look.ts'

/** A server that is to take part. */
export interface Member {
  readonly server: string
  readonly line: Line
  readonly look: MemberLook
  /** Where the others reach it: what its variables say, else by the way that its packets take. */
  readonly address: string
}

/** What was done to bring a server in, in words: `makes the swarm`, `joins as worker`, `becomes manager`, … */
export type OnMember = (server: string, what: string) => void

/** The servers that manage a swarm of these: the first of three, or the first alone, where fewer could not agree without one. */
export function managersOf(servers: readonly string[]): readonly string[] {
  return servers.slice(0, servers.length >= 3 ? 3 : 1)
}

/** Looks at all servers. `addresses` says what variables say of where others reach a server. */
export async function lookAtMembers(
  open: ReadonlyMap<string, Line>,
  addresses: ReadonlyMap<string, string>,
): Promise<Member[]> {
  return await Promise.all(
    [...open].map(async ([server, line]) => {
      const look = await lookAtMember(line, server)
      return { server, line, look, address: addresses.get(server) ?? look.address }
    }),
  )
}

/**
 * Makes the swarm where there is none, and brings every server in with its role and labels. Gives a manager to go on with.
 * An interruption is thrown between two servers.
 */
export async function gather(
  project: Project,
  members: readonly Member[],
  { onMember, signal }: { readonly onMember: OnMember; readonly signal: AbortSignal },
): Promise<Member> {
  const managers = managersOf(appServers(project))
  let manager = await managerOf(members, managers, onMember)
  // before anybody else stops to manage: those who are away count among those who have to agree
  for (const node of strangers(await nodesIn(manager.line), project)) {
    if (node.Status.State === 'ready') continue
    signal.throwIfAborted()
    await drop(manager.line, node)
    onMember(serverOf(node), 'is taken out')
  }
  const own = members.map(({ address }) => address)
  for (const member of members) {
    if (member === manager || isIn(member, await nodesIn(manager.line))) continue
    signal.throwIfAborted()
    refuseOther(member, own)
    await join(member, manager, managers.includes(member.server), onMember)
  }
  const looks = new Map(
    await Promise.all(
      members.map(async ({ server, line }) => [server, (await lookAtMember(line, server)).nodeId] as const),
    ),
  )
  const nodes = await nodesIn(manager.line)
  // who is to manage first: one that shall not any more is told so by another
  for (const { server } of [...members].sort((a, b) => rank(managers, a) - rank(managers, b))) {
    signal.throwIfAborted()
    if (server === manager.server && !managers.includes(server)) manager = await another(members, managers, signal)
    const node = nodes.find(({ ID }) => ID === looks.get(server))
    if (node === undefined) throw new MlopsError('swarm.join', `${server} did not come into the swarm`)
    await settle(project, manager, { server, node, isManager: managers.includes(server) }, onMember)
  }
  for (const node of nodes.filter(node => isRemnant(node, looks))) {
    await drop(manager.line, node)
    onMember(serverOf(node), 'had left: its old place is taken away')
  }
  return manager
}

/** The nodes that belong to no server of the project any more. */
export function strangers(nodes: readonly SwarmNode[], project: Project): SwarmNode[] {
  const servers = appServers(project)
  return nodes.filter(node => node.Spec.Labels?.[serverLabel] !== undefined && !servers.includes(serverOf(node)))
}

/** Takes a node out: its work goes to the others first. */
export async function remove(manager: Line, node: SwarmNode, isIdle: () => Promise<boolean>): Promise<boolean> {
  await run(manager, sh`docker node update --availability drain ${node.ID}`, 'the manager')
  const idle = await isIdle()
  await drop(manager, node)
  return idle
}

async function drop(manager: Line, node: SwarmNode): Promise<void> {
  if (node.Spec.Role === 'manager') await run(manager, sh`docker node demote ${node.ID}`, 'the manager')
  await run(manager, sh`docker node rm --force ${node.ID}`, 'the manager')
}

/** The name of a node's server. */
export function serverOf(node: SwarmNode): string {
  return node.Spec.Labels?.[serverLabel] ?? node.Description.Hostname
}

async function managerOf(members: readonly Member[], wanted: readonly string[], onMember: OnMember): Promise<Member> {
  const all = members.filter(({ look }) => look.isManager)
  const manager = all.find(({ server }) => wanted.includes(server)) ?? all[0]
  if (manager !== undefined) return manager
  const lost = members.filter(({ look }) => look.state !== 'inactive')
  if (lost.length > 0) {
    const names = lost.map(({ server }) => server).join(', ')
    throw new MlopsError('swarm.no-manager', `${names}: in a swarm whose managers are none of these servers`, {
      hint: 'bring a manager of it back, or end it there: docker swarm leave --force',
    })
  }
  const [first] = members
  if (first === undefined) throw new MlopsError('swarm.no-server', 'no server runs anything of the application')
  const pool = addressPool(members.map(({ address }) => address))
  await run(
    first.line,
    sh`docker swarm init --advertise-addr ${first.address} --default-addr-pool ${pool} --default-addr-pool-mask-length 24`,
    first.server,
  )
  onMember(first.server, 'makes the swarm')
  return first
}

/** Networks for containers that hold none of the servers: Docker's own choice begins at 10.0.0.0, where many clouds do, too. */
export function addressPool(addresses: readonly string[]): string {
  const pools = ['10.201.0.0/16', '172.29.0.0/16', '10.202.0.0/16']
  const free = pools.find(pool => !addresses.some(address => address.startsWith(pool.replace(/\d+\.\d+\/16$/, ''))))
  return free ?? '10.203.0.0/16'
}

function isIn({ look }: Member, nodes: readonly SwarmNode[]): boolean {
  return look.state === 'active' && nodes.some(({ ID }) => ID === look.nodeId)
}

/** A server in a swarm of somebody else is left there. */
function refuseOther({ server, look }: Member, own: readonly string[]): void {
  if (look.state === 'inactive' || look.managers.some(address => own.includes(address))) return
  throw new MlopsError('swarm.other', `${server} is in another swarm`, {
    hint: `if nobody needs that one: docker swarm leave --force, on ${server}`,
  })
}

/** Those who are to manage come first. */
function rank(managers: readonly string[], { server }: Member): number {
  return managers.includes(server) ? 0 : 1
}

/** A member that manages by now, of those that shall. */
async function another(members: readonly Member[], managers: readonly string[], signal: AbortSignal): Promise<Member> {
  const wanted = members.filter(({ server }) => managers.includes(server))
  for (let tries = 0; tries < 60; tries++) {
    for (const member of wanted) if ((await lookAtMember(member.line, member.server)).isManager) return member
    signal.throwIfAborted()
    await wait(1000)
  }
  throw new MlopsError('swarm.no-manager', `none of ${managers.join(', ')} becomes a manager`)
}

async function join(member: Member, manager: Member, isManager: boolean, onMember: OnMember): Promise<void> {
  const { server, line, look, address } = member
  // a member whose place was taken away, or that could not get in the last time
  if (look.state !== 'inactive') await run(line, sh`docker swarm leave --force`, server)
  const role = isManager ? 'manager' : 'worker'
  const token = (await run(manager.line, sh`docker swarm join-token --quiet ${role}`, manager.server)).trim()
  const wish = {
    ListenAddr: '0.0.0.0:2377',
    AdvertiseAddr: address,
    RemoteAddrs: [`${manager.address}:2377`],
    JoinToken: token,
  }
  // over the engine's socket: the token would be read by others on a command line
  const ask = sh`curl --silent --show-error --max-time 90 --unix-socket /var/run/docker.sock -H 'Content-Type: application/json' --data @- --write-out '\n%{http_code}' http://docker/swarm/join`
  const said = (await run(line, ask, server, JSON.stringify(wish))).trim()
  if (!said.endsWith('200')) {
    const reason = said.replace(/\n?\d+$/, '').replaceAll(token, '********')
    throw new MlopsError('swarm.join', `${server} cannot join the swarm of ${manager.server}: ${reason}`, {
      hint: 'servers reach each other on TCP 2377, TCP and UDP 7946, and UDP 4789',
    })
  }
  onMember(server, `joins as ${role}`)
}

async function settle(
  project: Project,
  manager: Member,
  { server, node, isManager }: { readonly server: string; readonly node: SwarmNode; readonly isManager: boolean },
  onMember: OnMember,
): Promise<void> {
  const has = node.Spec.Labels ?? {}
  const wanted: Record<string, string> = { [serverLabel]: server }
  for (const { name, servers } of project.services) if (servers.includes(server)) wanted[nodeLabel(name)] = 'yes'
  const add = Object.entries(wanted).filter(([key, value]) => has[key] !== value)
  const gone = Object.keys(has).filter(key => key.startsWith('mlops.') && wanted[key] === undefined)
  const role = isManager ? 'manager' : 'worker'
  if (add.length > 0 || gone.length > 0 || node.Spec.Role !== role) {
    const words = [
      ...add.flatMap(([key, value]) => ['--label-add', `${key}=${value}`]),
      ...gone.flatMap(key => ['--label-rm', key]),
      ...(node.Spec.Role === role ? [] : ['--role', role]),
    ]
    await run(manager.line, lines(sh`docker node update ${words} ${node.ID} >/dev/null`), manager.server)
  }
  if (node.Spec.Role !== role) onMember(server, `becomes ${role}`)
  const runs = project.services.filter(({ servers }) => servers.includes(server)).map(({ name }) => name)
  if (add.length > 0 || gone.length > 0) onMember(server, `may run ${runs.join(', ')}`)
}

/** An entry of a server of ours that has another one by now. */
function isRemnant(node: SwarmNode, looks: ReadonlyMap<string, string>): boolean {
  const id = looks.get(serverOf(node))
  return id !== undefined && id !== node.ID && node.Spec.Labels?.[serverLabel] !== undefined
}
