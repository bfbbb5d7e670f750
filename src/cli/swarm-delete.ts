import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { appServers } from '../project/services.ts'
import { appendJournal, forgetReplicas } from '../project/state.ts'
import { containersOn, leave, otherServices, removeData, removeServices, removeSettings } from '../swarm/delete.ts'
import { lookAtMember, nodesIn } from '../swarm/look.ts'
import { onServers, warnOf } from './on-server.ts'
import { ask } from './prompt.ts'
import type { ReachFlags } from './session.ts'
import { eventually, inSteps, requireSwarm } from './swarm-reach.ts'

/** Removes everything that apply made, but what it installed; gives the exit status. */
export async function deleteSwarm(
  flags: ReachFlags & { readonly yes?: boolean; readonly keepSwarm?: boolean },
): Promise<0 | 1 | 2 | 99> {
  const { name } = requireSwarm(flags.project)
  const start = Date.now()
  return await onServers(flags, appServers, async (opened, project) => {
    if (opened.lines.size === 0) throw opened.problems[0]
    warnOf(opened)
    const looks = await Promise.all(
      [...opened.lines].map(async ([server, line]) => ({ server, line, look: await lookAtMember(line, server) })),
    )
    const manager = looks.find(({ look }) => look.isManager)
    if (manager === undefined) {
      process.stdout.write(`Nothing to do: ${name} has no swarm.\n`)
      return 0
    }
    const others = await otherServices(manager.line, name)
    const strange = (await nodesIn(manager.line)).length - looks.filter(({ look }) => look.state === 'active').length
    const isKept = flags.keepSwarm === true || others > 0 || strange > 0
    const swarm = isKept ? 'The swarm stays.' : 'The swarm is taken apart.'
    if (!(await agreed(name, swarm, flags))) {
      process.stdout.write('Nothing was removed.\n')
      return 1
    }
    const status = await inSteps(signal => removeAll(name, looks, { manager, isKept, signal }))
    if (status === 99) process.stderr.write('Not all of it is removed: mlops swarm delete does the rest.\n')
    forgetReplicas(project)
    appendJournal(project, { at: start, command: 'swarm delete', ms: Date.now() - start, exitStatus: status })
    return status
  })
}

interface Look {
  readonly server: string
  readonly line: Line
}

/** Removes what runs, then the swarm. An interruption is thrown between them. */
async function removeAll(
  name: string,
  looks: readonly Look[],
  { manager, isKept, signal }: { readonly manager: Look; readonly isKept: boolean; readonly signal: AbortSignal },
): Promise<0 | 2> {
  await removeServices(manager.line, name)
  let shown = 0
  const isEmpty = async () => {
    const numbers = await Promise.all(looks.map(({ line, server }) => containersOn(line, name, server)))
    const left = numbers.reduce((sum, number) => sum + number, 0)
    if (left > 0 && left !== shown) process.stderr.write(`waiting: ${left} containers end\n`)
    shown = left
    return left === 0
  }
  if (!(await eventually(isEmpty, 90, signal))) {
    process.stderr.write('Containers of it do not end; its data and secrets stay. mlops swarm delete tries again.\n')
    return 2
  }
  await Promise.all(looks.map(({ line, server }) => removeData(line, name, server)))
  await removeSettings(manager.line, name)
  process.stdout.write(`${name}: services, secrets, models and the broker's data removed\n`)
  if (isKept) return 0
  signal.throwIfAborted()
  // Not interrupted from here on: managers whom others left know of no leader. Who leads goes last, the others say goodbye to it.
  for (const { line, server } of [...looks.filter(each => each !== manager), manager]) {
    await leave(line, server)
    process.stdout.write(`${server}: left the swarm\n`)
  }
  return 0
}

async function agreed(name: string, swarm: string, { yes }: { readonly yes?: boolean }): Promise<boolean> {
  if (yes) return true
  const what = `${name} goes, with its secrets, models and the broker's data. ${swarm}`
  if (!process.stdin.isTTY)
    throw new MlopsError('swarm.unconfirmed', `${what} Nobody is here to agree`, { hint: '--yes removes it' })
  process.stdout.write(`${what}\n`)
  return /^y(es)?$/i.test((await ask('Remove it? [y/N] ')).trim())
}
