import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProject } from '../project/load.ts'
import type { ReachFlags } from './session.ts'

/** A playbook that a command plays: the project's own of that name in `playbooks/`, else the one that comes with us. */
export function ownPlaybook(name: string, { project }: ReachFlags): string {
  const file = project === undefined ? findProject(process.cwd()) : resolve(project)
  const own = file === undefined ? undefined : join(dirname(file), 'playbooks', name)
  return own !== undefined && existsSync(own) ? own : fileURLToPath(new URL(`../../playbooks/${name}`, import.meta.url))
}
