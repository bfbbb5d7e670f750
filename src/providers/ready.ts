import { readState, type StateOwner, writeState } from '../project/state.ts'

const FILE = 'ready.json'

/** Ids of the machines that were seen ready: they let us in, and cloud-init had finished. */
export function readReady(project: StateOwner): ReadonlySet<string> {
  const ids = readState(project, FILE)
  return new Set(Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [])
}

export function rememberReady(project: StateOwner, id: string): void {
  writeState(project, FILE, [...new Set([...readReady(project), id])])
}
