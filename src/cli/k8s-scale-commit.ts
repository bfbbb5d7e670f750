import { MlopsError } from '../errors.ts'
import { replicasIn, scaledFiles } from '../kubernetes/published.ts'
import type { Scaled, Wish } from '../kubernetes/scale.ts'
import type { Project } from '../project/project.ts'
import { rememberReplicas } from '../project/state.ts'
import type { Published } from '../publish/publish.ts'
import { commit, publishSettings } from './k8s-commit.ts'

/**
 * Scales where manifests are published: whoever watches the repository would undo what is done in the cluster. Only the numbers change,
 * not what else the project says by now. Gives what was scaled, or the exit status of an interrupted commit.
 */
export async function scaleByCommit(
  project: Project,
  wishes: readonly Wish[],
  { json }: { readonly json?: boolean },
): Promise<readonly Scaled[] | 99> {
  const settings = publishSettings(project, {})
  let scaled: readonly Scaled[] = []
  const edit = async ({ files: before }: Published) => {
    scaled = wishes.map(wish => scaledFrom(before, wish, settings.repository))
    let files = before
    for (const { deployment, replicas } of wishes) files = scaledFiles(files, deployment, replicas)
    const message = `Scale ${project.name}: ${wishes.map(({ service, replicas }) => `${service}=${replicas}`).join(' ')}\n`
    return { files, message }
  }
  const exitStatus = await commit(project, settings, edit, { command: 'scale', quiet: json === true })
  if (exitStatus !== 0) return exitStatus
  rememberReplicas(project, Object.fromEntries(wishes.map(({ service, replicas }) => [service, replicas])))
  return scaled
}

function scaledFrom(files: Published['files'], { service, deployment, replicas }: Wish, repository: string): Scaled {
  const before = replicasIn(files, deployment)
  if (before !== undefined) return { service, deployment, before, after: replicas }
  throw new MlopsError('scale.not-there', `there is no Deployment ${deployment} in ${repository} yet`, {
    hint: 'mlops deploy publishes it',
  })
}
