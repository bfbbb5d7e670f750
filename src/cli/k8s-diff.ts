import { compare, essence } from '../kubernetes/apply.ts'
import type { Live } from '../kubernetes/cluster.ts'
import { yaml } from '../kubernetes/text.ts'
import { diffText } from '../report/diff-text.ts'
import { paint, wantsColor } from '../report/paint.ts'
import { revealed } from '../vault/revealed.ts'
import { clusterOf, refused } from './k8s-cluster.ts'
import type { DiffFlags } from './k8s-flags.ts'
import { readPlan } from './k8s-plan.ts'

/** Shows what apply would change; gives the exit status. */
export async function showDiff(flags: DiffFlags): Promise<0 | 3> {
  const { project, blueprint } = readPlan(flags)
  const cluster = clusterOf(project, flags)
  const force = flags.forceConflicts === true
  const changes = await compare(cluster, blueprint, { force }).catch(error => {
    throw refused(error, 'comparing')
  })
  let differs = false
  for (const { object, before, after } of changes) {
    const text = diffText(
      { before: textOf(before, after), after: textOf(after, before), before_header: object, after_header: object },
      paint(wantsColor(process.env, process.stdout.isTTY === true)),
    )
    differs ||= text !== ''
    process.stdout.write(revealed.hide(text))
  }
  if (!differs) process.stdout.write('Nothing differs.\n')
  return differs && flags.detailedExitcode ? 3 : 0
}

/** An object as text, without what Secrets hold: only whether a value is another one. */
function textOf(object: Live | undefined, other: Live | undefined): string {
  if (object === undefined) return ''
  if (object.kind !== 'Secret') return yaml(essence(object))
  const values = Object(object['data'])
  const others = Object(other?.['data'])
  const isOld = object.metadata.resourceVersion === undefined || other === undefined
  const masked = Object.keys(values).map(key => [
    key,
    values[key] === others[key] ? '(hidden)' : `(hidden, ${isOld ? 'another value' : 'differs'})`,
  ])
  return yaml(essence({ ...object, data: Object.fromEntries(masked) }))
}
