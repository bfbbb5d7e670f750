import { setTimeout as wait } from 'node:timers/promises'
import { type Connection, ConnectionError, type ScriptResult } from '../connection/connection.ts'
import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { type Project, type ServiceSpec, serviceOf } from '../project/project.ts'
import { copiesOn } from '../project/services.ts'
import { sh } from '../shell/sh.ts'
import { type Container, composeScript, listScript, readContainers } from './compose.ts'

/** More copies of one service than anybody means. */
export const mostReplicas = 100

/** A wanted number of copies, on all servers of the service together. */
export interface Wish {
  readonly service: ServiceSpec
  readonly replicas: number
}

/** What one server has to do for a wish. */
export interface Share extends Wish {
  readonly server: string
}

/** What became of one service. */
export interface Scaled {
  readonly service: string
  readonly server: string
  readonly before: number
  readonly after: number
}

/** Reads `worker=3 web=2`. Throws all that is wrong at once (`scale.*`). */
export function readWishes(project: Project, words: readonly string[]): { wishes: Wish[]; errors: MlopsError[] } {
  const wishes: Wish[] = []
  const errors: MlopsError[] = []
  for (const word of words) {
    const [, name = '', number = ''] = /^([^=]*)=(.*)$/.exec(word) ?? []
    const service = serviceOf(project, name)
    const known = project.services.flatMap(each => [each.name, ...each.aliases])
    if (!word.includes('=')) {
      errors.push(
        new MlopsError('scale.word', `\`${word}\` is not SERVICE=NUMBER`, {
          hint: 'for example: mlops scale worker=3',
        }),
      )
    } else if (service === undefined) {
      errors.push(
        new MlopsError('scale.unknown-service', `there is no service \`${name}\``, {
          hint: didYouMean(name, known) ?? `${project.file} has ${known.join(', ')}`,
        }),
      )
    } else if (!/^-?\d+$/.test(number)) {
      errors.push(
        new MlopsError('scale.number', `\`${number}\` is not a number of copies of ${name}`, {
          hint: 'a whole number from 0 on',
        }),
      )
    } else if (Number(number) < 0 || Number(number) > mostReplicas) {
      errors.push(
        new MlopsError('scale.number', `${name} cannot run ${number} times`, { hint: `from 0 to ${mostReplicas}` }),
      )
    } else if (service.port !== undefined && Number(number) > service.servers.length) {
      errors.push(
        new MlopsError(
          'scale.port',
          `${name} cannot run ${number} times on ${service.servers.join(' and ')}: it publishes port ${service.port}, which only one copy can have`,
          {
            hint: 'scale the workers: the web process hands all work to them',
          },
        ),
      )
    } else if (service.maxReplicas !== undefined && Number(number) > service.maxReplicas * service.servers.length) {
      const where = service.servers.length > 1 ? ` on each of ${service.servers.length} servers` : ''
      errors.push(
        new MlopsError('scale.max', `${name} cannot run ${number} times`, {
          hint: `mlops.yml says max_replicas: ${service.maxReplicas}${where}`,
        }),
      )
    } else wishes.push({ service, replicas: Number(number) })
  }
  const twice = wishes.find((wish, i) => wishes.findIndex(other => other.service === wish.service) !== i)
  if (twice) errors.push(new MlopsError('scale.twice', `${twice.service.name} is given twice`))
  return { wishes, errors }
}

/** The wishes server by server, spread evenly. */
export function sharesByServer(wishes: readonly Wish[]): Map<string, Share[]> {
  const shares = new Map<string, Share[]>()
  for (const { service, replicas } of wishes) {
    for (const [server, own] of copiesOn(service, replicas)) {
      shares.set(server, [...(shares.get(server) ?? []), { service, replicas: own, server }])
    }
  }
  return shares
}

/** Who watches while services are scaled. */
export interface Watch {
  readonly onOutput?: ((text: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Brings services of one server to the wanted numbers. New copies start before it returns; copies that go finish their job first.
 * When it is interrupted, what runs on the server is ended, and `after` is what is there then.
 */
export async function scale(
  line: Line,
  project: Project,
  wishes: readonly Share[],
  watch: Watch = {},
): Promise<Scaled[]> {
  const before = await containers(line, project)
  const rows = wishes.map(wish => ({ wish, before: running(before, wish.service.name) }))
  const wanted = rows.filter(row => row.before !== row.wish.replicas).map(row => row.wish)
  let after: readonly Container[] = before
  if (wanted.length > 0) {
    await up(line, project, before, wanted, watch).catch(error => {
      if (!(error instanceof ConnectionError) || error.kind !== 'interrupted') throw error
    })
    after = await settled(line, project, watch.signal)
  }
  return rows.map(row => ({
    service: row.wish.service.name,
    server: row.wish.server,
    before: row.before,
    after: running(after, row.wish.service.name),
  }))
}

async function up(
  line: Line,
  project: Project,
  now: readonly Container[],
  wishes: readonly Share[],
  watch: Watch,
): Promise<void> {
  if (now.length === 0) {
    throw new MlopsError(
      'scale.not-running',
      `the application does not run on ${wishes[0]?.server}: there is nothing to scale`,
      {
        hint: 'mlops play playbooks/configuration.yml starts it',
      },
    )
  }
  const { directory, composeProject } = project.app
  const names = wishes.map(wish => wish.service.name)
  const numbers = new Map(wishes.map(wish => [wish.service.name, wish.replicas]))
  // Compose brings what a named service depends on back to one copy, unless told its number; told that, it must be named, too
  for (const { service } of now) {
    if (!names.includes(service)) numbers.set(service, now.filter(container => container.service === service).length)
  }
  const scales = [...numbers].map(([service, number]) => sh`--scale ${`${service}=${number}`}`)
  // with --no-deps Compose would make copies that the next `up` takes for others and makes again
  const command = sh`up --detach --no-recreate --no-build ${scales} ${[...numbers.keys()]}`
  const result = await one(line, composeScript(directory, composeProject, command), watch)
  if (result.status !== 0) {
    throw new MlopsError(
      'scale.compose',
      `Compose could not scale ${names.join(', ')}: ${result.stderr.trim().split('\n').slice(-3).join('\n')}`,
    )
  }
}

/** How long new copies may take until their first health check passes. */
const settleMs = 60_000

/** The containers once none of them is still starting, or nobody waits any longer. */
async function settled(line: Line, project: Project, signal: AbortSignal | undefined): Promise<Container[]> {
  const deadline = performance.now() + settleMs
  for (;;) {
    const now = await containers(line, project)
    if (signal?.aborted || performance.now() > deadline || !now.some(container => container.health === 'starting'))
      return now
    await wait(500, undefined, signal ? { signal } : {}).catch(() => undefined)
  }
}

async function containers(line: Line, project: Project): Promise<Container[]> {
  const result = await one(line, listScript(project.app.composeProject))
  if (result.status === 0) return readContainers(result)
  throw new MlopsError('scale.docker', `Docker does not answer: ${result.stderr.trim()}`, {
    hint: 'mlops play playbooks/configuration.yml installs it',
  })
}

async function one(
  line: Line,
  script: Parameters<Connection['run']>[0][number]['script'],
  { onOutput, signal }: Watch = {},
): Promise<ScriptResult> {
  const [result] = await line.connection.run([{ script, become: line.root, ...(onOutput ? { onOutput } : {}) }], signal)
  return result as ScriptResult // one request, one answer
}

function running(all: readonly Container[], service: string): number {
  return all.filter(container => container.service === service && container.state === 'running').length
}
