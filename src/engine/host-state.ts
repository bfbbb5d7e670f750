import type { HostSummary, TaskRef } from '../events.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Result } from '../modules/module.ts'
import type { Role, Step } from '../playbook/types.ts'
import type { Layer } from '../variables/variables.ts'
import { inventoryLayers } from '../variables/variables.ts'
import { LookCache } from './look-ahead.ts'

/** Why a host stopped. */
export interface Failure {
  readonly task: TaskRef
  /** The role that the task stands in. */
  readonly role?: string | undefined
  readonly result: Result
}

/** What the run knows about one host. Lives as long as the run. */
export class HostState {
  host: Host
  inventoryLayers: readonly Layer[]
  /** Without the `ansible_` prefix. */
  readonly facts: Record<string, unknown> = {}
  /** Those that came without the prefix (`getent_passwd`), and so are variables of that name. */
  readonly bareFacts = new Set<string>()
  /** Facts were gathered at the start of a play, of this run or one that the cache knows. */
  gathered = false
  /** Facts came that the cache does not have. */
  hasNewFacts = false
  /** `set_fact` and `register`: data, not templates. */
  readonly registered: Record<string, unknown> = {}
  /** `include_vars`: may hold templates. */
  readonly included: Record<string, unknown> = {}
  readonly summary: HostSummary = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 }
  readonly looks = new LookCache()
  /** Jobs (`async`) that run there, as far as is known. */
  readonly jobs = new Set<string>()
  failure: Failure | undefined
  unreachable = false
  /** Not among `ansible_play_hosts` any more: it left, or failed where nothing rescues it; what still runs there does not bring it back. */
  removed = false
  /** Left the play (`meta: end_host`, `end_play`) or the batch. */
  ended = false
  /** Roles whose steps are skipped from here on (`meta: end_role`). */
  readonly endedRoles = new Set<string>()
  /** Roles that a host does once in a play, by the key of their use: the use of which it has done a step. */
  readonly doneRoles = new Map<string, Role>()
  /** Handlers notified and not yet run, by id. */
  readonly notified = new Set<string>()

  constructor(host: Host) {
    this.host = host
    this.inventoryLayers = inventoryLayers(host)
  }

  /** Takes over groups and variables that came while playing. */
  regroup(host: Host): void {
    this.host = host
    this.inventoryLayers = inventoryLayers(host)
  }

  /** Remembers that a step of the role was done here. */
  did({ role }: Pick<Step, 'role'>): void {
    if (role?.useKey !== undefined && !this.doneRoles.has(role.useKey)) this.doneRoles.set(role.useKey, role)
  }

  /** Whether a step is not for this host any more: its role has ended here, or was done where it was used before. */
  passesOver({ role }: Pick<Step, 'role'>): boolean {
    if (role === undefined) return false
    const done = role.useKey === undefined ? undefined : this.doneRoles.get(role.useKey)
    return this.endedRoles.has(role.path) || (done !== undefined && done !== role)
  }

  get name(): string {
    return this.host.name
  }

  /** Still takes tasks. */
  get active(): boolean {
    return this.failure === undefined && !this.unreachable && !this.ended
  }
}
