import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import type { BakedImage, Progress } from '../provider.ts'
import { tar } from '../tar.ts'
import { took } from '../took.ts'
import { containerName } from './containers.ts'
import { docker, dockerLines, tryDocker } from './engine.ts'
import * as label from './labels.ts'

/** The reference of a baked image. */
export function bakedReference(name: string): string {
  return `${REPOSITORY}:${name}`
}

/** The repository of baked images: each belongs to one project. */
export const REPOSITORY = 'mlops/baked'

/** Makes an image of a stopped server of `project`, and a volume of what its own Docker Engine holds. They are `owner`'s. */
export async function saveBaked(
  project: Project,
  server: string,
  { name, owner }: { readonly name: string; readonly owner: Project },
  { onStep, signal }: Progress,
): Promise<void> {
  const since = Date.now()
  await sweepBaked(owner)
  const container = containerName(project, server)
  await docker(['stop', '--time', '20', container])
  // Its next boot is a first one: names and addresses come from outside again (server-init).
  await docker(['cp', '-', `${container}:/etc`], { input: tar([{ path: '.never-booted', content: '' }]) })
  const labels = { ...label.bakedLabels(owner), [label.BAKED]: name, [label.SERVER]: server }
  const changes = Object.entries(labels).flatMap(([key, value]) => [
    '--change',
    `LABEL ${key}=${JSON.stringify(value)}`,
  ])
  const unfinished = `${REPOSITORY}:${UNFINISHED}${name}`
  try {
    await docker(['commit', ...changes, container, unfinished], { signal })
    for (const use of USES) await freshVolume(volumeName(name, use), labels)
    await fill({ from: container, to: volumeName(name), image: unfinished }, signal)
    await docker(['tag', unfinished, bakedReference(name)])
  } finally {
    await tryDocker(['rmi', unfinished])
  }
  onStep(`image ${name} made of ${server}${took(since)}`)
}

/** Puts what the image's engine held into the disk of a server that was created, but never started. */
export async function fillDisk(container: string, name: string): Promise<void> {
  await fill({ from: volumeName(name), to: container, image: bakedReference(name) })
}

/** The baked images of a project. */
export async function bakedImages(project: Project): Promise<BakedImage[]> {
  const filter = label.bakedFilter(project)
  const references = await dockerLines(['images', '--format', '{{.Repository}}:{{.Tag}}', ...filter])
  const whole = references.filter(each => each.startsWith(`${REPOSITORY}:`) && !each.includes(`:${UNFINISHED}`))
  if (whole.length === 0) return []
  const format = `{{index .Config.Labels "${label.BAKED}"}} {{.Created}} {{.Size}}`
  return (await dockerLines(['image', 'inspect', '--format', format, ...whole])).map(line => {
    const [name = '', createdAt = '', size] = line.split(' ')
    return { name, createdAt, sizeBytes: Number(size) }
  })
}

/** Removes a baked image; false when servers still need it. */
export async function removeBaked(name: string): Promise<boolean> {
  if ((await tryDocker(['rmi', bakedReference(name)])).status !== 0) return false
  await docker(['volume', 'rm', '--force', ...USES.map(use => volumeName(name, use))])
  return true
}

/** What a server's own engine keeps in volumes, as its container has them (`createArguments`): no part of a commit. */
const USES = ['docker', 'containerd'] as const

/** Removes what bakes that were cut off left behind: images that were never finished, volumes without an image. */
export async function sweepBaked(project: Project): Promise<void> {
  const filter = label.bakedFilter(project)
  const references = await dockerLines(['images', '--format', '{{.Repository}}:{{.Tag}}', ...filter])
  const unfinished = references.filter(each => each.startsWith(`${REPOSITORY}:${UNFINISHED}`))
  if (unfinished.length > 0) await tryDocker(['rmi', ...unfinished])
  const names = (await bakedImages(project)).map(image => image.name)
  const volumes = await dockerLines(['volume', 'ls', '--quiet', ...filter])
  const lonely = volumes.filter(volume => !names.some(name => USES.some(use => volume === volumeName(name, use))))
  if (lonely.length > 0) await tryDocker(['volume', 'rm', ...lonely])
}

const UNFINISHED = 'unfinished-'

function volumeName(name: string, use?: (typeof USES)[number]): string {
  return `mlops-baked-${name}${use === undefined ? '' : `-${use}`}`
}

async function freshVolume(volume: string, labels: Readonly<Record<string, string>>): Promise<void> {
  await docker(['volume', 'rm', '--force', volume])
  await docker(['volume', 'create', ...label.labelArguments(labels), volume])
}

/** Copies volumes whole: overlay's own marks are attributes that only a powerful root sees (`trusted.overlay.*`). */
async function fill(
  { from, to, image }: { readonly from: string; readonly to: string; readonly image: string },
  signal?: AbortSignal,
): Promise<void> {
  const result = await tryDocker(
    [
      ...['run', '--rm', '--network', 'none', '--cap-add', 'SYS_ADMIN', '--security-opt', 'apparmor=unconfined'],
      ...USES.flatMap(use => ['--volume', `${from}-${use}:/from/${use}:ro`, '--volume', `${to}-${use}:/to/${use}`]),
      ...['--entrypoint', 'cp', image, '-a', '/from/.', '/to/'],
    ],
    { signal },
  )
  if (result.status === 0) return
  throw new MlopsError('docker.copy', `the volumes of ${from} cannot be copied to ${to}: ${result.stderr.trim()}`, {
    hint: 'look whether the disk is full: docker system df',
  })
}
