import type { FactCache } from './engine.ts'
import type { HostState } from './host-state.ts'
import type { Secrets } from './mask.ts'

/** The name under which Ansible notes that facts were gathered, in its cache too. */
const GATHERED = '_ansible_facts_gathered'

/** Takes facts of a result or of a cache: `ansible_x` is the fact `x`, any other name is a variable of its own. */
export function takeFacts(host: HostState, facts: object): void {
  for (const [name, value] of Object.entries(facts)) {
    if (name === GATHERED) {
      host.gathered = value === true
      continue
    }
    const bare = name.replace(/^ansible_/, '')
    host.facts[bare] = value
    if (bare === name) host.bareFacts.add(name)
    else host.bareFacts.delete(bare)
  }
}

/** Gives a host what the cache knows of it. */
export function recallFacts(host: HostState, cache: FactCache | undefined): HostState {
  const facts = cache?.read(host.name)
  if (facts) takeFacts(host, facts)
  return host
}

/** Writes the facts of a host into the cache, without those that are secret. */
export function cacheFacts(
  host: HostState,
  cache: FactCache,
  { secrets, isConcealed }: { secrets: Secrets; isConcealed: (name: string) => boolean },
): void {
  const kept: Record<string, unknown> = host.gathered ? { [GATHERED]: true } : {}
  for (const [fact, value] of Object.entries(host.facts)) {
    const name = host.bareFacts.has(fact) ? fact : `ansible_${fact}`
    const text = JSON.stringify(value)
    if (text !== undefined && !isConcealed(name) && text === JSON.stringify(secrets.hide(value))) kept[name] = value
  }
  cache.write(host.name, kept)
}

/** Forgets all facts of a host, those in the cache too. */
export function forgetFacts(host: HostState, cache: FactCache | undefined): void {
  for (const name of Object.keys(host.facts)) delete host.facts[name]
  host.bareFacts.clear()
  host.gathered = false
  cache?.forget(host.name)
}
