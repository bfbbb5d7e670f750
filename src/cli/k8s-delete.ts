import { MlopsError } from '../errors.ts'
import { type Applied, removeAll } from '../kubernetes/apply.ts'
import { nameOf } from '../kubernetes/manifest.ts'
import { ownObjects } from '../kubernetes/own.ts'
import { requireProject } from '../project/load.ts'
import { appendJournal, forgetReplicas } from '../project/state.ts'
import { showApplied } from './k8s-apply.ts'
import { clusterOf, refused } from './k8s-cluster.ts'
import type { DeleteFlags } from './k8s-flags.ts'
import { ask } from './prompt.ts'

/** Removes everything that apply made; gives the exit status. */
export async function deleteFromCluster(flags: DeleteFlags): Promise<0 | 1 | 2> {
  const project = requireProject(process.cwd(), flags.project)
  const cluster = clusterOf(project, flags)
  const start = Date.now()
  try {
    const objects = await ownObjects(cluster, project.name)
    const where = `namespace ${cluster.namespace} at ${cluster.server}`
    const asJson = (removed: readonly Applied[]) =>
      `${JSON.stringify({ namespace: cluster.namespace, objects: removed }, null, 2)}\n`
    if (objects.length === 0) {
      process.stdout.write(flags.json ? asJson([]) : `Nothing to do: ${project.name} has nothing in ${where}.\n`)
      return 0
    }
    if (!(await agreed(objects.map(nameOf), where, flags))) {
      process.stdout.write('Nothing was removed.\n')
      return 1
    }
    const onApplied = (applied: Applied) => flags.json || showApplied(applied, false)
    const removed = await removeAll(cluster, objects, { dryRun: false, onApplied })
    if (flags.json) process.stdout.write(asJson(removed))
    const exitStatus = removed.some(({ outcome }) => outcome === 'failed') ? 2 : 0
    if (project.target === 'kubernetes') forgetReplicas(project)
    appendJournal(project, { at: start, command: 'k8s delete', ms: Date.now() - start, exitStatus })
    return exitStatus
  } catch (error) {
    throw refused(error, 'deleting')
  }
}

async function agreed(names: readonly string[], where: string, { yes, json }: DeleteFlags): Promise<boolean> {
  if (yes) return true
  if (json || !process.stdin.isTTY) {
    throw new MlopsError(
      'k8s.unconfirmed',
      `${names.length} objects in ${where} would be removed, and nobody is here to agree`,
      {
        hint: `they are ${names.join(', ')}; --yes removes them`,
      },
    )
  }
  process.stdout.write(`This goes from ${where}:\n${names.map(name => `  ${name}\n`).join('')}`)
  return /^y(es)?$/i.test((await ask('Remove it? [y/N] ')).trim())
}
