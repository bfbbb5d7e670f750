import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../errors.ts'

/** Names the predictor's image by everything that goes into it. Throws `swarm.app`. */
export function imageTag(appSource: string, baseImage = ''): string {
  const hash = createHash('sha256').update(baseImage)
  try {
    for (const part of ['Dockerfile', 'dist', 'data']) {
      for (const file of filesBelow(appSource, part)) {
        const content = readFileSync(join(appSource, file))
        hash.update(`\0${file}\0${content.length}\0`).update(content)
      }
    }
  } catch (cause) {
    throw new MlopsError(
      'swarm.app',
      `the predictor cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: 'npm run build makes its bundle; app_source under `vars` names its folder' },
    )
  }
  return hash.digest('hex').slice(0, 12)
}

function filesBelow(root: string, path: string): string[] {
  if (path === 'Dockerfile') return [path]
  return readdirSync(join(root, path), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const below = join(path, entry.name)
      return entry.isDirectory() ? filesBelow(root, below) : [below]
    })
}
