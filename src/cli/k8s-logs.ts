import { MlopsError } from '../errors.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { ownSelector } from '../kubernetes/manifest.ts'
import { containersOf } from '../kubernetes/rollout.ts'
import { requireProject } from '../project/load.ts'
import { clean } from '../report/text.ts'
import { revealed } from '../vault/revealed.ts'
import { interruptSignal } from './interrupt.ts'
import { clusterOf, refused, say } from './k8s-cluster.ts'
import type { LogsFlags } from './k8s-flags.ts'
import { secondsSince } from './seconds-since.ts'

/** Shows the lines of all containers of the parts, each with its pod; gives the exit status. */
export async function showClusterLogs(parts: readonly string[], flags: LogsFlags): Promise<0 | 2> {
  const project = requireProject(process.cwd(), flags.project)
  const sinceSeconds = flags.since === undefined ? undefined : secondsSince(flags.since, Date.now())
  const cluster = clusterOf(project, flags)
  const interrupt = interruptSignal(() => {})
  try {
    const found = await containers(cluster, project.name, parts)
    const statuses = await Promise.all(
      found.map(async ({ pod, container }) => {
        const lines = prefixed(`${pod} ${container} | `)
        try {
          await cluster.log(pod, container, {
            tail: flags.tail ?? 50,
            follow: flags.follow === true,
            previous: flags.previous === true,
            sinceSeconds,
            signal: interrupt.signal,
            onText: lines.add,
          })
          return 0
        } catch (error) {
          if (interrupt.signal.aborted) return 0
          say(`${pod} ${container}: ${error instanceof Error ? error.message : String(error)}\n`)
          return 2
        } finally {
          lines.end()
        }
      }),
    )
    return statuses.includes(2) ? 2 : 0
  } catch (error) {
    throw refused(error, 'reading logs')
  } finally {
    interrupt.done()
  }
}

async function containers(cluster: Cluster, project: string, parts: readonly string[]) {
  const pods = await cluster.list('v1', 'Pod', { labels: ownSelector(project) })
  const found = pods.flatMap(pod => {
    const part = pod.metadata.labels?.['app.kubernetes.io/component'] ?? 'web'
    return containersOf(pod)
      .map(({ name }) => ({ pod: pod.metadata.name, container: name, part }))
      .filter(({ container }) => parts.length === 0 || parts.includes(part) || parts.includes(container))
  })
  if (found.length > 0) return found
  const known = [...new Set(pods.map(pod => pod.metadata.labels?.['app.kubernetes.io/component'] ?? 'web'))]
  throw new MlopsError(
    'k8s.no-pods',
    `no pod of ${parts.join(', ') || project} runs in namespace ${cluster.namespace}`,
    {
      hint: known.length > 0 ? `there are ${known.join(', ')}` : wayFrom(cluster.namespace),
    },
  )
}

/** A number for a namespace is likely one of lines. */
function wayFrom(namespace: string): string {
  if (!/^\d+$/.test(namespace)) return 'mlops k8s apply makes them'
  return `here -n is the namespace; so many lines are --tail ${namespace}, or mlops logs -n ${namespace}`
}

/** Whole lines, each behind a prefix, without control characters and without what was encrypted. */
function prefixed(prefix: string): { add: (text: string) => void; end: () => void } {
  let rest = ''
  const show = (line: string) => process.stdout.write(`${prefix}${revealed.hide(clean(line))}\n`)
  return {
    add(text) {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) show(line)
    },
    end() {
      if (rest !== '') show(rest)
      rest = ''
    },
  }
}
