import { openLine } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { type Project, serviceOf } from '../project/project.ts'
import { composeScript } from '../services/compose.ts'
import { sh } from '../shell/sh.ts'
import { interruptSignal } from './interrupt.ts'
import { closeLines, openLines, warnOf } from './on-server.ts'
import { connectionOpener } from './open-connection.ts'
import { sinceOption } from './seconds-since.ts'
import { projectSession, type ReachFlags, runOptions } from './session.ts'
import { textOf } from './show-text.ts'

/** Shows the lines of services; gives the exit status. */
export async function logs(
  names: readonly string[],
  flags: ReachFlags & { readonly follow?: boolean; readonly tail: number; readonly since?: string },
): Promise<number> {
  const { session, project } = projectSession(flags)
  const since = sinceOption(flags.since)
  const interrupt = interruptSignal(() => {})
  const options = runOptions(flags, session)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const wanted = servicesByServer(project, names)
  const opened = await openLines([...wanted.keys()], server =>
    openLine(server, { inventory: session.inventory, options, open, signal: interrupt.signal }),
  )
  try {
    if (opened.lines.size === 0) throw opened.problems[0]
    const isPart = warnOf(opened)
    const statuses = await Promise.all(
      [...opened.lines].map(async ([server, line]) => {
        // the copies of two servers have the same names
        const text = textOf(process.stdout, wanted.size > 1 ? `${server} ` : '')
        try {
          const command = sh`logs --no-color ${flags.follow ? '--follow' : []} --tail ${flags.tail} ${since} ${wanted.get(server) ?? []} 2>&1`
          const script = composeScript(project.app.directory, project.app.composeProject, command)
          const [result] = await line.connection.run(
            [{ script, become: line.root, onOutput: text.show }],
            interrupt.signal,
          )
          return result?.status ?? 1
        } finally {
          text.end()
        }
      }),
    )
    return Math.max(...statuses, isPart ? 4 : 0)
  } catch (error) {
    // Ctrl-C is how following ends
    if (interrupt.signal.aborted) return 0
    throw error
  } finally {
    interrupt.done()
    await closeLines(opened)
  }
}

function servicesByServer(project: Project, names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const wanted = names.length > 0 ? names.map(name => known(project, name)) : project.services
  for (const { name, servers } of wanted) {
    for (const server of servers) found.set(server, [...(found.get(server) ?? []), name])
  }
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
