import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { appServers } from '../project/services.ts'
import { appendJournal } from '../project/state.ts'
import { sh } from '../shell/sh.ts'
import { removeData } from '../swarm/delete.ts'
import { bringAlong, compare, type Difference, isEncrypted, isSame } from '../swarm/deploy.ts'
import { imageTag } from '../swarm/image-tag.ts'
import { lookAtSwarm, run } from '../swarm/look.ts'
import { gather, lookAtMembers, type Member } from '../swarm/members.ts'
import { appSourceOf, baseImage } from '../swarm/plan.ts'
import { stackOf } from '../swarm/stack.ts'
import { type Lines, onServers } from './on-server.ts'
import { ownPlaybook } from './own-playbook.ts'
import { play } from './play-run.ts'
import { openSession, type ReachFlags } from './session.ts'
import type { SwarmApplyFlags } from './swarm.ts'
import { bring, spread, takeOut } from './swarm-bring.ts'
import { blueprintOf, inSteps, onManager, playbooksOf, privateAddresses, requireSwarm } from './swarm-reach.ts'

/** What an apply did, as far as it came. */
interface Done {
  readonly servers: { readonly server: string; readonly what: string }[]
  readonly made: string[]
  image: string | undefined
  difference: Difference
  /** Services whose copies were spread anew over the servers. */
  spread: readonly string[]
}

const nothing: Difference = { services: [], gone: [], numbers: {} }

/** Prepares the servers, brings them together, and deploys; gives the exit status. */
export async function applySwarm(flags: SwarmApplyFlags): Promise<number> {
  const project = requireSwarm(flags.project)
  const start = Date.now()
  const output = flags.json ? process.stderr : process.stdout
  const say = (text: string) => void output.write(text)
  const played = await play(
    [ownPlaybook('swarm.yml', flags)],
    { ...flags, json: false, extraVars: [...imageVars(project, flags), ...(flags.extraVars ?? [])] },
    { project, output },
  )
  if (played !== 0) return played
  if (flags.check) return await foresee(project, flags, say)
  const done: Done = { servers: [], made: [], image: undefined, difference: nothing, spread: [] }
  const status = await inSteps(signal =>
    onServers(flags, appServers, opened => bringUp(project, opened, { flags, say, done, signal })),
  )
  appendJournal(project, {
    at: start,
    command: 'swarm apply',
    ms: Date.now() - start,
    exitStatus: status,
    image: done.image,
  })
  if (flags.json) process.stdout.write(`${JSON.stringify(done, null, 2)}\n`)
  else if (status === 0) say(summary(project, done))
  if (status === 99) process.stderr.write('The swarm goes on with what it was told; mlops swarm apply does the rest.\n')
  return status
}

interface Work {
  readonly flags: SwarmApplyFlags
  readonly say: (text: string) => void
  readonly done: Done
  readonly signal: AbortSignal
}

/** Step by step from servers to an application that runs. An interruption is thrown between two. */
async function bringUp(
  project: Project,
  { lines, problems }: Lines,
  { flags, say, done, signal }: Work,
): Promise<number> {
  // before anything changes anywhere
  if (problems[0]) throw problems[0]
  const onMember = (server: string, what: string) => {
    done.servers.push({ server, what })
    say(`${server}: ${what}\n`)
  }
  const onMade = (what: string) => {
    done.made.push(what)
    say(`swarm: new: ${what}\n`)
  }
  const waiting = { timeout: flags.wait, quiet: flags.json === true, signal }
  const { inventory } = openSession(flags, undefined, { project })
  const members = await lookAtMembers(lines, privateAddresses(inventory, [...lines.keys()]))
  signal.throwIfAborted()
  const manager = (await gather(project, members, { onMember, signal })).line
  const stack = await stackFor(project, flags, members, manager)
  await requireNetwork(project, manager)
  const forgetBroker = async () =>
    void (await Promise.all([...lines].map(([server, line]) => removeData(line, project.name, server))))
  await bringAlong(manager, stack.blueprint, { onMade, forgetBroker, signal })
  done.image = stack.blueprint.image
  done.difference = compare(stack.file, await lookAtSwarm(manager, project.name), project.name)
  signal.throwIfAborted()
  let status = await bring(project, manager, stack.file, done.difference, waiting)
  if (status === 0) status = await takeOut(project, manager, { ...waiting, onMember })
  if (status !== 0) return status
  const spreadOut = await spread(project, manager, { ...waiting, isNew: done.servers.length > 0 })
  done.spread = spreadOut.services
  return spreadOut.status
}

/** Says what would be deployed, in a swarm that is there. */
async function foresee(project: Project, flags: SwarmApplyFlags, say: (text: string) => void): Promise<0> {
  const { image } = flags
  const stack = stackOf(blueprintOf(project, flags, { image }), 'external')
  const difference = await onManager(flags, async manager =>
    compare(stack, await lookAtSwarm(manager, project.name), project.name),
  ).catch(error => {
    if (error instanceof MlopsError && ['swarm.none', 'swarm.docker'].includes(error.code)) return undefined
    throw error
  })
  if (difference === undefined) say(`There is no swarm yet: it would be made, and ${project.name} deployed.\n`)
  else say(summary(project, { servers: [], made: [], image, difference, spread: [] }, 'would be '))
  return 0
}

/** What the image is made of is told to the playbook: its name changes with all that goes into it. */
function imageVars(project: Project, flags: SwarmApplyFlags): string[] {
  if (flags.image !== undefined) return [JSON.stringify({ mlops_swarm_image: flags.image })]
  if (project.swarm.image !== undefined) return []
  return [`image_tag=${imageTag(appSourceOf(project, playbooksOf(flags)), baseImage(project))}`]
}

async function stackFor(project: Project, flags: ReachFlags, members: readonly Member[], manager: Line) {
  const image = (await run(manager, sh`cat -- ${`${project.app.directory}/delivery/image`}`, 'the manager')).trim()
  const blueprint = blueprintOf(project, flags, { image, mtu: Math.min(...members.map(({ look }) => look.mtu)) })
  return { blueprint, file: stackOf(blueprint, 'external') }
}

/** A network that containers use cannot become an encrypted one, or the other way round. Throws `swarm.network`. */
async function requireNetwork(project: Project, manager: Line): Promise<void> {
  const encrypted = await isEncrypted(manager, project.name)
  if (encrypted !== undefined && encrypted !== project.swarm.encrypted) {
    throw new MlopsError(
      'swarm.network',
      `the network is ${encrypted ? 'encrypted' : 'not encrypted'}, and a network that is used cannot change`,
      { hint: 'mlops swarm delete, then mlops swarm apply: users are without answers meanwhile' },
    )
  }
}

function summary(project: Project, { servers, made, difference, spread }: Done, would = ''): string {
  if (servers.length === 0 && made.length === 0 && spread.length === 0 && isSame(difference))
    return `Nothing to do: ${project.name} runs as mlops.yml says.\n`
  const { services, gone, numbers } = difference
  const parts = [
    ...(services.length > 0 ? [`${services.join(', ')} ${would}deployed`] : []),
    ...(gone.length > 0 ? [`${gone.join(', ')} ${would}removed`] : []),
    ...Object.entries(numbers).map(
      ([name, replicas]) => `${name} ${would === '' ? 'runs' : 'would run'} ${replicas} times`,
    ),
    ...(spread.length > 0 ? [`${spread.join(', ')} spread anew`] : []),
  ]
  return `${project.name}: ${parts.join('; ') || 'its services are as they were'}.\n`
}
