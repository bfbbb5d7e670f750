import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { type Project, serviceOf } from '../project/project.ts'
import { table } from '../report/table.ts'
import { oneLine, truncate } from '../report/text.ts'
import { hasWeb, type QueueContents, queueContents, settleDead } from '../services/jobs.ts'
import { type Lines, onServers } from './on-server.ts'
import type { QueueFlags } from './queue.ts'

/** Shows or settles what was put aside; gives the exit status. */
export async function queue(flags: QueueFlags): Promise<number> {
  if (flags.retry && flags.purge)
    throw new MlopsError('queue.both', 'jobs are either given back or dropped: --retry or --purge')
  const what = flags.retry ? 'retry' : flags.purge ? 'purge' : undefined
  return await onServers(
    flags,
    project => (project.target === 'swarm' ? (serviceOf(project, 'web')?.servers ?? []) : [webServer(project)]),
    async (opened, project) => {
      const line = await lineToWeb(opened, project)
      const settled = what && (await settleDead(line, project, what))
      const contents = await queueContents(line, project)
      if (flags.json)
        process.stdout.write(`${JSON.stringify({ ...(what ? { [what]: settled } : {}), ...contents }, null, 2)}\n`)
      else {
        if (what) process.stdout.write(`${what === 'retry' ? 'given back' : 'dropped'}: ${settled}\n`)
        process.stdout.write(text(contents))
      }
      return 0
    },
  )
}

function webServer(project: Project): string {
  return serviceOf(project, 'web')?.server ?? project.delivery.to
}

/** A line to a server with a copy of web: in a swarm, not every server that may run one does. */
async function lineToWeb({ lines, problems }: Lines, project: Project): Promise<Line> {
  for (const line of lines.values()) if (project.target !== 'swarm' || (await hasWeb(line, project))) return line
  throw problems[0] ?? new MlopsError('queue.unknown', 'no web runs', { hint: 'mlops status shows what runs' })
}

function text({ waiting, suspects, dead, jobs }: QueueContents): string {
  const counts = `waiting: ${waiting}\ncame back from a worker that died: ${suspects}\nput aside: ${dead}\n`
  if (jobs.length === 0) return counts
  const rows = jobs.map(job => [
    job.at?.slice(0, 19).replace('T', ' ') ?? '-',
    String(job.attempts ?? '-'),
    job.message ?? job.reason ?? '-',
    String(job.bytes),
    truncate(oneLine(job.body), 60),
  ])
  return `${counts}\n${table(['WHEN', 'ATTEMPTS', 'WHY', 'BYTES', 'JOB'], rows)}`
}
