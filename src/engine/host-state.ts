import type { HostSummary, TaskRef } from '../events.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Result } from '../modules/module.ts'
import type { Layer } from '../variables/variables.ts'
import { inventoryLayers } from '../variables/variables.ts'
import { LookCache } from './look-ahead.ts'

/** Why a host stopped. */
export interface Failure {
  readonly task: TaskRef
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
  /** It failed, and still runs its handlers (`force_handlers`). */
  revived = false
  /** Left the play (`meta: end_host`, `end_play`) or the batch. */
  ended = false
  /** Roles whose steps are skipped from here on (`meta: end_role`). */
  readonly endedRoles = new Set<string>()
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

  get name(): string {
    return this.host.name
  }

  /** Still takes tasks. */
  get active(): boolean {
    return this.failure === undefined && !this.unreachable && !this.ended
  }
}
