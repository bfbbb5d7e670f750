import { MlopsError } from '../errors.ts'
import { serviceOf } from '../project/project.ts'
import { table } from '../report/table.ts'
import { oneLine, truncate } from '../report/text.ts'
import { type QueueContents, queueContents, settleDead } from '../services/jobs.ts'
import { onServer } from './on-server.ts'
import type { QueueFlags } from './queue.ts'

/** Shows or settles what was put aside; gives the exit status. */
export async function queue(flags: QueueFlags): Promise<number> {
  if (flags.retry && flags.purge)
    throw new MlopsError('queue.both', 'jobs are either given back or dropped: --retry or --purge')
  const what = flags.retry ? 'retry' : flags.purge ? 'purge' : undefined
  return await onServer(
    flags,
    project => serviceOf(project, 'web')?.server ?? project.delivery.to,
    async (line, project) => {
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
