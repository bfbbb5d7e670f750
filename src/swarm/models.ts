import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../errors.ts'
import { modelFiles } from '../project/model-files.ts'
import type { Model } from './blueprint.ts'

/** The engine takes no larger config. */
const mostBytes = 500 * 1024

/** A model from its folder: each file becomes a Docker config, named by its content. Throws `swarm.model`. */
export function readModel(project: string, name: string, folder: string): Model {
  const fail = (message: string, hint?: string) => new MlopsError('swarm.model', message, { hint })
  const files = modelFiles(name, folder, fail).map(file => {
    const content = readFileSync(join(folder, file))
    if (content.length > mostBytes) {
      throw fail(
        `${join(folder, file)} is too large for a Docker config: ${content.length} of at most ${mostBytes} bytes`,
        'a swarm serves models of small files; servers without it, or Kubernetes, take larger ones',
      )
    }
    const digest = createHash('sha256').update(content).digest('hex')
    return { name: file, config: `${project}_model-${digest.slice(0, 16)}`, content }
  })
  return { name, files }
}
