import type { Command } from 'commander'
import { ConnectionError } from '../connection/connection.ts'
import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { appServers } from '../project/services.ts'
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
  return await onServers(
    flags,
    project => [server(notInSwarm(project))],
    async ({ lines, problems }, project) => {
      const [line] = lines.values()
      if (line === undefined) throw problems[0]
      return await work(line, project)
    },
  )
}

/** The servers that models and code of a project go live on: first the one that takes pushes. */
export function servingServers(project: Project): string[] {
  const { to } = notInSwarm(project).delivery
  const all = appServers(project)
  return all.includes(to) ? [to, ...all.filter(name => name !== to)] : [to]
}

/** The project. Throws `swarm.other-way` where a swarm runs it: what these commands speak with is not there. */
function notInSwarm(project: Project): Project {
  if (project.target !== 'swarm') return project
  throw new MlopsError('swarm.other-way', `${project.name} runs in a swarm, and this is for servers without one`, {
    hint: 'mlops swarm apply brings new code and new models, mlops rollback takes them back',
  })
}

/** Lines to several servers, in their order, and why there is none to others. */
export interface Lines {
  readonly lines: ReadonlyMap<string, Line>
  readonly problems: readonly ConnectionError[]
}

/** Opens lines to servers of the project, works there, and closes them. */
export async function onServers<T>(
  flags: ReachFlags,
  servers: (project: Project) => readonly string[],
  work: (lines: Lines, project: Project) => Promise<T>,
): Promise<T> {
  const [{ projectSession, runOptions }, { openLine }, { connectionOpener }] = await Promise.all([
    import('./session.ts'),
    import('../engine/line.ts'),
    import('./open-connection.ts'),
  ])
  const { session, project } = projectSession(flags)
  const options = runOptions(flags, session)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const opened = await openLines(servers(project), name =>
    openLine(name, { inventory: session.inventory, options, open }),
  )
  try {
    return await work(opened, project)
  } finally {
    await closeLines(opened)
  }
}

/** Opens lines to several servers at once. Rejects with what is no `ConnectionError`. */
export async function openLines(names: readonly string[], open: (name: string) => Promise<Line>): Promise<Lines> {
  const opened = await Promise.allSettled(names.map(open))
  const lines = new Map<string, Line>()
  const problems: ConnectionError[] = []
  for (const [i, result] of opened.entries()) {
    if (result.status === 'fulfilled') lines.set(names[i] ?? '', result.value)
    else if (result.reason instanceof ConnectionError) problems.push(result.reason)
    else {
      await closeLines({ lines })
      throw result.reason
    }
  }
  return { lines, problems }
}

export async function closeLines({ lines }: Pick<Lines, 'lines'>): Promise<void> {
  await Promise.all([...lines.values()].map(line => line.close()))
}

/** What could not be reached, on standard error; whether that was anything. */
export function warnOf({ problems }: Lines): boolean {
  for (const problem of problems) process.stderr.write(`[WARNING]: ${problem.message}\n`)
  return problems.length > 0
}
