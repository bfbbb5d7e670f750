import { MlopsError } from '../errors.ts'
import { requireProject } from '../project/load.ts'
import type { Project, ServerSpec } from '../project/project.ts'
import { appendJournal } from '../project/state.ts'
import { bake, bakeable } from '../providers/bake.ts'
import { bakeRecord, readBakeRecords } from '../providers/bake-record.ts'
import { currentName, imagesOf } from '../providers/baked.ts'
import { clearBeside, inventoryBeside, projectBeside } from '../providers/beside.ts'
import type { BakedImage, Work } from '../providers/provider.ts'
import { namedServers, provision, serverImages } from '../providers/provision.ts'
import { table } from '../report/table.ts'
import type { BakeFlags } from './bake.ts'
import { connectionOpener } from './open-connection.ts'
import { ownPlaybook } from './own-playbook.ts'
import { play } from './play-run.ts'
import { showProgress } from './progress.ts'
import { noInventory } from './session.ts'

/** Bakes servers; gives the exit status. */
export async function bakeServers(names: readonly string[], flags: BakeFlags): Promise<number> {
  const project = requireProject(process.cwd(), flags.project)
  if (project.servers.length === 0) throw noInventory(project)
  const wanted = bakeable(project, namedServers(project, names))
  const due = flags.again ? wanted : await outdated(project, wanted)
  if (due.length === 0) {
    if (flags.json) print({ changed: false, images: {} })
    else process.stdout.write('Nothing to do: the images are current.\n')
    return 0
  }
  const start = Date.now()
  const made = await bakeBeside(project, due, flags)
  if (typeof made === 'number') return made
  const images = Object.fromEntries(made)
  appendJournal(project, { at: start, command: 'bake', ms: Date.now() - start, exitStatus: 0, images })
  if (flags.json) print({ changed: true, images })
  else for (const [server, name] of made) process.stdout.write(`${server}: image ${name}\n`)
  return 0
}

/** Shows the images of the project, and which of them new servers begin with. */
export async function listImages(flags: BakeFlags): Promise<number> {
  const project = requireProject(process.cwd(), flags.project)
  const records = readBakeRecords(project)
  const found: Listed[] = []
  for (const [server, images] of serverImages(project)) {
    const current = await currentName(project, server, { images, records })
    for (const { name: image, ...rest } of imagesOf(project, server, await images.list()))
      found.push({ server, image, ...rest, current: image === current })
  }
  if (flags.json) print({ images: found })
  else if (found.length === 0) process.stdout.write('There are no images yet: mlops bake makes them.\n')
  else process.stdout.write(table(TITLES, found.map(row)))
  return 0
}

interface Listed extends Omit<BakedImage, 'name'> {
  readonly server: string
  readonly image: string
  readonly current: boolean
}

const TITLES = [{ title: 'SERVER' }, { title: 'IMAGE' }, { title: 'MADE' }, { title: 'MB', right: true }, { title: '' }]

function row({ server, image, createdAt, sizeBytes, current }: Listed): string[] {
  const made = createdAt.replace('T', ' ').slice(0, 16)
  const size = sizeBytes === undefined ? '' : String(Math.round(sizeBytes / 1e6))
  return [server, image, made, size, current ? 'current' : 'out of date']
}

async function outdated(project: Project, specs: readonly ServerSpec[]): Promise<ServerSpec[]> {
  const records = readBakeRecords(project)
  const all = serverImages(project)
  const due: ServerSpec[] = []
  for (const spec of specs) {
    const images = all.get(spec.name)
    if (images === undefined) continue
    const name = await currentName(project, spec.name, { images, records })
    if (name === undefined || !(await images.list()).some(image => image.name === name)) due.push(spec)
  }
  return due
}

/** Makes servers beside those of the project, plays there, and makes images of them; nothing of the servers is left. */
async function bakeBeside(
  project: Project,
  specs: readonly ServerSpec[],
  flags: BakeFlags,
): Promise<Map<string, string> | number> {
  const playbook = flags.playbook ?? ownPlaybook('configuration.yml', flags)
  const names = specs.map(spec => spec.name)
  const beside = await projectBeside(project, 'bake', names)
  const quiet = flags.json === true
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const withWork = <T>(title: string, work: (work: Work) => Promise<T>) =>
    showProgress(title, { quiet }, progress => work({ ...progress, open }))
  const read = new Set<string>()
  try {
    const made = await withWork('Servers', async work => {
      await clearBeside(beside, work)
      return provision(beside, [], work, { baked: false })
    })
    if (made === 'interrupted') return 99
    const tags = ['all', 'bake', ...(flags.tags ?? [])]
    const skipTags = ['live', ...(flags.skipTags ?? [])]
    const { json: _, ...rest } = flags
    const played = { ...rest, tags, skipTags, ...inventoryBeside(project, beside) }
    const onRead = (path: string) => void read.add(path)
    const status = await play([playbook], played, {
      project: beside,
      onRead,
      output: quiet ? process.stderr : process.stdout,
    })
    if (status === 99) return status
    if (status !== 0) {
      throw new MlopsError('bake.play', `no image was made: ${playbook} failed on servers of their own`, {
        hint: 'tasks that need the other servers or secrets can be tagged `live`: they are left out of images',
      })
    }
    const { extraVars = [] } = flags
    const record = bakeRecord(project, { playbook, read, options: [extraVars, tags, skipTags] })
    const images = await withWork('Images', work => bake(project, { beside, servers: made.servers, record }, work))
    return images === 'interrupted' ? 99 : images
  } finally {
    await withWork('Cleaning up', async work => {
      await clearBeside(beside, { ...work, signal: undefined })
      return 'done'
    })
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
