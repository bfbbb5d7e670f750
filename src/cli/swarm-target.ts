import { resolve } from 'node:path'
import { findProject, loadProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'

/** The project, when a swarm runs it; undefined: something else does, or there is none. */
export function swarmProject(file: string | undefined): Project | undefined {
  const found = file === undefined ? findProject(process.cwd()) : resolve(file)
  const project = found === undefined ? undefined : loadProject(found)
  return project?.target === 'swarm' ? project : undefined
}
