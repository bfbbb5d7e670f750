import { MlopsError } from '../errors.ts'
import { appServers } from '../project/services.ts'
import { appendJournal, forgetReplicas } from '../project/state.ts'
import { isEmptied, leave, otherServices, removeData, removeStack } from '../swarm/delete.ts'
import { lookAtMember, nodesIn } from '../swarm/look.ts'
import { onServers, warnOf } from './on-server.ts'
import { ask } from './prompt.ts'
import type { ReachFlags } from './session.ts'
import { eventually, requireSwarm } from './swarm-reach.ts'

/** Removes everything that apply made, but what it installed; gives the exit status. */
export async function deleteSwarm(
  flags: ReachFlags & { readonly yes?: boolean; readonly keepSwarm?: boolean },
): Promise<0 | 1 | 2> {
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
    await removeStack(manager.line, name)
    const isEmpty = async () =>
      (await Promise.all(looks.map(({ line, server }) => isEmptied(line, name, server)))).every(Boolean)
    const status = (await eventually(isEmpty, 90)) ? 0 : 2
    for (const { line, server } of looks) await removeData(line, name, server)
    process.stdout.write(`${name}: services, secrets, models and the broker's data removed\n`)
    if (!isKept) {
      // who manages goes last: the others would have nobody to say goodbye to
      for (const { line, server } of [...looks.filter(each => each !== manager), manager]) {
        await leave(line, server)
        process.stdout.write(`${server}: left the swarm\n`)
      }
    }
    forgetReplicas(project)
    appendJournal(project, { at: start, command: 'swarm delete', ms: Date.now() - start, exitStatus: status })
    return status
  })
}

async function agreed(name: string, swarm: string, { yes }: { readonly yes?: boolean }): Promise<boolean> {
  if (yes) return true
  const what = `${name} goes, with its secrets, models and the broker's data. ${swarm}`
  if (!process.stdin.isTTY)
    throw new MlopsError('swarm.unconfirmed', `${what} Nobody is here to agree`, { hint: '--yes removes it' })
  process.stdout.write(`${what}\n`)
  return /^y(es)?$/i.test((await ask('Remove it? [y/N] ')).trim())
}
