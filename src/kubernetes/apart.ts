import { podAutoscaler, queueScaler } from './autoscaler.ts'
import { type Blueprint, type Component, ports } from './blueprint.ts'
import { type Access, accessOf, brokerResource, brokerSet, operatorNamespace } from './broker.ts'
import { sharedSettings, webContainer, workerContainer } from './containers.ts'
import type { Manifest } from './manifest.ts'
import { modelConfigMaps, modelVolumes } from './model-mounts.ts'
import {
  fromAll,
  fromComponents,
  fromNamespace,
  ingressPolicy,
  networkPolicy,
  toComponent,
  toModels,
  toNames,
} from './network-policy.ts'
import { webPorts } from './one-pod.ts'
import { podTemplate } from './pod.ts'
import { accountSecret, modelSecret, modelSecretName } from './secrets.ts'
import { configMap, deployment, disruptionBudget, service } from './workload.ts'

interface Parts {
  readonly web: Component
  readonly worker: Component
  readonly broker: Component
  readonly access: Access
  readonly config: string
}

/** Solution 2: web, worker and broker apart, each with as many pods as it needs. */
export function apartManifests(blueprint: Blueprint): Manifest[] {
  const { project } = blueprint
  const part = (name: string): Component => ({ part: name, app: `${project}-${name}`, project })
  const broker = part('broker')
  const access = accessOf(blueprint, broker.app)
  const parts: Parts = { web: part('web'), worker: part('worker'), broker, access, config: `${project}-config` }
  return [
    ...brokerManifests(blueprint, parts),
    configMap({ part: '', app: project, project }, parts.config, sharedSettings(blueprint, broker.app)),
    ...workerManifests(blueprint, parts),
    ...webManifests(blueprint, parts),
  ]
}

function brokerManifests(blueprint: Blueprint, { web, worker, broker, access }: Parts): Manifest[] {
  const scaler = blueprint.autoscale === 'queue' ? [fromNamespace('keda', ports.amqp)] : []
  const ingress = [fromComponents([web, worker], ports.amqp), ...scaler]
  if (blueprint.broker.by === 'operator') {
    // its nodes find each other through the API server: whom they reach is the operator's matter
    return [
      ingressPolicy(broker, broker.app, [...ingress, fromComponents([broker]), fromNamespace(operatorNamespace)]),
      brokerResource(blueprint, broker),
    ]
  }
  return [
    networkPolicy(broker, broker.app, { ingress, egress: [toNames] }),
    ...accountSecret(blueprint, broker, access, broker.app),
    service(broker, broker.app, { type: 'ClusterIP', ports: { amqp: [ports.amqp, ports.amqp] } }),
    brokerSet(blueprint, broker, access),
    disruptionBudget(broker, broker.app),
  ]
}

function workerManifests(blueprint: Blueprint, { worker, broker, access, config }: Parts): Manifest[] {
  const { models } = blueprint
  const replicas = blueprint.replicas.worker
  const shared = { config, access, prefix: worker.app }
  const scaled = { target: worker.app, replicas, secret: { name: access.secret, key: access.url } }
  return [
    networkPolicy(worker, worker.app, {
      ingress: [],
      egress: [toNames, toComponent(broker, ports.amqp), ...toModels(models)],
    }),
    ...modelSecret(blueprint, worker, modelSecretName(blueprint, worker.app)),
    ...modelConfigMaps(blueprint, worker, worker.app),
    service(worker, worker.app, { type: 'headless', ports: {} }),
    deployment(worker, worker.app, {
      replicas,
      template: podTemplate(blueprint, worker, {
        containers: [workerContainer(blueprint, shared)],
        volumes: modelVolumes(models, worker.app),
        settings: sharedSettings(blueprint, broker.app),
        models,
      }),
    }),
    disruptionBudget(worker, worker.app),
    ...(blueprint.autoscale === 'queue'
      ? queueScaler(worker, worker.app, scaled)
      : [podAutoscaler(worker, worker.app, worker.app, replicas)]),
  ]
}

function webManifests(blueprint: Blueprint, { web, broker, access, config }: Parts): Manifest[] {
  const replicas = blueprint.replicas.web
  return [
    networkPolicy(web, web.app, {
      ingress: [fromAll(ports.web)],
      egress: [toNames, toComponent(broker, ports.amqp)],
    }),
    service(web, web.app, { type: 'LoadBalancer', ports: webPorts(blueprint) }),
    deployment(web, web.app, {
      replicas,
      template: podTemplate(blueprint, web, {
        containers: [webContainer(blueprint, { config, access, prefix: web.app })],
        settings: sharedSettings(blueprint, broker.app),
      }),
    }),
    disruptionBudget(web, web.app),
    podAutoscaler(web, web.app, web.app, replicas),
  ]
}
