import type { Manifest } from '../kubernetes/manifest.ts'
import type { AppProject } from './project.ts'
import type { Session } from './session.ts'

export async function listProjects(session: Session): Promise<readonly AppProject[]> {
  const { items } = await session.ask<{ items?: readonly AppProject[] | null }>('listing projects', {
    method: 'GET',
    path: root,
  })
  return items ?? []
}

export function getProject(session: Session, name: string): Promise<AppProject> {
  return session.ask(`project ${name}`, { method: 'GET', path: pathOf(name) })
}

export function createProject(session: Session, project: Manifest, upsert: boolean): Promise<AppProject> {
  return session.ask(`project ${project.metadata.name}`, { method: 'POST', path: root, body: { project, upsert } })
}

export async function deleteProject(session: Session, name: string): Promise<void> {
  await session.ask(`deleting project ${name}`, { method: 'DELETE', path: pathOf(name) })
}

const root = '/api/v1/projects'

function pathOf(name: string): string {
  return `${root}/${encodeURIComponent(name)}`
}
