import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { cloudConfigPlay } from '../cloud-init/play/play.ts'
import type { Project } from '../project/project.ts'
import { loginKey } from '../providers/cluster-key.ts'
import { Answers } from './answers.ts'
import { modulesFor } from './library.ts'
import { located, type ReadyPlaybook } from './play-one.ts'
import type { Session } from './session.ts'

/**
 * User data as a playbook: for the servers of the project that boot with it, where there are such, else for all hosts of the inventory.
 * Throws everything that is wrong in it.
 */
export async function loadCloudConfig(
  file: string,
  session: Session,
  { forceCommands = false, warn }: { forceCommands?: boolean | undefined; warn: (message: string) => void },
): Promise<ReadyPlaybook> {
  const { project } = session
  const booted = project?.servers.filter(server => server.userDataFile === resolve(file)) ?? []
  const known = booted.filter(({ name }) => session.inventory.hosts.has(name)).map(({ name }) => name)
  const playbook = cloudConfigPlay(file, {
    modules: await modulesFor(resolve(dirname(file)), session.settings),
    hosts: known.length > 0 ? known.join(':') : 'all',
    publicKey: publicKey(project, booted[0]?.privateKeyFile),
    forceCommands,
  })
  for (const warning of playbook.warnings) warn(located(warning))
  return { ...playbook, answers: new Answers() }
}

/** The key that the servers of the file were made with; none is made here. */
function publicKey(project: Project | undefined, own: string | undefined): string | undefined {
  const file = own ?? (project && join(project.directory, '.mlops/cluster-key'))
  return file !== undefined && existsSync(file) ? loginKey(file).publicKey : undefined
}
