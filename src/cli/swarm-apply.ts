import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { appServers } from '../project/services.ts'
import { appendJournal } from '../project/state.ts'
import { sh } from '../shell/sh.ts'
import { bringAlong, compare, type Difference, isEncrypted, isSame } from '../swarm/deploy.ts'
import { imageTag } from '../swarm/image-tag.ts'
import { lookAtSwarm, run } from '../swarm/look.ts'
import { gather, lookAtMembers, type Member } from '../swarm/members.ts'
import { appSourceOf, baseImage } from '../swarm/plan.ts'
import { stackOf } from '../swarm/stack.ts'
import { onServers } from './on-server.ts'
import { ownPlaybook } from './own-playbook.ts'
import { play } from './play-run.ts'
import { openSession, type ReachFlags } from './session.ts'
import type { SwarmApplyFlags } from './swarm.ts'
import { bring, spread, takeOut } from './swarm-bring.ts'
import { blueprintOf, onManager, playbooksOf, privateAddresses, requireSwarm } from './swarm-reach.ts'

/** What an apply did. */
interface Done {
  readonly servers: readonly { readonly server: string; readonly what: string }[]
  readonly made: readonly string[]
  readonly difference: Difference
  /** Services whose copies were spread anew over the servers. */
  readonly spread: readonly string[]
}

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
  return await onServers(flags, appServers, async ({ lines, problems }) => {
    // before anything changes anywhere
    if (problems[0]) throw problems[0]
    const { inventory } = openSession(flags, undefined, { project })
    const members = await lookAtMembers(lines, privateAddresses(inventory, [...lines.keys()]))
    const servers: { server: string; what: string }[] = []
    const onMember = (server: string, what: string) => {
      servers.push({ server, what })
      say(`${server}: ${what}\n`)
    }
    const manager = await gather(project, members, onMember)
    const stack = await stackFor(project, flags, members, manager.line)
    const made = await prepare(project, manager.line, stack.blueprint)
    for (const what of made) say(`swarm: new: ${what}\n`)
    const difference = compare(stack.file, await lookAtSwarm(manager.line, project.name), project.name)
    const options = { timeout: flags.wait, quiet: flags.json === true }
    let status = await bring(project, manager.line, stack.file, difference, options)
    if (status === 0) status = await takeOut(project, manager.line, { ...options, onMember })
    const isNew = servers.length > 0
    const spreadOut = status === 0 ? await spread(project, manager.line, { ...options, isNew }) : undefined
    status = spreadOut?.status ?? status
    appendJournal(project, {
      at: start,
      command: 'swarm apply',
      ms: Date.now() - start,
      exitStatus: status,
      image: stack.blueprint.image,
    })
    const done: Done = { servers, made, difference, spread: spreadOut?.services ?? [] }
    if (flags.json) process.stdout.write(`${JSON.stringify(done, null, 2)}\n`)
    else if (status === 0) say(summary(project, done))
    return status
  })
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
  else say(summary(project, { servers: [], made: [], difference, spread: [] }, 'would be '))
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

async function prepare(project: Project, manager: Line, blueprint: Parameters<typeof bringAlong>[1]) {
  const encrypted = await isEncrypted(manager, project.name)
  if (encrypted !== undefined && encrypted !== project.swarm.encrypted) {
    throw new MlopsError(
      'swarm.network',
      `the network is ${encrypted ? 'encrypted' : 'not encrypted'}, and a network that is used cannot change`,
      { hint: 'mlops swarm delete, then mlops swarm apply: users are without answers meanwhile' },
    )
  }
  return await bringAlong(manager, blueprint)
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
