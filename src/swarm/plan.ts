import { resolve } from 'node:path'
import { MlopsError, throwAll } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { placeOfServed } from '../project/place.ts'
import { type Project, serviceOf } from '../project/project.ts'
import type { Blueprint, Scaled } from './blueprint.ts'
import { imageTag } from './image-tag.ts'
import { readModel } from './models.ts'

export interface PlanOptions {
  /** The folder of the playbooks, which `app_source` under `vars` is seen from. */
  readonly playbooks: string
  /** What the servers built; undefined: what they would build, or the one in `mlops.yml`. */
  readonly image?: string | undefined
  /** The smallest MTU of the servers' network cards. */
  readonly mtu?: number | undefined
  /** Numbers that `mlops scale` remembers. */
  readonly remembered?: Readonly<Record<string, number>>
}

const known = ['diabetes', 'american']
/** What VXLAN adds to each packet, and encryption to that. */
const overhead = { plain: 50, encrypted: 100 }

/** What a project makes of itself in a swarm; the models are read. Throws all that is missing at once (`swarm.*`). */
export function plan(project: Project, { playbooks, image, mtu = 1500, remembered = {} }: PlanOptions): Blueprint {
  const source = appSourceOf(project, playbooks)
  const errors: MlopsError[] = []
  const models = servedModels(project).flatMap(name => {
    try {
      if (known.includes(name)) return [readModel(project.name, name, resolve(source, 'models', name))]
      throw new MlopsError('swarm.model', `there is no model ${name}`, {
        hint: didYouMean(name, known) ?? `the models are ${known.join(', ')}`,
        at: placeOfServed(project.file, name),
      })
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error
      errors.push(error)
      return []
    }
  })
  throwAll(errors)
  const { encrypted, image: given } = project.swarm
  return {
    project: project.name,
    directory: project.app.directory,
    image: image ?? given ?? `localhost/predictor:${imageTag(source, baseImage(project))}`,
    encrypted,
    mtu: mtu - (encrypted ? overhead.encrypted : overhead.plain),
    ports: { web: serviceOf(project, 'proxy')?.port ?? 5100, american: americanPort(project) },
    models,
    replicas: { web: replicas(project, 'web', remembered), worker: replicas(project, 'worker', remembered) },
    perServer: { web: serviceOf(project, 'web')?.maxReplicas, worker: serviceOf(project, 'worker')?.maxReplicas },
  }
}

/** The folder of the predictor on this machine. */
export function appSourceOf({ vars }: Project, playbooks: string): string {
  const given = vars['app_source']
  return resolve(playbooks, typeof given === 'string' ? given : '../app')
}

/** The image that the predictor's image begins with, when it is not the usual one. */
export function baseImage({ vars }: Project): string | undefined {
  const given = vars['base_image']
  return typeof given === 'string' ? given : undefined
}

/** The models that the application serves: `served_models` under `vars`. */
function servedModels({ vars }: Project): readonly string[] {
  const served = vars['served_models']
  return Array.isArray(served) ? served.map(String) : known
}

function americanPort({ vars }: Project): number | undefined {
  const port = vars['american_port'] ?? 5008
  return typeof port === 'number' && port > 0 ? port : undefined
}

function replicas(project: Project, service: Scaled, remembered: Readonly<Record<string, number>>): number {
  return remembered[service] ?? serviceOf(project, service)?.replicas ?? 1
}
