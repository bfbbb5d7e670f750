import type { Application, ResourceName } from '../argocd/application.ts'
import { type ApplicationName, getApplication } from '../argocd/applications.ts'
import { keyOf, resourceStates } from '../argocd/resources.ts'
import type { Session } from '../argocd/session.ts'
import { awaitApplication, type Wanted } from '../argocd/wait.ts'
import { explain, MlopsError } from '../errors.ts'
import { revealed } from '../vault/revealed.ts'
import { operationText, printData, progressLine, resourcesText, say, summaryText } from './argocd-text.ts'
import { interruptSignal } from './interrupt.ts'

export interface WatchOptions {
  readonly wanted: Wanted
  readonly resources: readonly ResourceName[]
  /** Seconds; undefined: for ever. */
  readonly timeout: number | undefined
  /** `json` or `yaml`: nothing but the Application as it is in the end. */
  readonly output?: string | undefined
  /** Why what was reached is no success; undefined: it is one. */
  readonly verdict: (application: Application) => string | undefined
}

/** Waits, shows what becomes of each object, and how it ended; gives the exit status: 2 when it did not become as wanted, 99 interrupted. */
export async function watch(
  session: Session,
  name: ApplicationName,
  { wanted, resources, timeout = 0, output = 'wide', verdict }: WatchOptions,
): Promise<0 | 2 | 99> {
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: it goes on in Argo CD\n'))
  const onChange = output === 'wide' ? progress(resources) : () => {}
  try {
    const { signal } = interrupt
    const reached = await awaitApplication(session, name, {
      wanted,
      resources,
      timeoutMs: timeout * 1000,
      signal,
      onChange,
    })
    if (signal.aborted) return 99
    if (reached === undefined) {
      say(`application '${name.name}' is gone\n`)
      return wanted.delete ? 0 : 2
    }
    return await conclude(session, name, { output, verdict })
  } catch (error) {
    if (!(error instanceof MlopsError) || !['argocd.timeout', 'argocd.degraded'].includes(error.code)) throw error
    process.stderr.write(revealed.hide(`${explain(error)}\n`))
    return 2
  } finally {
    interrupt.done()
  }
}

/** After an operation Argo CD's own view lags behind: it is asked to look again. */
async function conclude(
  session: Session,
  name: ApplicationName,
  { output, verdict }: { readonly output: string; readonly verdict: WatchOptions['verdict'] },
): Promise<0 | 2> {
  const application = await getApplication(session, name, { refresh: 'normal' })
  if (!printData(output, application)) {
    say(`\n${summaryText(application, session.url)}`)
    const operation = application.status?.operationState
    if (operation !== undefined) say(`\n${operationText(operation)}`)
    say(resourcesText(application))
  }
  const problem = verdict(application)
  if (problem === undefined) return 0
  process.stderr.write(revealed.hide(`error: ${problem}\n`))
  return 2
}

/** A line for each object, and for each of its changes. */
function progress(resources: readonly ResourceName[]): (application: Application) => void {
  const shown = new Map<string, string>()
  let nameWidth: number | undefined
  return application => {
    const states = resourceStates(application, resources)
    if (nameWidth === undefined) {
      nameWidth = Math.max('NAME'.length, ...states.map(({ name }) => name.length))
      say(progressLine(undefined, nameWidth))
    }
    for (const state of states) {
      const text = [state.status, state.health, state.hook, state.message].join('\t')
      if (shown.get(keyOf(state)) === text) continue
      shown.set(keyOf(state), text)
      say(progressLine(state, nameWidth))
    }
  }
}
