import { MlopsError } from '../errors.ts'
import { nameOf } from '../kubernetes/manifest.ts'
import { describeTemplate, earlierRevisions, takeBack } from '../kubernetes/rollback.ts'
import { requireProject } from '../project/load.ts'
import { appendJournal } from '../project/state.ts'
import { clusterOf, refused, waitForRollout } from './k8s-cluster.ts'
import type { RollbackFlags } from './k8s-flags.ts'

/** Puts what ran before in force again and waits; gives the exit status. */
export async function rollBack(flags: RollbackFlags): Promise<0 | 2 | 99> {
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
    const objects = []
    for (const each of earlier) {
      await takeBack(cluster, each)
      const { revision, template } = each
      const [object, runs] = [nameOf(each.deployment), describeTemplate(template)]
      objects.push({ object, revision, runs })
      if (!flags.json) process.stdout.write(`${object} goes back to revision ${revision}: ${runs}\n`)
    }
    const { timeout, json = false } = flags
    const exitStatus = await waitForRollout(cluster, project.name, { timeout, quiet: json })
    if (json) process.stdout.write(`${JSON.stringify({ namespace: cluster.namespace, objects }, null, 2)}\n`)
    appendJournal(project, { at: start, command: 'k8s rollback', ms: Date.now() - start, exitStatus })
    return exitStatus
  } catch (error) {
    throw refused(error, 'the rollback')
  }
}
