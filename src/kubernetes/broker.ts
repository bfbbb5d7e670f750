import { type Account, type Blueprint, type Component, labelsOf, ports, selectorOf } from './blueprint.ts'
import type { Labels, Manifest } from './manifest.ts'
import { locked, podTemplate, resources } from './pod.ts'

/** The user `rabbitmq` of the image. */
const brokerUser = 999

/** The Secret with the broker's account, and under which keys it has what. */
export interface Access {
  readonly secret: string
  readonly user: string
  readonly password: string
  /** The whole URL, for KEDA. */
  readonly url: string
}

/** Where the account stands: in a Secret of the user's, of the cluster operator's, or of ours. */
export function accessOf({ existingSecret, broker }: Blueprint, name: string): Access {
  if (existingSecret === undefined && broker.by === 'operator') {
    return { secret: `${name}-default-user`, user: 'username', password: 'password', url: 'connection_string' }
  }
  return {
    secret: existingSecret ?? `${name}-account`,
    user: 'RABBITMQ_DEFAULT_USER',
    password: 'RABBITMQ_DEFAULT_PASS',
    url: 'AMQP_URL',
  }
}

/** What our own Secret says. */
export function accountValues({ user, password }: Account, host: string): Labels {
  const url = `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${ports.amqp}/`
  return { RABBITMQ_DEFAULT_USER: user, RABBITMQ_DEFAULT_PASS: password, AMQP_URL: url }
}

/** The account in a container's environment, under the names that both the broker and the application know. */
export function accountEnv({ secret, user, password }: Access) {
  return [
    { name: 'RABBITMQ_DEFAULT_USER', valueFrom: { secretKeyRef: { name: secret, key: user } } },
    { name: 'RABBITMQ_DEFAULT_PASS', valueFrom: { secretKeyRef: { name: secret, key: password } } },
  ]
}

/** The broker's container. It keeps nothing that outlives it: a new password needs a new broker. */
export function brokerContainer(image: string, access: Access): Readonly<Record<string, unknown>> {
  const probe = { tcpSocket: { port: ports.amqp } }
  return {
    name: 'rabbit',
    image,
    imagePullPolicy: 'IfNotPresent',
    env: accountEnv(access),
    ports: [{ name: 'amqp', containerPort: ports.amqp }],
    // long: a first start that is broken off leaves a broker that never gets its feature flags
    startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 240 },
    readinessProbe: { ...probe, periodSeconds: 5 },
    livenessProbe: { ...probe, periodSeconds: 20, failureThreshold: 5 },
    resources: resources('200m', '256Mi', '1Gi'),
    securityContext: { ...locked, runAsUser: brokerUser, runAsGroup: brokerUser },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'broker-data', mountPath: '/var/lib/rabbitmq' },
      { name: 'broker-log', mountPath: '/var/log/rabbitmq' },
    ],
  }
}

export const brokerVolumes = [
  { name: 'broker-data', emptyDir: { sizeLimit: '2Gi' } },
  { name: 'broker-log', emptyDir: { sizeLimit: '256Mi' } },
] as const

/** A broker of our own. */
export function brokerSet(blueprint: Blueprint, component: Component, access: Access): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: component.app, labels: labelsOf(component) },
    spec: {
      replicas: 1,
      serviceName: component.app,
      revisionHistoryLimit: 5,
      selector: { matchLabels: selectorOf(component) },
      template: podTemplate(blueprint, component, {
        settings: {},
        containers: [brokerContainer(blueprint.broker.image, access)],
        volumes: brokerVolumes,
      }),
    },
  }
}

/** Where RabbitMQ's cluster operator runs. */
export const operatorNamespace = 'rabbitmq-system'

/** A broker that RabbitMQ's cluster operator runs; it makes Service and Secret itself, and its pods have our label `app`. */
export function brokerResource({ broker, imagePullSecret }: Blueprint, component: Component): Manifest {
  return {
    apiVersion: 'rabbitmq.com/v1beta1',
    kind: 'RabbitmqCluster',
    metadata: { name: component.app, labels: labelsOf(component) },
    spec: {
      replicas: 1,
      image: broker.image,
      ...(imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
      resources: resources('200m', '256Mi', '1Gi'),
    },
  }
}
