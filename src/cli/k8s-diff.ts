import { type Applied, compare, essence } from '../kubernetes/apply.ts'
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
  const colors = paint(!flags.json && wantsColor(process.env, process.stdout.isTTY === true))
  const objects = changes.map(({ object, before, after }) => {
    const texts = { before: textOf(before, after), after: textOf(after, before) }
    const diff = revealed.hide(diffText({ ...texts, before_header: object, after_header: object }, colors))
    return { object, outcome: outcomeOf(before, after, diff), diff }
  })
  const differs = objects.some(({ diff }) => diff !== '')
  if (flags.json) process.stdout.write(`${JSON.stringify({ namespace: cluster.namespace, objects }, null, 2)}\n`)
  else process.stdout.write(differs ? objects.map(({ diff }) => diff).join('') : 'Nothing differs.\n')
  return differs && flags.detailedExitcode ? 3 : 0
}

/** What apply would say of an object. */
function outcomeOf(before: Live | undefined, after: Live | undefined, diff: string): Applied['outcome'] {
  if (after === undefined) return 'deleted'
  if (before === undefined) return 'created'
  return diff === '' ? 'unchanged' : 'configured'
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
