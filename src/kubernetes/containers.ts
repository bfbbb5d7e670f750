import { type Blueprint, ports } from './blueprint.ts'
import { type Access, accountEnv } from './broker.ts'
import type { Labels } from './manifest.ts'
import { modelMounts } from './model-mounts.ts'
import { drainMs, httpProbes, locked, resources, workerProbes } from './pod.ts'
import { modelSecretName } from './secrets.ts'

type Env = readonly Readonly<Record<string, unknown>>[]

interface Shared {
  readonly config: string
  readonly access: Access
  /** Begins the names of what belongs to the models. */
  readonly prefix: string
}

/** What web and workers share. A restart of the broker is waited for. */
export function sharedSettings({ models }: Blueprint, brokerHost: string): Labels {
  return {
    MODELS: models.map(({ name }) => name).join(','),
    HOST: '0.0.0.0',
    PORT: String(ports.web),
    AMQP_HOST: brokerHost,
    RPC_TIMEOUT_MS: '30000',
    MAX_PENDING: '10000',
  }
}

/** Answers people and programs. */
export function webContainer(blueprint: Blueprint, shared: Shared): Readonly<Record<string, unknown>> {
  return {
    ...predictor(blueprint, shared, 'web', [{ name: 'DRAIN_MS', value: String(drainMs) }]),
    ports: [{ name: 'http', containerPort: ports.web }],
    ...httpProbes,
    resources: resources('100m', '128Mi', '512Mi'),
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  }
}

/** Holds the models, and does the jobs. */
export function workerContainer(blueprint: Blueprint, shared: Shared): Readonly<Record<string, unknown>> {
  const { env, volumeMounts } = modelMounts(blueprint.models, modelSecretName(blueprint, shared.prefix))
  return {
    ...predictor(blueprint, shared, 'worker', [{ name: 'HEALTH_FILE', value: '/tmp/healthy' }, ...env]),
    ...workerProbes,
    resources: resources('200m', '256Mi', '1Gi'),
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...volumeMounts],
  }
}

function predictor({ image }: Blueprint, { config, access }: Shared, role: 'web' | 'worker', env: Env) {
  return {
    name: role,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [role],
    envFrom: [{ configMapRef: { name: config } }],
    env: [...accountEnv(access), ...env],
    securityContext: locked,
  }
}
