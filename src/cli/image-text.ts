import type { BuiltImage } from '../images/record.ts'
import { settingOf } from '../images/wanted.ts'
import type { Project } from '../project/project.ts'
import type { ImageFlags } from './image.ts'

/** What became of an image. */
export interface Made {
  readonly image: BuiltImage
  readonly outcome: 'built' | 'pushed' | 'unchanged'
  /** Unpacked; undefined: the engine does not have it. */
  readonly sizeBytes?: number
}

/** Says what became of an image, and what to look out for. */
export function report({ image, outcome, sizeBytes }: Made, project: Project, flags: ImageFlags): void {
  const reference = `${image.name}:${image.tag}`
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ reference, outcome, ...image, sizeBytes }, null, 2)}\n`)
  } else {
    const details = [...(sizeBytes === undefined ? [] : [megabytes(sizeBytes)]), ...image.platforms].join(', ')
    if (outcome === 'built' || sizeBytes !== undefined) {
      process.stdout.write(`built ${reference}${details === '' ? '' : ` (${details})`}\n`)
    }
    if (outcome === 'pushed') process.stdout.write(`pushed ${reference}\n`)
    if (outcome === 'unchanged') process.stdout.write(`${reference} is in the registry already, the same image\n`)
    if (image.digest !== undefined) process.stdout.write(`digest ${image.digest}\n`)
  }
  for (const warning of warnings(image, project)) process.stderr.write(`[WARNING]: ${warning}\n`)
}

export function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(sizeBytes < 1e7 ? 1 : 0)} MB`
}

function warnings({ name, dirty }: BuiltImage, project: Project): string[] {
  const setting = settingOf(project)
  const [named = ''] = (setting ?? '').split('@')
  const hasTag = /:[^/]*$/.test(named)
  return [
    ...(dirty ? ['what is in this image is in no commit: others cannot build it again'] : []),
    ...(setting !== undefined && (hasTag || named !== setting) && named.replace(/:[^/]*$/, '') === name
      ? [`mlops.yml says ${setting}, and that runs: leave tag and digest out there, and what was pushed last runs`]
      : []),
  ]
}
