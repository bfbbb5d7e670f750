import { randomInt } from 'node:crypto'
import { type Connection, ConnectionError, type ScriptRequest, type ScriptResult } from '../connection/connection.ts'
import { ModuleFailure, type Result } from '../modules/module.ts'
import { eraseJob, type JobLook, lookAtJob, partOfJob, readJob, startJob } from '../shell/job.ts'
import type { StepResult } from './perform.ts'

/** What a request of a job's needs beside its script: as whom, with which environment. */
export type JobIdentity = Pick<ScriptRequest, 'become' | 'environment'>

/**
 * A step whose scripts run on the host as a job of their own (`async`). The step waits in `launch` for the answers, which
 * `collect` brings when the job is done: what the step makes of them is its result.
 */
export class Job {
  readonly id = `j${randomInt(1e11, 1e12)}.${randomInt(1000, 100_000)}`
  /** Settles when the job was started, or when it turned out that none is needed. */
  readonly begun: Promise<void>
  folder = ''
  /** What became of the step; not there until it is known. */
  settled: StepResult | undefined
  readonly #as: JobIdentity
  readonly #seconds: number
  readonly #step: Promise<StepResult>
  #parts = 0
  #answer: (results: readonly ScriptResult[]) => void = () => {}

  /** `perform` does the step with a way to run scripts as a job. */
  constructor(
    connection: Connection,
    { seconds, signal, ...as }: JobIdentity & { readonly seconds: number; readonly signal?: AbortSignal | undefined },
    perform: (launch: (requests: readonly ScriptRequest[]) => Promise<readonly ScriptResult[]>) => Promise<StepResult>,
  ) {
    this.#as = as
    this.#seconds = seconds
    let begin = () => {}
    const started = new Promise<void>(resolve => {
      begin = resolve
    })
    this.#step = perform(async requests => {
      await this.#start(connection, requests, signal)
      begin()
      return new Promise(resolve => {
        this.#answer = resolve
      })
    })
    const ended = this.#step.then(step => {
      this.settled = step
    })
    ended.catch(() => {})
    this.begun = Promise.race([started, ended])
  }

  /** Whether scripts of it were started on the host. */
  get onHost(): boolean {
    return this.#parts > 0
  }

  /** What the registered result says of the job. */
  words(finished: 0 | 1): Result {
    return { ansible_job_id: this.id, started: 1, finished, results_file: this.folder }
  }

  /** Asks the host how far the job is. */
  async look(connection: Connection, signal: AbortSignal | undefined): Promise<JobLook> {
    const [answer] = await connection.run([{ ...this.#as, script: lookAtJob(this.id), look: true }], signal)
    return readJob(answer?.stdout ?? '')
  }

  /** Takes the output of a job that is done, and gives what the step makes of it. */
  async collect(connection: Connection, look: JobLook, signal: AbortSignal | undefined): Promise<StepResult> {
    if (this.settled === undefined) {
      const requests = Array.from({ length: this.#parts }, (_, i) => ({
        ...this.#as,
        script: partOfJob(this.id, i + 1),
        look: true,
      }))
      this.#answer(await connection.run(requests, signal))
      this.settled = timed(await this.#step, look)
    }
    return this.settled
  }

  /** Forgets the job on the host. */
  async erase(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
    await connection.run([{ ...this.#as, script: eraseJob(this.id), look: true }], signal)
  }

  async #start(
    connection: Connection,
    requests: readonly ScriptRequest[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const parts = requests.map(({ script, stdin }) => ({ script, stdin }))
    const [answer] = await connection.run([{ ...this.#as, script: startJob(this.id, parts, this.#seconds) }], signal)
    if (answer?.status !== 0) throw new ModuleFailure(answer?.stderr.trim() || 'the job could not be started')
    this.folder = answer.stdout
    this.#parts = parts.length
  }
}

/** The jobs that a run began, by id. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()

  add(job: Job): void {
    this.#jobs.set(job.id, job)
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id)
  }
}

/** How a job is waited for. */
export interface Patience {
  readonly seconds: number
  readonly pollMs: number
  connect(): Promise<Connection>
  /** The line broke: the next `connect` opens another one. */
  drop(): Promise<void>
  wait(ms: number): Promise<void>
  readonly signal: AbortSignal | undefined
}

/** Asks for a job until it is not running any more, more and more seldom. The line may go and come. Undefined: it did not end in time. */
export async function awaitJob(job: Job, patience: Patience): Promise<JobLook | undefined> {
  const { seconds, pollMs, signal } = patience
  const deadline = performance.now() + seconds * 1000 + GRACE_MS
  for (let ms = Math.min(100, pollMs); performance.now() < deadline; ms = Math.min(pollMs, ms * 2)) {
    await patience.wait(ms)
    try {
      const look = await job.look(await patience.connect(), signal)
      if (look.state !== 'running') return look
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.kind === 'interrupted') throw error
      await patience.drop()
    }
  }
  return undefined
}

/** The host ends a job that takes too long by itself; this much later nobody asks any more. */
const GRACE_MS = 5000

/** Commands tell when they began and ended, by the host's clock. */
function timed(step: StepResult, { begin, end }: JobLook): StepResult {
  const { result } = step
  if (typeof result.rc !== 'number' || typeof result['stdout'] !== 'string' || begin === 0) return step
  const stamp = (seconds: number) =>
    new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', '.000000')
  const spent = Math.max(0, end - begin)
  const clock = [spent / 60, spent].map(n => String(Math.floor(n) % 60).padStart(2, '0')).join(':')
  const delta = `${Math.floor(spent / 3600)}:${clock}.000000`
  return { ...step, result: { start: stamp(begin), end: stamp(end), delta, ...result } }
}
