import { throwAll } from '../errors.ts'
import { readWishes, type Scaled, scaleTo } from '../kubernetes/scale.ts'
import type { Project } from '../project/project.ts'
import { appendJournal, rememberReplicas } from '../project/state.ts'
import { table } from '../report/table.ts'
import { clusterOf, refused, waitForRollout } from './k8s-cluster.ts'
import { readPlan } from './k8s-plan.ts'
import { scaleByCommit } from './k8s-scale-commit.ts'
import { warnOfNone } from './scale-warnings.ts'

/** `mlops scale` where a cluster runs the application; gives the exit status. */
export async function scaleOnCluster(
  project: Project,
  words: readonly string[],
  { json }: { readonly json?: boolean },
): Promise<0 | 2 | 99> {
  const { blueprint } = readPlan({ project: project.file })
  const { wishes, errors } = readWishes(blueprint, words)
  throwAll(errors)
  warnOfNone(Object.fromEntries(wishes.map(({ service, replicas }) => [service, replicas])))
  if (project.kubernetes.publish !== undefined) {
    const scaled = await scaleByCommit(project, wishes, { json: json === true })
    if (scaled === 99) return 99
    show(scaled, json === true)
    return 0
  }
  const cluster = clusterOf(project, {})
  const start = Date.now()
  const scaled: Scaled[] = []
  try {
    for (const wish of wishes) {
      scaled.push(await scaleTo(cluster, blueprint, wish))
      rememberReplicas(project, { [wish.service]: wish.replicas })
    }
    const exitStatus = await waitForRollout(cluster, project.name, { quiet: json === true })
    appendJournal(project, { at: start, command: 'scale', ms: Date.now() - start, exitStatus, scaled })
    show(scaled, json === true)
    return exitStatus
  } catch (error) {
    throw refused(error, 'scaling')
  }
}

function show(scaled: readonly Scaled[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(scaled, null, 2)}\n`)
    return
  }
  const rows = scaled.map(row => [row.service, row.deployment, String(row.before), String(row.after)])
  process.stdout.write(table(['SERVICE', 'DEPLOYMENT', 'BEFORE', 'AFTER'], rows))
  if (scaled.every(row => row.before === row.after)) process.stdout.write('Nothing to do.\n')
}
