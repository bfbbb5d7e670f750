import { writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Blueprint } from '../swarm/blueprint.ts'
import { stackOf, stackText } from '../swarm/stack.ts'
import { makeFolder, writeInto } from './output-folder.ts'
import { blueprintOf, requireSwarm } from './swarm-reach.ts'

/** Writes the stack file to standard output, or with its models to a folder. */
export function renderStack(flags: {
  readonly project?: string
  readonly image?: string
  readonly output?: string
}): void {
  const project = requireSwarm(flags.project)
  const mtu = project.provider === 'docker' ? project.docker.mtu : undefined
  const blueprint = blueprintOf(project, flags, { image: flags.image, mtu })
  if (flags.output === undefined) {
    process.stdout.write(stackText(stackOf(blueprint, 'external')))
    return
  }
  const folder = resolve(flags.output)
  const files = filesOf(blueprint)
  writeInto(flags.output, 'swarm.output', () => {
    for (const [name, content] of files) {
      makeFolder(dirname(join(folder, name)))
      writeFileSync(join(folder, name), content)
    }
  })
  for (const [name] of files) process.stdout.write(`${join(flags.output, name)}\n`)
}

function filesOf(blueprint: Blueprint): [string, string | Uint8Array][] {
  return [
    ['stack.yml', stackText(stackOf(blueprint, 'files'))],
    ...blueprint.models.flatMap(model =>
      model.files.map((file): [string, Uint8Array] => [`models/${model.name}/${file.name}`, file.content]),
    ),
  ]
}
