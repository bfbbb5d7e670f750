/** A Kubernetes object as it is written: plain data. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Labels
  readonly annotations?: Labels
}

export type Labels = Readonly<Record<string, string>>

/** Who manages what we make: the value of `app.kubernetes.io/managed-by`, and the field manager of what we apply. */
export const manager = 'mlops'

/** Finds everything of a project that we made. */
export function ownSelector(project: string): string {
  return `app.kubernetes.io/managed-by=${manager},app.kubernetes.io/part-of=${project}`
}

/** `Deployment american-predictor-deployment`. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`
}
