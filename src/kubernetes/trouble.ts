import type { Cluster, Live } from './cluster.ts'
import { Refusal } from './refusal.ts'
import { containersOf, type Stuck } from './rollout.ts'

/** Why a workload does not come up, as lines for people: pod, containers, events, and the last lines that were printed. */
export async function explainStuck(cluster: Cluster, { workload, pod }: Stuck): Promise<readonly string[]> {
  const { kind, name: own, ready, wanted } = workload
  const serving =
    ready >= wanted ? 'its new pods do not start, those of before serve' : `${ready} of ${wanted} pods are ready`
  const head = `${kind} ${own} does not come up: ${serving}`
  if (pod === undefined) return [head, ...(await eventLines(cluster, workload.name))]
  const { name } = pod.metadata
  const lines = [head, `  pod ${name}${nodeOf(pod)}`]
  for (const { name: container, ready, waiting, message, restarts, exitCode } of containersOf(pod)) {
    if (ready) continue
    const words = [
      waiting,
      message,
      exitCode === undefined ? '' : `exit status ${exitCode}`,
      restarts > 0 ? `${restarts} restarts` : '',
    ]
    lines.push(`  container ${container}: ${words.filter(word => word !== '').join(', ') || 'is not ready'}`)
  }
  lines.push(...(await eventLines(cluster, name)))
  for (const { name: container, restarts } of containersOf(pod).filter(({ ready }) => !ready)) {
    lines.push(...(await lastLines(cluster, name, { container, previous: restarts > 0 })))
  }
  return lines
}

function nodeOf(pod: Live): string {
  const { nodeName } = Object(pod['spec'])
  return typeof nodeName === 'string' ? ` on ${nodeName}` : ', which no node took'
}

async function eventLines(cluster: Cluster, name: string): Promise<string[]> {
  const events = await cluster.list('v1', 'Event', { fields: `involvedObject.name=${name}` })
  const texts = events
    .filter(event => event['type'] === 'Warning')
    .map(event => `  event ${String(event['reason'])}: ${String(event['message']).trim()}`)
  return [...new Set(texts)].slice(-5)
}

async function lastLines(
  cluster: Cluster,
  pod: string,
  { container, previous }: { readonly container: string; readonly previous: boolean },
): Promise<string[]> {
  let text = ''
  try {
    await cluster.log(pod, container, { tail: 10, previous, onText: part => (text += part) })
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => `  ${container} says: ${line}`)
}
