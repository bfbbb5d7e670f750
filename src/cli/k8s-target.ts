import { resolve } from 'node:path'
import { findProject, loadProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'

/** The project, when a cluster runs it; undefined: servers do, or there is none. */
export function clusterProject(file: string | undefined): Project | undefined {
  const found = file === undefined ? findProject(process.cwd()) : resolve(file)
  const project = found === undefined ? undefined : loadProject(found)
  return project?.target === 'kubernetes' ? project : undefined
}
