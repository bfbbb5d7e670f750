/** Everything that a stack is made of: no file, clock or server is asked any more. */
export interface Blueprint {
  /** The project's name, and the stack's. */
  readonly project: string
  /** The application's folder on every server. */
  readonly directory: string
  readonly image: string
  /** Whether containers talk encrypted across servers. */
  readonly encrypted: boolean
  /** MTU of the network of the containers, in bytes. */
  readonly mtu: number
  /** Where users reach the proxy of each server; undefined: no port of its own for the tweet API. */
  readonly ports: { readonly web: number; readonly american: number | undefined }
  readonly models: readonly Model[]
  readonly replicas: Readonly<Record<Scaled, number>>
  /** The most copies beside each other on one server; undefined: any number. */
  readonly perServer: Readonly<Record<Scaled, number | undefined>>
}

/** The services that run in any number; the proxy runs once on each of its servers, the broker once. */
export const scaled = ['web', 'worker'] as const
export type Scaled = (typeof scaled)[number]

/** A model that is served, as files that Docker brings to the workers. */
export interface Model {
  readonly name: string
  readonly files: readonly ModelFile[]
}

export interface ModelFile {
  /** Within the model's folder. */
  readonly name: string
  /** The name of the Docker config with this content. */
  readonly config: string
  readonly content: Uint8Array
}

/** The label of a node that lets a service run there. */
export function nodeLabel(service: string): string {
  return `mlops.${service}`
}

/** The label of a node with the name of its server. */
export const serverLabel = 'mlops.server'

/** The label of a service with the digest of how it was asked for, its number of copies apart. */
export const digestLabel = 'mlops.digest'

/** The label of configs and secrets with the project that they belong to. */
export const projectLabel = 'mlops.project'
