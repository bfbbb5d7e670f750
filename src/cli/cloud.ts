import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'

/**
 * The project with the cloud that was named on the command line. On a terminal the password is asked for when nobody
 * has said it, as RC files do. Throws `openstack.no-servers`.
 */
export async function withCloud(project: Project, cloud: string | undefined): Promise<Project> {
  const { openstack } = project
  if (openstack === undefined) {
    if (cloud === undefined) return project
    throw new MlopsError('openstack.no-servers', `--cloud ${cloud}: no server of mlops.yml is at a cloud`, {
      hint: 'write `provider: openstack`',
    })
  }
  const chosen = cloud === undefined ? openstack : { ...openstack, cloud }
  if (process.stdin.isTTY) await askPassword(chosen)
  return { ...project, openstack: chosen }
}

async function askPassword(choice: {
  readonly cloud: string | undefined
  readonly region: string | undefined
}): Promise<void> {
  const [{ chooseCloud }, { ask }] = await Promise.all([
    import('../providers/openstack/cloud.ts'),
    import('./prompt.ts'),
  ])
  const { identity, project } = chooseCloud(choice, process.env)
  if (identity.kind !== 'password' || identity.password !== undefined) return
  const who = 'name' in identity.user ? identity.user.name : identity.user.id
  const what = project && ('name' in project ? project.name : project.id)
  process.env['OS_PASSWORD'] = await ask(`OpenStack password of ${who} for project ${what}: `, {
    secret: true,
    hint: 'give it as OS_PASSWORD, or in clouds.yaml',
  })
}
