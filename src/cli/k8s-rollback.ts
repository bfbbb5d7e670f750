import { MlopsError } from '../errors.ts'
import { describeTemplate, earlierRevisions, takeBack } from '../kubernetes/rollback.ts'
import { requireProject } from '../project/load.ts'
import { appendJournal } from '../project/state.ts'
import { clusterOf, refused, waitForRollout } from './k8s-cluster.ts'
import type { WaitFlags } from './k8s-flags.ts'

/** Puts what ran before in force again and waits; gives the exit status. */
export async function rollBack(flags: WaitFlags): Promise<0 | 2 | 99> {
  const project = requireProject(process.cwd(), flags.project)
  const cluster = clusterOf(project, flags)
  const start = Date.now()
  try {
    const earlier = await earlierRevisions(cluster, project.name)
    if (earlier.length === 0) {
      throw new MlopsError(
        'k8s.no-revision',
        `nothing of ${project.name} in namespace ${cluster.namespace} has an earlier revision`,
      )
    }
    for (const each of earlier) {
      await takeBack(cluster, each)
      const { name } = each.deployment.metadata
      process.stdout.write(
        `Deployment ${name} goes back to revision ${each.revision}: ${describeTemplate(each.template)}\n`,
      )
    }
    const exitStatus = await waitForRollout(cluster, project.name, { timeout: flags.timeout })
    appendJournal(project, { at: start, command: 'k8s rollback', ms: Date.now() - start, exitStatus })
    return exitStatus
  } catch (error) {
    throw refused(error, 'the rollback')
  }
}
