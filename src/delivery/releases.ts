import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { lines, type Script, sh } from '../shell/sh.ts'

/** A model as it was delivered. */
export interface Release {
  readonly model: string
  /** Names the content: the same files have the same id. */
  readonly id: string
  readonly role: 'current' | 'previous' | undefined
  readonly card: ReleaseCard
}

/** What is known of a release, as the gate wrote it (`app/src/gate/release.ts`). What is not known is left out. */
export interface ReleaseCard {
  readonly format?: string
  readonly author?: string
  readonly commit?: string
  /** ISO 8601. */
  readonly date?: string
  readonly version?: string
  readonly forced?: boolean
  readonly accuracy?: { readonly percent: number; readonly right: number; readonly rows: number }
  readonly digests?: Readonly<Record<string, string>>
  readonly training?: Readonly<Record<string, unknown>>
}

/** One line of the journal of a server. */
export interface Delivery {
  readonly server: string
  readonly at: string
  readonly what: string
  readonly model: string
  readonly from: string
  readonly to: string
  readonly result: string
  readonly who: string
  readonly ms: number
}

/** The releases on the server, the newest first; of one model or of all. */
export async function releases(line: Line, project: Project, model?: string): Promise<Release[]> {
  const { stdout } = await deliver(line, project, model === undefined ? sh`list` : sh`list ${model}`)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(row => {
      const [name = '', id = '', role, card = '{}'] = row.split('\t')
      return {
        model: name,
        id,
        role: role === 'current' || role === 'previous' ? role : undefined,
        card: JSON.parse(card) as ReleaseCard, // written by the gate of the same version
      }
    })
}

/** Finds a release by the beginning of its id; throws `model.release` with what there is. */
export function releaseOf(all: readonly Release[], id: string): Release {
  const found = all.filter(release => release.id.startsWith(id))
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  throw new MlopsError(
    'model.release',
    first === undefined ? `there is no release ${id}` : `more than one release begins with ${id}`,
    { hint: `the releases are ${(first === undefined ? all : found).map(release => release.id).join(', ')}` },
  )
}

/** Puts the release before, or the one that is named, live again. Resolves with what the server said. */
export async function rollback(line: Line, project: Project, model: string, id: string | undefined): Promise<Said> {
  return deliver(line, project, id === undefined ? sh`rollback ${model}` : sh`rollback ${model} ${id}`)
}

/** What happened on the servers, the oldest first. */
export async function history(lines: ReadonlyMap<string, Line>, project: Project): Promise<Delivery[]> {
  const journals = await Promise.all(
    [...lines].map(async ([server, line]) => {
      const { stdout } = await deliver(line, project, sh`history`)
      return stdout.split('\n').flatMap(text => readDelivery(server, text))
    }),
  )
  return journals.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

/** A line that was cut off by a full disk is no delivery. */
function readDelivery(server: string, text: string): Delivery[] {
  try {
    return [{ server, ...(JSON.parse(text) as Omit<Delivery, 'server'>) }] // written by `deliver` of the same version
  } catch {
    return []
  }
}

/** What `deliver` on the server printed. */
export interface Said {
  readonly stdout: string
  readonly ms: number
}

/** Runs `deliver` on the server as the user who owns the models. Throws `delivery.…`. */
async function deliver(line: Line, project: Project, args: Script): Promise<Said> {
  const program = `${project.app.directory}/delivery/deliver`
  const start = performance.now()
  const [result] = await line.connection.run([
    {
      script: lines(sh`[ -x ${program} ] || exit 126`, sh`exec ${program} ${args}`),
      environment: { MLOPS_WHO: who() },
      timeoutMs: 180_000,
    },
  ])
  if (result?.status === 0) return { stdout: result.stdout, ms: performance.now() - start }
  if (result?.status === 126) {
    throw new MlopsError('delivery.missing', `${project.delivery.to} takes no deliveries yet`, {
      hint: 'mlops delivery setup makes it so',
    })
  }
  const said = [result?.stdout, result?.stderr]
    .filter(Boolean)
    .join('')
    .trim()
    .replace(/^error: /, '')
  throw new MlopsError('delivery.failed', said || `deliver ended with exit status ${result?.status}`)
}

/** Who is written into the journal of the server. */
export function who(): string {
  return `${process.env.USER ?? process.env.LOGNAME ?? 'somebody'} with mlops`
}
