import type { Command } from 'commander'
import type { Line } from '../engine/line.ts'
import type { Project } from '../project/project.ts'
import { collect } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

/** Adds the flags of commands that speak with one server of the project. */
export function addProjectFlags(command: Command): Command {
  return command
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-i, --inventory <source>', 'another inventory than the one that provision wrote', collect)
}

/** Opens a line to a server of the project, works there, and closes it. */
export async function onServer<T>(
  flags: ReachFlags,
  server: (project: Project) => string,
  work: (line: Line, project: Project) => Promise<T>,
): Promise<T> {
  const [{ projectSession, runOptions }, { openLine }, { connectionOpener }] = await Promise.all([
    import('./session.ts'),
    import('../engine/line.ts'),
    import('./open-connection.ts'),
  ])
  const { session, project } = projectSession(flags)
  const line = await openLine(server(project), {
    inventory: session.inventory,
    options: runOptions(flags, session),
    open: connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`)),
  })
  try {
    return await work(line, project)
  } finally {
    await line.close()
  }
}
