import { listRemoteTags } from '../images/inspect.ts'
import { readBuilt } from '../images/record.ts'
import { nameOf, parseReference } from '../images/reference.ts'
import { requireRegistry, settingOf } from '../images/wanted.ts'
import { requireProject } from '../project/load.ts'
import type { ImageFlags } from './image.ts'
import { registryOf } from './image-build.ts'

/** Shows the tags of the project's image that the registry has, and which of them was built here last. */
export async function listTags(flags: ImageFlags): Promise<void> {
  const project = requireProject(process.cwd(), flags.project)
  requireRegistry(project, flags)
  const name = nameOf(parseReference(flags.image ?? settingOf(project) ?? project.name))
  const tags = await listRemoteTags(name, registryOf(flags, { signal: undefined }))
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ name, tags }, null, 2)}\n`)
    return
  }
  const built = readBuilt(project)
  for (const tag of tags) {
    const isLast = built?.name === name && built.tag === tag
    process.stdout.write(`${name}:${tag}${isLast ? '  (built here last)' : ''}\n`)
  }
  if (tags.length === 0) process.stdout.write(`the registry has no ${name} yet: mlops image build --push\n`)
}
