import { openLine } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { type Project, serviceOf } from '../project/project.ts'
import { composeScript } from '../services/compose.ts'
import { sh } from '../shell/sh.ts'
import { interruptSignal } from './interrupt.ts'
import { connectionOpener } from './open-connection.ts'
import { projectSession, type ReachFlags, runOptions } from './session.ts'
import { textOf } from './show-text.ts'

/** Shows the lines of services; gives the exit status. */
export async function logs(
  names: readonly string[],
  flags: ReachFlags & { readonly follow?: boolean; readonly tail: number; readonly since?: string },
): Promise<number> {
  const { session, project } = projectSession(flags)
  const interrupt = interruptSignal(() => {})
  const options = runOptions(flags, session)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  try {
    const statuses = await Promise.all(
      [...servicesByServer(project, names)].map(async ([server, services]) => {
        const text = textOf(process.stdout)
        const line = await openLine(server, { inventory: session.inventory, options, open, signal: interrupt.signal })
        try {
          const command = sh`logs --no-color ${flags.follow ? '--follow' : []} --tail ${flags.tail} ${flags.since === undefined ? [] : ['--since', flags.since]} ${services} 2>&1`
          const [result] = await line.connection.run(
            [
              {
                script: composeScript(project.app.directory, project.app.composeProject, command),
                become: line.root,
                onOutput: text.show,
              },
            ],
            interrupt.signal,
          )
          return result?.status ?? 1
        } finally {
          text.end()
          await line.close()
        }
      }),
    )
    return Math.max(...statuses)
  } catch (error) {
    // Ctrl-C is how following ends
    if (interrupt.signal.aborted) return 0
    throw error
  } finally {
    interrupt.done()
  }
}

function servicesByServer(project: Project, names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const wanted = names.length > 0 ? names.map(name => known(project, name)) : project.services
  for (const { name, server } of wanted) found.set(server, [...(found.get(server) ?? []), name])
  return found
}

function known(project: Project, name: string) {
  const service = serviceOf(project, name)
  if (service !== undefined) return service
  const names = project.services.map(each => each.name)
  throw new MlopsError('logs.service', `there is no service ${name}`, {
    hint: didYouMean(name, names) ?? `the services are ${names.join(', ')}`,
  })
}
