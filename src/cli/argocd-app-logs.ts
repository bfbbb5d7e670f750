import { followLogs } from '../argocd/applications.ts'
import { clean } from '../report/text.ts'
import { revealed } from '../vault/revealed.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { requireTarget, wantedName, withEnvironment } from './argocd-server.ts'
import { interruptSignal } from './interrupt.ts'

export interface AppLogsFlags extends ServerFlags {
  readonly follow?: boolean
  readonly tail?: number
  readonly container?: string
  readonly group?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly sinceSeconds?: number
  readonly untilTime?: string
  readonly filter?: string
  readonly matchCase?: boolean
  readonly previous?: boolean
}

/** Shows what the containers of an Application print, each line with its pod where there are several. */
export async function showAppLogs(text: string | undefined, given: AppLogsFlags): Promise<void> {
  const flags = withEnvironment(given)
  const { session } = requireTarget(flags)
  const query = {
    follow: flags.follow,
    tailLines: flags.tail,
    container: flags.container,
    group: flags.group,
    kind: flags.kind,
    resourceName: flags.name,
    namespace: flags.namespace,
    sinceSeconds: flags.sinceSeconds,
    untilTime: flags.untilTime,
    filter: flags.filter,
    matchCase: flags.matchCase,
    previous: flags.previous,
  }
  const interrupt = interruptSignal(() => {})
  try {
    const entries = followLogs(session, wantedName(text, flags), query, interrupt.signal)
    for await (const { content = '', podName, last } of entries) {
      // the last one of all says only that
      if (last) continue
      process.stdout.write(revealed.hide(`${podName ? `${podName} | ` : ''}${clean(content)}\n`))
    }
  } finally {
    interrupt.done()
  }
}
