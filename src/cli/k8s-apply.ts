import { type Applied, apply, prune } from '../kubernetes/apply.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { appendJournal } from '../project/state.ts'
import { clusterOf, refused, say, waitForRollout } from './k8s-cluster.ts'
import type { ApplyFlags } from './k8s-flags.ts'
import { readPlan } from './k8s-plan.ts'

/** Applies, prunes and waits; gives the exit status. */
export async function applyToCluster(flags: ApplyFlags): Promise<0 | 2 | 99> {
  const { project, blueprint } = readPlan(flags)
  const cluster = clusterOf(project, flags)
  const start = Date.now()
  const dryRun = flags.dryRun === true
  const onApplied = (applied: Applied) => flags.json || showApplied(applied, dryRun)
  const options = { dryRun, force: flags.forceConflicts === true, onApplied }
  const done: Applied[] = []
  let exitStatus: 0 | 2 | 99 = 0
  try {
    if (flags.createNamespace && !dryRun) await makeNamespace(cluster)
    done.push(...(await apply(cluster, blueprint, options)))
    if (done.some(({ outcome }) => outcome === 'failed')) exitStatus = 2
    // nothing that still serves is taken away before what comes in its place runs
    if (exitStatus === 0 && flags.wait && !dryRun) {
      exitStatus = await waitForRollout(cluster, project.name, { timeout: flags.timeout, quiet: flags.json === true })
    }
    if (exitStatus === 0 && flags.prune) {
      const pruned = await prune(cluster, blueprint, options)
      done.push(...pruned)
      if (pruned.some(({ outcome }) => outcome === 'failed')) exitStatus = 2
    }
  } catch (error) {
    throw refused(error, 'applying')
  }
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ namespace: cluster.namespace, dryRun, objects: done }, null, 2)}\n`)
  else if (exitStatus === 0) process.stdout.write(summary(done, cluster, dryRun))
  if (!dryRun)
    appendJournal(project, {
      at: start,
      command: 'k8s apply',
      ms: Date.now() - start,
      exitStatus,
      image: blueprint.image,
    })
  return exitStatus
}

/** Says what became of an object. */
export function showApplied({ object, outcome, problem, hint }: Applied, dryRun: boolean): void {
  if (problem === undefined) process.stdout.write(`${object} ${outcome}${dryRun ? ' (dry run)' : ''}\n`)
  else say(`${object} FAILED: ${problem}\n${hint === undefined ? '' : `hint: ${hint}\n`}`)
}

/** The namespace of the cluster is made as any other object, but is nobody's: `delete` leaves it. */
async function makeNamespace(cluster: Cluster): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: cluster.namespace } }
  if ((await cluster.read(namespace)) !== undefined) return
  await cluster.create(namespace)
  process.stdout.write(`Namespace ${cluster.namespace} created\n`)
}

function summary(done: readonly Applied[], { namespace, server }: Cluster, dryRun: boolean): string {
  const changed = done.filter(({ outcome }) => outcome !== 'unchanged').length
  const words = changed === 0 ? 'nothing to do' : `${changed} of ${done.length} ${dryRun ? 'would change' : 'changed'}`
  return `${words} in namespace ${namespace} at ${server}\n`
}
