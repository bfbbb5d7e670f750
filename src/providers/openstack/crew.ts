import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import { statePath, writeStateText } from '../../project/state.ts'
import { awaitServer } from '../await-server.ts'
import type { LoginKey } from '../cluster-key.ts'
import { knownHosts } from '../known-hosts.ts'
import type { Server, ServerPlan, Work } from '../provider.ts'
import { rememberReady } from '../ready.ts'
import type { Choice, Wish } from './choices.ts'
import type { CloudClient } from './client.ts'
import { consoleTail } from './console-tail.ts'
import { removeServer } from './destroy.ts'
import type { FloatingIpDesk } from './floating-ips.ts'
import { awaitActive, makeServer } from './make-server.ts'
import * as tag from './metadata.ts'
import { neverRan } from './plan.ts'
import { addressOf, hasFloatingIp, readServer, toServer, WAKE } from './servers.ts'
import type { FloatingIp, NovaServer } from './wire.ts'

const BUILD_TIME_MS = 600_000
/** Under emulation a busy machine needed three minutes until SSH, and five for cloud-init. */
const BOOT_TIME_MS = 900_000
/** An emulated server that boots has been seen to take most of it for one login. */
const CONNECT_TIME_MS = 60_000

/** What all servers that are made together share. */
export interface Crew {
  readonly client: CloudClient
  readonly project: Project
  readonly work: Work
  readonly desk: FloatingIpDesk
  /** Ids of the groups of a server. */
  readonly groupsOf: (choice: Choice) => Promise<readonly string[]>
  /** Name of the key pair of a server. */
  readonly keyPairOf: (choice: Choice, key: LoginKey) => Promise<string>
  /** Id of a baked image. */
  readonly bakedId: (name: string) => Promise<string>
}

/** One server to make, wake or finish. */
export interface Job {
  readonly plan: ServerPlan
  readonly wish: Wish
  readonly key: LoginKey
  /** undefined: there is none yet. */
  readonly server: NovaServer | undefined
  /** undefined: nothing has to be chosen for it. */
  readonly choice: Choice | undefined
}

/** Brings one server to where it lets us in. What this run made of one that fails is removed again. */
export async function carryOut(crew: Crew, job: Job): Promise<void> {
  const { client, desk, work } = crew
  const since = Date.now()
  const { server: present, choice, wish } = job
  const needsAddress = wish.settings.floatingIp !== false && !(present && hasFloatingIp(present))
  if (job.plan.action === 'replace' && present) await removeServer(client, present.id)
  const floating = needsAddress && choice?.pool ? await desk.take(choice.pool) : undefined
  let server: NovaServer | undefined
  let attached = false
  try {
    server = await start(crew, job)
    const active = await follow(crew, job, server)
    if (floating && choice) await desk.attach(floating, active, choice.network)
    attached = true
    await finish(crew, job, { active, floating, since })
  } catch (error) {
    if (work.signal?.aborted || !(error instanceof MlopsError)) throw error
    await cleanUp(crew, { job, server, unused: attached ? undefined : floating, error }).catch(() => {
      work.onWarning(`not all that was made for ${wish.spec.name} could be removed: mlops destroy does it`)
    })
    throw error
  }
}

/** Marks a server with the time when it may go. */
export async function markExpiry(
  client: CloudClient,
  server: NovaServer,
  expiresAt: string | undefined,
): Promise<void> {
  if (expiresAt === undefined || server.metadata[tag.EXPIRES] === expiresAt) return
  const body = { metadata: { [tag.EXPIRES]: expiresAt } }
  // to set the same twice does no harm
  await client.once(
    async () => undefined,
    () => client.post('compute', `/servers/${server.id}/metadata`, body),
  )
}

async function start(crew: Crew, { plan, wish, key, server, choice }: Job): Promise<NovaServer> {
  const { client, project, work } = crew
  const isNew = plan.action === 'create' || plan.action === 'replace'
  if (isNew && choice) {
    const [groups, keyPair, imageId] = await Promise.all([
      crew.groupsOf(choice),
      crew.keyPairOf(choice, key),
      plan.baked === undefined ? choice.image.id : crew.bakedId(plan.baked),
    ])
    const made = await makeServer(client, project, {
      ...{ wish, choice, imageId, key, groups, keyPair, expiresAt: work.expiresAt },
    })
    work.onStep(
      `${wish.spec.name}: ${plan.baked ?? choice.image.name} as ${choice.flavor.name} in ${choice.network.name}`,
    )
    return made
  }
  if (server === undefined) throw new MlopsError('server.gone', `${plan.server} was removed while it was being made`)
  // one that an interrupted run has woken already is not woken again
  const wake = (server['OS-EXT-STS:task_state'] ?? null) === null ? WAKE[server.status] : undefined
  if (wake !== undefined) await client.post('compute', `/servers/${server.id}/action`, { [wake]: null })
  await markExpiry(client, server, work.expiresAt)
  return server
}

/** Until it is ACTIVE; each state once. */
async function follow({ client, work }: Crew, { wish }: Job, server: NovaServer): Promise<NovaServer> {
  const { name } = wish.spec
  let last = ''
  return awaitActive(client, server, {
    timeoutMs: BUILD_TIME_MS,
    onState: ({ status, 'OS-EXT-STS:task_state': doing }) => {
      work.onServer?.({ type: 'state', server: name, state: status })
      const now = doing ? `${status}, ${doing}` : status
      if (now !== last) work.onStep(`${name}: ${now}`)
      last = now
    },
  })
}

async function finish(
  crew: Crew,
  { wish, key, server: present }: Job,
  { active, floating, since }: { active: NovaServer; floating: FloatingIp | undefined; since: number },
): Promise<void> {
  const { client, project, work } = crew
  const { name } = wish.spec
  // an address may come a moment after ACTIVE
  const current = addressOf(active) === undefined ? await readServer(client, active.id) : active
  // what it had before it was woken, Nova may not show yet
  const before = present && hasFloatingIp(present) ? addressOf(present) : undefined
  const address = floating?.floating_ip_address ?? before ?? addressOf(current)
  if (address === undefined) {
    throw new MlopsError('openstack.no-address', `${name}: no IP address assigned!`, {
      hint: 'choose a `network` with a subnet, and look at its DHCP',
    })
  }
  work.onServer?.({ type: 'active', server: name, address })
  const server: Server = { ...toServer(current, new Set(), { port: wish.spec.port, ...key }), address }
  const pinned = `host-keys/${name}.known_hosts`
  writeStateText(project, pinned, knownHosts([server]))
  try {
    const complaints = await awaitServer(server, {
      open: work.open,
      knownHostsFile: statePath(project, ...pinned.split('/')),
      timeoutMs: BOOT_TIME_MS,
      connectTimeoutMs: CONNECT_TIME_MS,
      signal: work.signal,
      userDataFile: wish.spec.userDataFile,
      onStep: work.onStep,
      onOutput: work.onOutput,
      hint: floating
        ? 'its console is shown above; the security group must let port 22 in'
        : 'its console is shown above; `floating_ip: true` gives it an address that can be reached from outside',
    })
    for (const complaint of complaints) work.onWarning(`${name}: cloud-init: ${complaint}`)
  } catch (error) {
    if (error instanceof MlopsError && error.code === 'server.unreachable') {
      const tail = await consoleTail(client, active.id)
      work.onWarning(
        tail === '' ? `${name} has written nothing to its console` : `the console of ${name} ends with:\n${tail}`,
      )
    }
    throw error
  }
  rememberReady(project, active.id)
  work.onStep(`server ${name} ${address} is ready (${((Date.now() - since) / 1000).toFixed(1)} s)`)
}

/** A server that never ran is removed; one that runs but does not let us in is left to be looked at. */
async function cleanUp(
  { client, desk, work }: Crew,
  {
    job,
    server,
    unused,
    error,
  }: { job: Job; server: NovaServer | undefined; unused: FloatingIp | undefined; error: MlopsError },
): Promise<void> {
  const name = job.wish.spec.name
  const now = server && (await readServer(client, server.id).catch(() => undefined))
  if (now && neverRan(now)) {
    await removeServer(client, now.id)
    work.onStep(`${name} removed again: ${error.code}`)
  }
  if (unused) await desk.giveBack(unused)
}
