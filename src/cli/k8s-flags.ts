import type { K8sFlags } from './k8s-plan.ts'

/** Flags of commands that speak with a cluster. */
export interface ClusterFlags {
  readonly project?: string
  readonly context?: string
  readonly namespace?: string
}

export interface WaitFlags extends ClusterFlags {
  /** Seconds. */
  readonly timeout?: number
}

export interface ApplyFlags extends WaitFlags, K8sFlags {
  readonly dryRun?: boolean
  readonly forceConflicts?: boolean
  readonly createNamespace?: boolean
  readonly prune: boolean
  readonly wait: boolean
  readonly json?: boolean
}

export interface DiffFlags extends ClusterFlags, K8sFlags {
  readonly detailedExitcode?: boolean
  readonly json?: boolean
  readonly forceConflicts?: boolean
}

export interface LogsFlags extends ClusterFlags {
  readonly follow?: boolean
  readonly tail?: number
  /** `90` seconds, `10m`, or a moment. */
  readonly since?: string
  readonly previous?: boolean
}

export interface RollbackFlags extends WaitFlags {
  readonly json?: boolean
}

export interface DeleteFlags extends ClusterFlags {
  readonly json?: boolean
  readonly yes?: boolean
}

export interface StatusFlags extends ClusterFlags {
  readonly json?: boolean
  /** Seconds; true: 2. */
  readonly watch?: number | true
}
