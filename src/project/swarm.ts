import { MlopsError, type Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { at, data, type SourceNode } from '../source/node.ts'
import type { Project } from './project.ts'

/** What `swarm:` in `mlops.yml` says, with its defaults filled in. */
export interface SwarmSettings {
  /** Whether what containers say to each other across servers is encrypted. */
  readonly encrypted: boolean
  /** The predictor's image in a registry; undefined: each server builds it. */
  readonly image: string | undefined
}

/** `swarm:` in the JSON Schema of `mlops.yml`. */
export const swarmSchema = {
  type: 'object',
  description: 'how a Docker Swarm runs the application',
  additionalProperties: false,
  properties: {
    encrypted: { type: 'boolean', description: 'whether containers talk encrypted across servers' },
    image: {
      type: 'string',
      minLength: 1,
      description: 'an image in a registry that the servers reach; by default each server builds it',
    },
  },
} as const

/** Reads `swarm:`. The root fits the schema. */
export function readSwarm(root: SourceNode): SwarmSettings {
  const value = (key: string) => {
    const node = at(root, ['swarm', key])
    return node && data(node)
  }
  const image = value('image')
  return { encrypted: value('encrypted') === true, image: typeof image === 'string' ? image : undefined }
}

/** The parts that the application has in a swarm. */
export const swarmParts = ['proxy', 'web', 'worker', 'rabbit'] as const
export type SwarmPart = (typeof swarmParts)[number]

/** What the schema cannot say about a project that runs in a swarm. */
export function checkSwarm({ services }: Project, place: (...path: string[]) => Position | undefined): MlopsError[] {
  const known: readonly string[] = swarmParts
  const errors: MlopsError[] = []
  for (const { name, at } of services) {
    if (known.includes(name)) continue
    const hint = didYouMean(name, known) ?? `its parts are ${known.join(', ')}`
    errors.push(new MlopsError('project.swarm-service', `a swarm runs no service \`${name}\``, { at, hint }))
  }
  const missing = known.filter(name => !services.some(service => service.name === name))
  if (missing.length > 0) {
    errors.push(
      new MlopsError('project.swarm-service', `a swarm needs ${missing.map(name => `\`${name}\``).join(' and ')}`, {
        at: place('services') ?? place('target'),
        hint: `for example: ${missing[0]}: { server: NAME }`,
      }),
    )
  }
  const proxy = services.find(({ name }) => name === 'proxy')
  if (proxy !== undefined && proxy.port === undefined) {
    errors.push(
      new MlopsError('project.swarm-port', 'the proxy has no port: users would reach nothing', {
        at: proxy.at,
        hint: 'proxy: { port: 5100, health: /healthz }',
      }),
    )
  }
  return errors
}
