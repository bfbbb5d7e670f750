import { type Project, serverOf } from '../project/project.ts'
import { type BakeRecord, imageName, readBakeRecords } from './bake-record.ts'
import type { BakedImage, Progress, ServerImages, ServerPlan } from './provider.ts'

/** The plans, with the baked image of each new server that has one of what the project is now. */
export async function withBaked(
  project: Project,
  images: ReadonlyMap<string, ServerImages>,
  plans: readonly ServerPlan[],
  { onStep }: Pick<Progress, 'onStep'>,
): Promise<readonly ServerPlan[]> {
  const isNew = ({ action }: ServerPlan) => action === 'create' || action === 'replace'
  const records = readBakeRecords(project)
  const withImage = async (plan: ServerPlan): Promise<ServerPlan> => {
    const own = images.get(plan.server)
    if (own === undefined || !isNew(plan) || !records.has(plan.server)) return plan
    const current = await currentName(project, plan.server, { images: own, records })
    const made = imagesOf(project, plan.server, await own.list())
    if (current !== undefined && made.some(image => image.name === current)) {
      onStep(`${plan.server} begins with its baked image ${current}`)
      return { ...plan, baked: current }
    }
    if (made.length > 0)
      onStep(`the baked image of ${plan.server} is out of date, and is not used: mlops bake makes it anew`)
    return plan
  }
  return Promise.all(plans.map(withImage))
}

/** The name that a server's image has when it is made of what the project is now; undefined: it was never baked. */
export async function currentName(
  project: Project,
  server: string,
  { images, records }: { readonly images: ServerImages; readonly records: ReadonlyMap<string, BakeRecord> },
): Promise<string | undefined> {
  const record = records.get(server)
  const spec = serverOf(project, server)
  if (record === undefined || spec === undefined) return undefined
  return imageName(project, spec, record, await images.base(server))
}

/** Those of the images that are a server's, current or not. */
export function imagesOf(project: Project, server: string, images: readonly BakedImage[]): BakedImage[] {
  const begin = `${project.name}-${server}-`
  return images.filter(({ name }) => name.startsWith(begin) && /^[0-9a-f]{12}$/.test(name.slice(begin.length)))
}

/** Removes the images of a server that are of what the project was. */
export async function removeOutdated(
  project: Project,
  server: string,
  { images, current, progress }: { images: ServerImages; current: string; progress: Progress },
): Promise<void> {
  for (const { name } of imagesOf(project, server, await images.list()))
    if (name !== current) await images.remove(name, progress)
}
