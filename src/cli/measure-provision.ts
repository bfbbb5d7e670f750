import { setTimeout as delay } from 'node:timers/promises'
import { MlopsError } from '../errors.ts'
import { comparison, Stopwatch, type Timeline } from '../measure/provision.ts'
import { requireProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { readBakeRecords } from '../providers/bake-record.ts'
import { currentName } from '../providers/baked.ts'
import { clearBeside, inventoryBeside, projectBeside } from '../providers/beside.ts'
import type { Server, Work } from '../providers/provider.ts'
import { provision, serverImages } from '../providers/provision.ts'
import { table } from '../report/table.ts'
import { connectionOpener } from './open-connection.ts'
import { ownPlaybook } from './own-playbook.ts'
import type { PlayFlags } from './play.ts'
import { play } from './play-run.ts'
import { showProgress } from './progress.ts'

export interface ProvisionFlags extends PlayFlags {
  readonly playbook?: string
  readonly only?: 'cold' | 'baked'
}

/** Measures the way from nothing to the first prediction, cold and with baked images; gives the exit status. */
export async function measureProvision(flags: ProvisionFlags): Promise<number> {
  const project = requireProject(process.cwd(), flags.project)
  const ways = await waysOf(project, flags)
  const timelines: Partial<Record<'cold' | 'baked', Timeline>> = {}
  for (const way of ways) {
    const timeline = await measured(project, way, flags)
    if (timeline === undefined) return 99
    timelines[way] = timeline
  }
  show(timelines, flags)
  return 0
}

/** Cold always; baked where each server that can have an image has a current one. */
async function waysOf(project: Project, { only }: ProvisionFlags): Promise<('cold' | 'baked')[]> {
  const records = readBakeRecords(project)
  const missing: string[] = []
  for (const [server, images] of serverImages(project)) {
    const name = await currentName(project, server, { images, records })
    if (name === undefined || !(await images.list()).some(image => image.name === name)) missing.push(server)
  }
  if (only === 'cold') return [only]
  if (missing.length === 0) return only === undefined ? ['cold', 'baked'] : [only]
  const message = `there is no current baked image of ${missing.join(', ')}`
  if (only === 'baked') throw new MlopsError('measure.no-image', message, { hint: 'mlops bake makes it' })
  process.stderr.write(`[WARNING]: ${message}: only the cold way is measured (mlops bake makes it)\n`)
  return ['cold']
}

/** Undefined: somebody interrupted it. Whatever happens, nothing is left of the servers. */
async function measured(project: Project, way: 'cold' | 'baked', flags: ProvisionFlags): Promise<Timeline | undefined> {
  const beside = await projectBeside(project, 'measure')
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const withWork = <T>(title: string, work: (work: Work) => Promise<T>) =>
    showProgress(title, { quiet: flags.json === true }, progress => work({ ...progress, open }))
  const cleared = await withWork('Clearing', work => clearBeside(beside, work).then(() => 'done' as const))
  if (cleared === 'interrupted') return undefined
  const watch = new Stopwatch('servers')
  try {
    const made = await withWork(`Servers, ${way}`, work => {
      const onStep = (text: string) => {
        watch.mark(text)
        work.onStep(text)
      }
      return provision(beside, [], { ...work, onStep }, { baked: way === 'baked' && project })
    })
    if (made === 'interrupted') return undefined
    const playbook = flags.playbook ?? ownPlaybook('configuration.yml', flags)
    const { json: _, ...rest } = flags
    const status = await play(
      [playbook],
      { ...rest, ...inventoryBeside(project, beside) },
      {
        ...{ project: beside, output: process.stderr },
        onEvent: event => {
          if (event.type === 'play-started') watch.phase(`play: ${event.play.name}`)
        },
      },
    )
    if (status === 99) return undefined
    if (status !== 0) throw new MlopsError('measure.play', `${playbook} failed on servers of their own`)
    watch.phase('first prediction')
    await firstPrediction(beside, made.servers)
    return watch.end()
  } finally {
    await withWork('Cleaning up', work =>
      clearBeside(beside, { ...work, signal: undefined }).then(() => 'done' as const),
    )
  }
}

/** A play that waits for healthy containers has waited already. */
const ANSWER_TIME_MS = 120_000

async function firstPrediction(project: Project, servers: readonly Server[]): Promise<void> {
  const web = project.services.find(({ port, health }) => port !== undefined && health !== undefined)
  const address = servers.find(({ name }) => name === web?.server)?.address
  if (web?.port === undefined || address === undefined) {
    throw new MlopsError('application.url', 'the project names no service with a port and a health check', {
      hint: 'services: { proxy: { server: prodserver, port: 5100, health: /healthz } }',
    })
  }
  const url = `http://${address}:${web.port}/predictions`
  const end = performance.now() + ANSWER_TIME_MS
  for (;;) {
    const answer = await predictions(url)
    if (answer === true) return
    if (performance.now() > end)
      throw new MlopsError(
        'measure.no-prediction',
        `${url} gave no prediction in ${ANSWER_TIME_MS / 1000} s: ${answer}`,
      )
    await delay(50)
  }
}

/** True, or why it gave none. */
async function predictions(url: string): Promise<true | string> {
  try {
    const headers = { accept: 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(10_000) })
    await answer.arrayBuffer()
    return answer.ok || `status ${answer.status}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function show(timelines: Partial<Record<'cold' | 'baked', Timeline>>, flags: ProvisionFlags): void {
  const { cold, baked } = timelines
  const ratio = cold && baked ? cold.totalMs / baked.totalMs : undefined
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...timelines, ...(ratio === undefined ? {} : { ratio }) }, null, 2)}\n`)
    return
  }
  const { titles, rows } = comparison({ ...(cold ? { cold } : {}), ...(baked ? { baked } : {}) })
  process.stdout.write(
    `\nFrom nothing to the first prediction\n\n${table(
      titles.map((title, i) => ({ title, right: i > 0 })),
      rows,
    )}`,
  )
  if (ratio !== undefined) process.stdout.write(`cold / baked: ${ratio.toFixed(1)} times\n`)
}
