import { MlopsError, throwAll } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { appendJournal, rememberReplicas } from '../project/state.ts'
import { table } from '../report/table.ts'
import { readWishes } from '../services/scale.ts'
import { scaled } from '../swarm/blueprint.ts'
import { scale } from '../swarm/deploy.ts'
import { lookAtSwarm, partOf, type SwarmLook } from '../swarm/look.ts'
import { copiesByServer } from '../swarm/status.ts'
import { warnOfNone } from './scale-warnings.ts'
import type { ReachFlags } from './session.ts'
import { onManager, waitForServices } from './swarm-reach.ts'

interface Row {
  readonly service: string
  readonly server: string
  readonly before: number
  readonly after: number
}

/** `mlops scale` where a swarm runs the application: it spreads copies over its servers. Gives the exit status. */
export async function scaleInSwarm(
  given: Project,
  words: readonly string[],
  flags: ReachFlags & { readonly json?: boolean },
): Promise<number> {
  const { wishes, errors } = readWishes(given, words)
  const numbers = Object.fromEntries(wishes.map(({ service, replicas }) => [service.name, replicas]))
  const one = Object.keys(numbers).filter(name => !scaled.some(each => each === name))
  throwAll([
    ...errors,
    ...one.map(
      name =>
        new MlopsError(
          'scale.one',
          `a swarm runs ${name} ${name === 'proxy' ? 'once on each of its servers' : 'once'}`,
          {
            hint: `${scaled.join(' and ')} run in any number`,
          },
        ),
    ),
  ])
  warnOfNone(numbers)
  const start = Date.now()
  return await onManager(flags, async (manager, project) => {
    const before = await lookAtSwarm(manager, project.name)
    if (before.services.length === 0) {
      throw new MlopsError('scale.not-running', 'the application does not run: there is nothing to scale', {
        hint: 'mlops swarm apply starts it',
      })
    }
    await scale(manager, project.name, changed(before, project.name, numbers))
    // the swarm has taken the numbers: it goes on with them whatever becomes of us
    rememberReplicas(project, numbers)
    const { status } = await waitForServices(manager, project.name, { quiet: flags.json === true })
    const rows = rowsOf(before, await lookAtSwarm(manager, project.name), project, Object.keys(numbers))
    appendJournal(project, { at: start, command: 'scale', ms: Date.now() - start, exitStatus: status, scaled: rows })
    if (flags.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    else {
      const cells = rows.map(row => [row.service, row.server, String(row.before), String(row.after)])
      process.stdout.write(table(['SERVICE', 'SERVER', 'BEFORE', 'AFTER'], cells))
      if (status === 0 && rows.every(row => row.before === row.after)) process.stdout.write('Nothing to do.\n')
    }
    return status
  })
}

function changed({ services }: SwarmLook, project: string, numbers: Readonly<Record<string, number>>) {
  const now = new Map(services.map(each => [partOf(each, project), each.Spec.Mode.Replicated?.Replicas]))
  return Object.fromEntries(Object.entries(numbers).filter(([name, replicas]) => now.get(name) !== replicas))
}

function rowsOf(before: SwarmLook, after: SwarmLook, project: Project, names: readonly string[]): Row[] {
  const order = project.servers.map(({ name }) => name)
  return names.flatMap(name => {
    const [was, is] = [before, after].map(look => {
      const service = look.services.find(each => partOf(each, project.name) === name)
      return service === undefined ? {} : copiesByServer(service, look, order)
    })
    return order
      .map(server => ({ service: name, server, before: was?.[server] ?? 0, after: is?.[server] ?? 0 }))
      .filter(row => row.before + row.after > 0)
  })
}
