import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { appServers } from '../project/services.ts'
import { appendJournal } from '../project/state.ts'
import { sh } from '../shell/sh.ts'
import { bringAlong, compare, type Difference, deploy, digestsOf, isEncrypted, isSame, scale } from '../swarm/deploy.ts'
import { imageTag } from '../swarm/image-tag.ts'
import { lookAtSwarm, nodesIn, run } from '../swarm/look.ts'
import { gather, lookAtMembers, type Member, remove, serverOf, strangers } from '../swarm/members.ts'
import { appSourceOf, baseImage } from '../swarm/plan.ts'
import { isSameStack, keepRelease, releasesOf } from '../swarm/releases.ts'
import { living } from '../swarm/settle.ts'
import { type StackFile, stackOf, withReplicas } from '../swarm/stack.ts'
import { onServers } from './on-server.ts'
import { ownPlaybook } from './own-playbook.ts'
import { play } from './play-run.ts'
import { openSession, type ReachFlags } from './session.ts'
import type { SwarmApplyFlags } from './swarm.ts'
import { blueprintOf, eventually, privateAddresses, requireSwarm, shippedApp, waitForServices } from './swarm-reach.ts'

/** What an apply did. */
interface Done {
  readonly servers: readonly { readonly server: string; readonly what: string }[]
  readonly made: readonly string[]
  readonly difference: Difference
}

/** Prepares the servers, brings them together, and deploys; gives the exit status. */
export async function applySwarm(flags: SwarmApplyFlags): Promise<number> {
  const project = requireSwarm(flags.project)
  const start = Date.now()
  const output = flags.json ? process.stderr : process.stdout
  const say = (text: string) => void output.write(text)
  const played = await play(
    [ownPlaybook('swarm.yml', flags)],
    { ...flags, json: false, lookAhead: true, extraVars: [...imageVars(project, flags), ...(flags.extraVars ?? [])] },
    { project, output },
  )
  if (played !== 0 || flags.check) return played
  return await onServers(flags, appServers, async ({ lines, problems }) => {
    // before anything changes anywhere
    if (problems[0]) throw problems[0]
    const { inventory } = openSession(flags, undefined, { project })
    const members = await lookAtMembers(lines, privateAddresses(inventory, [...lines.keys()]))
    const servers: { server: string; what: string }[] = []
    const manager = await gather(project, members, (server, what) => {
      servers.push({ server, what })
      say(`${server}: ${what}\n`)
    })
    const stack = await stackFor(project, flags, members, manager.line)
    const made = await prepare(project, manager.line, stack.blueprint)
    for (const what of made) say(`swarm: new: ${what}\n`)
    const difference = compare(stack.file, await lookAtSwarm(manager.line, project.name), project.name)
    const status = await bring(project, manager.line, stack.file, difference, flags)
    if (status === 0)
      await takeOut(project, manager, (server, what) => {
        servers.push({ server, what })
        say(`${server}: ${what}\n`)
      })
    appendJournal(project, {
      at: start,
      command: 'swarm apply',
      ms: Date.now() - start,
      exitStatus: status,
      image: stack.blueprint.image,
    })
    const done: Done = { servers, made, difference }
    if (flags.json) process.stdout.write(`${JSON.stringify(done, null, 2)}\n`)
    else if (status === 0) say(summary(project, done))
    return status
  })
}

/** What the image is made of is told to the playbook: its name changes with all that goes into it. */
function imageVars(project: Project, flags: SwarmApplyFlags): string[] {
  if (flags.image !== undefined) return [JSON.stringify({ mlops_swarm_image: flags.image })]
  if (project.swarm.image !== undefined) return []
  return [`image_tag=${imageTag(appSourceOf(project, shippedApp(flags)), baseImage(project))}`]
}

async function stackFor(project: Project, flags: ReachFlags, members: readonly Member[], manager: Line) {
  const image = (await run(manager, sh`cat -- ${`${project.app.directory}/image`}`, 'the manager')).trim()
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

/** Deploys what differs and waits for it. What was taken back in one service goes back in all. */
async function bring(
  project: Project,
  manager: Line,
  stack: StackFile,
  difference: Difference,
  { json, wait }: SwarmApplyFlags,
): Promise<0 | 2 | 99> {
  const { name } = project
  if (difference.services.length > 0 || difference.gone.length > 0) await deploy(manager, name, stack)
  else await scale(manager, name, difference.numbers)
  const options = { timeout: wait, quiet: json === true }
  const { status, progress } = await waitForServices(manager, name, { ...options, digests: digestsOf(stack) })
  const [last] = await releasesOf(manager, name)
  if (status === 0 && (last === undefined || !isSameStack(last.stack, stack))) await keepRelease(manager, name, stack)
  if (last !== undefined && progress.some(({ outcome }) => outcome === 'taken back')) {
    process.stderr.write('The version before goes on, in all services.\n')
    const numbers = Object.fromEntries(
      Object.entries(stack.services).flatMap(([part, { deploy }]) =>
        deploy.replicas === undefined ? [] : [[part, deploy.replicas]],
      ),
    )
    const before = withReplicas(last.stack, numbers)
    await deploy(manager, name, before)
    await waitForServices(manager, name, { ...options, digests: digestsOf(before) })
  }
  return status
}

/** Servers that the project has no more: their work goes to the others, and they go. */
async function takeOut(project: Project, manager: Member, say: (server: string, what: string) => void): Promise<void> {
  for (const node of strangers(await nodesIn(manager.line), project)) {
    const isIdle = async () => {
      const look = await lookAtSwarm(manager.line, project.name)
      return !look.services.some(service => living(service, look).some(({ NodeID }) => NodeID === node.ID))
    }
    const away = node.Status.State !== 'ready'
    const idle = await remove(manager.line, node, () => eventually(isIdle, away ? 1 : 90))
    say(serverOf(node), `is taken out${idle || away ? '' : '; some of its work was cut off'}`)
  }
}

function summary(project: Project, { servers, made, difference }: Done): string {
  if (servers.length === 0 && made.length === 0 && isSame(difference))
    return `Nothing to do: ${project.name} runs as mlops.yml says.\n`
  const { services, gone, numbers } = difference
  const parts = [
    ...(services.length > 0 ? [`${services.join(', ')} deployed`] : []),
    ...(gone.length > 0 ? [`${gone.join(', ')} removed`] : []),
    ...Object.entries(numbers).map(([name, replicas]) => `${name} runs ${replicas} times`),
  ]
  return `${project.name}: ${parts.join('; ') || 'its services are as they were'}.\n`
}
