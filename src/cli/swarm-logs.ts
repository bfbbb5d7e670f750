import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { type Project, serviceOf } from '../project/project.ts'
import { lines, script, sh } from '../shell/sh.ts'
import { interruptSignal } from './interrupt.ts'
import { sinceOption } from './seconds-since.ts'
import type { ReachFlags } from './session.ts'
import { textOf } from './show-text.ts'
import { onManager } from './swarm-reach.ts'

/** Shows the lines of services of a swarm, of all copies on all servers; gives the exit status. */
export async function swarmLogs(
  given: Project,
  names: readonly string[],
  flags: ReachFlags & { readonly follow?: boolean; readonly tail: number; readonly since?: string },
): Promise<number> {
  const wanted = names.length > 0 ? names.map(name => known(given, name)) : given.services.map(({ name }) => name)
  const interrupt = interruptSignal(() => {})
  const options = [
    ...(flags.follow ? ['--follow'] : []),
    ...['--tail', String(flags.tail)],
    ...sinceOption(flags.since),
  ]
  try {
    return await onManager(flags, async (manager, project) => {
      const text = textOf(process.stdout)
      const each = wanted.map(name => sh`docker service logs ${options} -- ${`${project.name}_${name}`} 2>&1 &`)
      const [result] = await manager.connection.run(
        [{ script: lines(...each, script('wait')), become: manager.root, onOutput: text.show }],
        interrupt.signal,
      )
      text.end()
      return result?.status ?? 1
    })
  } catch (error) {
    // Ctrl-C is how following ends
    if (interrupt.signal.aborted) return 0
    throw error
  } finally {
    interrupt.done()
  }
}

function known(project: Project, name: string): string {
  const service = serviceOf(project, name)
  if (service !== undefined) return service.name
  const names = project.services.map(each => each.name)
  throw new MlopsError('logs.service', `there is no service ${name}`, {
    hint: didYouMean(name, names) ?? `the services are ${names.join(', ')}`,
  })
}
