import { realpathSync } from 'node:fs'
import type { Project } from '../../project/project.ts'

/** Which project a thing belongs to. Project and folder together: two folders may hold projects of one name. */
export const PROJECT = 'mlops.project'
export const DIRECTORY = 'mlops.directory'
export const SERVER = 'mlops.server'
/** Where mlops reaches a server: `10.77.0.11`, or `127.0.0.1:2201` where addresses of containers lead nowhere. */
export const ADDRESS = 'mlops.address'
/** In the servers' network. */
export const INNER_ADDRESS = 'mlops.inner-address'
export const USER = 'mlops.user'
/** Public host key of a server. */
export const HOST_KEY = 'mlops.host-key'
/** Digest of the public key that may log in. */
export const LOGIN_KEY = 'mlops.login-key'
/** Image as `mlops.yml` names it. */
export const SERVER_IMAGE = 'mlops.server-image'
/** Name of a baked image: on it, on its volume, and on the servers that began with it. */
export const BAKED = 'mlops.baked'
/** Whose a baked image is. Other labels than those of servers: it outlives them. */
const BAKED_PROJECT = 'mlops.baked.project'
const BAKED_DIRECTORY = 'mlops.baked.directory'
/** On each image that we build. */
export const IMAGE = 'mlops.image'
/** On the registry and its volume, which all projects of a machine share. */
export const REGISTRY = 'mlops.registry'

/** The labels that everything of a project carries. */
export function ownLabels(project: Pick<Project, 'name' | 'directory'>): Record<string, string> {
  return { [PROJECT]: project.name, [DIRECTORY]: realpathSync(project.directory) }
}

/** The labels of a project's baked images. */
export function bakedLabels(project: Pick<Project, 'name' | 'directory'>): Record<string, string> {
  return { [BAKED_PROJECT]: project.name, [BAKED_DIRECTORY]: realpathSync(project.directory) }
}

/** Docker's arguments to find the baked images of a project. */
export function bakedFilter(project: Pick<Project, 'name' | 'directory'>): string[] {
  return Object.entries(bakedLabels(project)).flatMap(([name, value]) => ['--filter', `label=${name}=${value}`])
}

/** Docker's arguments for labels. */
export function labelArguments(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
}

/** Docker's arguments to find what belongs to a project. */
export function ownFilter(project: Pick<Project, 'name' | 'directory'>): string[] {
  return Object.entries(ownLabels(project)).flatMap(([name, value]) => ['--filter', `label=${name}=${value}`])
}
