import { MlopsError } from '../errors.ts'
import type { Application, ResourceName } from './application.ts'

/** One object of an Application: how it is, and what the last operation did with it. */
export interface ResourceState extends ResourceName {
  /** `Synced`, `OutOfSync`, or the phase of a hook. */
  readonly status: string
  readonly health: string
  readonly hook: string
  readonly message: string
}

/** Those of the last operation first, in its order, then all others. */
export function resourceStates(
  { status }: Application,
  selected: readonly ResourceName[] = [],
): readonly ResourceState[] {
  const rest = new Map((status?.resources ?? []).map(resource => [keyOf(resource), resource]))
  const states: ResourceState[] = []
  for (const result of status?.operationState?.syncResult?.resources ?? []) {
    const { group, kind, namespace, name, hookType: hook = '', message = '' } = result
    const live = hook === '' ? rest.get(keyOf(result)) : undefined
    rest.delete(keyOf(result))
    const [state, health] = live
      ? [live.status, live.health?.status]
      : [result.hookPhase ?? result.status, result.status]
    states.push({
      ...named({ group, kind, namespace, name }),
      status: state ?? '',
      health: health ?? '',
      hook,
      message,
    })
  }
  for (const { status: state = '', health, ...resource } of rest.values())
    states.push({ ...named(resource), status: state, health: health?.status ?? '', hook: '', message: '' })
  return selected.length === 0 ? states : states.filter(state => selected.some(each => isMeant(each, state)))
}

/** `GROUP:KIND:NAME` or `GROUP:KIND:NAMESPACE/NAME` as a choice; a kind of the core has no group. Throws `argocd.resource`. */
export function resourceName(text: string): ResourceName {
  const [group = '', kind, named, ...more] = text.split(':')
  const [first = '', second] = (named ?? '').split('/')
  const [namespace, name] = second === undefined ? ['', first] : [first, second]
  if (!kind || !name || more.length > 0) {
    throw new MlopsError('argocd.resource', `--resource ${text} is not GROUP:KIND:NAME`, {
      hint: 'such as :Service:web or apps:Deployment:web; GROUP:KIND:NAMESPACE/NAME names a namespace, too',
    })
  }
  return { kind, name, group, ...(namespace !== '' && { namespace }) }
}

/** What tells objects apart. */
export function keyOf({ group = '', kind, namespace = '', name }: ResourceName): string {
  return `${group}/${kind}/${namespace}/${name}`
}

/** Whether a choice such as `:Service:web` is about an object: what it leaves empty is not asked for. */
function isMeant(chosen: ResourceName, { group = '', kind, namespace = '', name }: ResourceName): boolean {
  return (
    (chosen.group ?? '') === group &&
    (chosen.kind === kind || chosen.kind === '*') &&
    (chosen.name === name || chosen.name === '*') &&
    (!chosen.namespace || chosen.namespace === namespace)
  )
}

function named({
  group,
  kind,
  namespace,
  name,
}: {
  readonly group?: string | undefined
  readonly kind: string
  readonly namespace?: string | undefined
  readonly name: string
}): ResourceName {
  return { kind, name, ...(group && { group }), ...(namespace && { namespace }) }
}
