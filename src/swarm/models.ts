import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../errors.ts'
import type { Model } from './blueprint.ts'

/** The engine takes no larger config. */
const mostBytes = 500 * 1024
/** Who was trained on matters to who judges a model, not to who serves it. */
const leftOut = new Set(['training-rows.txt'])

/** A model from its folder: each file becomes a Docker config, named by its content. Throws `swarm.model`. */
export function readModel(project: string, name: string, folder: string): Model {
  const fail = (message: string, hint?: string) => new MlopsError('swarm.model', message, { hint })
  let names: string[]
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isFile() && !leftOut.has(entry.name))
      .map(entry => entry.name)
      .sort()
  } catch (cause) {
    throw fail(
      `the model ${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      'app_source under `vars` names the folder with the predictor; served_models the models that it serves',
    )
  }
  if (names.length === 0) throw fail(`there is no model in ${folder}`, `mlops train ${name} makes one`)
  const files = names.map(file => {
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
