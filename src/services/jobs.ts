import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { type Script, sh } from '../shell/sh.ts'
import { composeScript } from './compose.ts'

/** The queue of the application, as `main.js jobs` in its containers says it. */
export interface QueueContents {
  readonly waiting: number
  readonly suspects: number
  readonly dead: number
  /** Those that were put aside, the oldest first, at most a hundred. */
  readonly jobs: readonly {
    readonly at?: string
    readonly reason?: string
    readonly message?: string
    readonly attempts?: number
    readonly bytes: number
    readonly body: string
  }[]
}

export async function queueContents(line: Line, project: Project): Promise<QueueContents> {
  return (await inContainer(line, project, 'list')) as QueueContents // main.js of the same version
}

/** Gives back to the workers, or drops, what was put aside. Resolves with how many jobs that were. */
export async function settleDead(line: Line, project: Project, what: 'retry' | 'purge'): Promise<number> {
  const said = (await inContainer(line, project, what)) as { retried?: number; purged?: number } // main.js of the same version
  return said.retried ?? said.purged ?? 0
}

/** Whether a copy of web runs on a server of a swarm. */
export async function hasWeb(line: Line, project: Project): Promise<boolean> {
  const [result] = await line.connection.run([{ script: webCopies(project), become: line.root, timeoutMs: 60_000 }])
  return result?.status === 0 && result.stdout.trim() !== ''
}

function webCopies({ name }: Project): Script {
  return sh`docker ps --quiet --filter ${`label=com.docker.swarm.service.name=${name}_web`} --filter health=healthy`
}

async function inContainer(line: Line, project: Project, what: string): Promise<unknown> {
  const command = sh`node dist/main.js jobs ${what}`
  const script =
    project.target === 'swarm'
      ? sh`id=$(${webCopies(project)} | head -n 1) && docker exec "$id" ${command}`
      : composeScript(project.app.directory, project.app.composeProject, sh`exec -T web ${command}`)
  const [result] = await line.connection.run([{ script, become: line.root, timeoutMs: 60_000 }])
  if (result?.status === 0) return JSON.parse(result.stdout)
  const said = (result?.stderr || result?.stdout || '').trim().replace(/^error: /, '')
  throw new MlopsError('queue.unknown', said || `it could not be asked: exit status ${result?.status}`, {
    hint: 'mlops status shows whether web and rabbit run',
  })
}
