import { createHash } from 'node:crypto'
import { type Blueprint, type Component, labelsOf, type Model, selectorOf } from './blueprint.ts'
import type { Labels } from './manifest.ts'

type Container = Readonly<Record<string, unknown>>
type Volume = Readonly<Record<string, unknown>>

/** The user `node` of the image. */
const nodeUser = 1000
/** The application gives requests and jobs 25 s; before that, web waits until nobody sends it new ones: all nodes have to hear of it. */
export const drainMs = 10_000
const graceSeconds = 60

/** The template of a component's pods: nobody's root, no token, spread over nodes, its models as annotations. */
export function podTemplate(
  blueprint: Blueprint,
  component: Component,
  {
    containers,
    volumes = [],
    settings,
    models = [],
  }: {
    readonly containers: readonly Container[]
    readonly volumes?: readonly Volume[]
    /** What a ConfigMap says: pods are replaced when it changes. */
    readonly settings: Labels
    readonly models?: readonly Model[]
  },
): Readonly<Record<string, unknown>> {
  return {
    metadata: {
      labels: labelsOf(component),
      annotations: {
        'mlops/settings': digestOf(settings),
        ...Object.fromEntries(models.map(({ name, digest }) => [`mlops/model-${name}`, digest])),
      },
    },
    spec: {
      ...(blueprint.imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: blueprint.imagePullSecret }] }),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: nodeUser,
        runAsGroup: nodeUser,
        fsGroup: nodeUser,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: selectorOf(component) },
        },
      ],
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [inOtherZones(component)] } },
      containers,
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '512Mi' } }, ...volumes],
    },
  }
}

/** No second constraint: the scheduler gives up all of them on nodes that have no label for one, such as a zone. */
function inOtherZones(component: Component) {
  return {
    weight: 50,
    podAffinityTerm: {
      topologyKey: 'topology.kubernetes.io/zone',
      labelSelector: { matchLabels: selectorOf(component) },
    },
  }
}

/** What no container of ours may do. */
export const locked = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const

/** Requests and limits: memory is a hard limit, processor time may be borrowed. */
export function resources(cpu: string, memory: string, most: string): Readonly<Record<string, unknown>> {
  return { requests: { cpu, memory }, limits: { cpu: '2', memory: most } }
}

/** Probes of whoever answers over HTTP. `/healthz` says no as soon as the process stops, `/readyz` when no worker takes jobs. */
export const httpProbes = {
  startupProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 3, failureThreshold: 60 },
  readinessProbe: {
    httpGet: { path: '/readyz', port: 'http' },
    periodSeconds: 3,
    timeoutSeconds: 3,
    failureThreshold: 3,
  },
  livenessProbe: {
    httpGet: { path: '/healthz', port: 'http' },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 3,
  },
} as const

/** Probes of a worker: it has no port, and touches a file as long as it takes jobs. */
export const workerProbes = {
  startupProbe: { ...fileProbe(), periodSeconds: 3, failureThreshold: 60 },
  readinessProbe: { ...fileProbe(), periodSeconds: 15, failureThreshold: 3 },
  livenessProbe: { ...fileProbe(), periodSeconds: 30, failureThreshold: 6 },
} as const

function fileProbe() {
  return { exec: { command: ['node', 'dist/main.js', 'health'] }, timeoutSeconds: 20 }
}

function digestOf(settings: Labels): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(settings).sort()))
    .digest('hex')
    .slice(0, 16)
}
