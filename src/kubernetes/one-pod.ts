import { podAutoscaler } from './autoscaler.ts'
import { type Blueprint, type Component, ports } from './blueprint.ts'
import { accessOf, brokerContainer, brokerVolumes } from './broker.ts'
import { sharedSettings, webContainer, workerContainer } from './containers.ts'
import type { Manifest } from './manifest.ts'
import { modelConfigMaps, modelVolumes } from './model-mounts.ts'
import { fromAll, networkPolicy, toModels, toNames } from './network-policy.ts'
import { podTemplate } from './pod.ts'
import { accountSecret, modelSecret, modelSecretName } from './secrets.ts'
import { outlivesClients, outlivesServer } from './stop-order.ts'
import { configMap, deployment, disruptionBudget, service } from './workload.ts'

/** Solution 1: web, worker and broker in one pod behind a load balancer. Each further pod is a whole with a queue of its own. */
export function onePodManifests(blueprint: Blueprint): Manifest[] {
  const { project, replicas, models } = blueprint
  const component: Component = { part: 'production', app: `${project}-production`, project }
  const access = accessOf({ ...blueprint, broker: { ...blueprint.broker, by: 'statefulset' } }, component.app)
  const shared = { config: `${component.app}-config`, access, prefix: component.app }
  const settings = sharedSettings(blueprint, 'localhost')
  return [
    networkPolicy(component, component.app, { ingress: [fromAll(ports.web)], egress: [toNames, ...toModels(models)] }),
    ...accountSecret(blueprint, component, access, 'localhost'),
    ...modelSecret(blueprint, component, modelSecretName(blueprint, component.app)),
    configMap(component, shared.config, settings),
    ...modelConfigMaps(blueprint, component, component.app),
    service(component, component.app, { type: 'LoadBalancer', ports: webPorts(blueprint) }),
    deployment(component, component.app, {
      replicas: replicas.web,
      template: podTemplate(blueprint, component, {
        containers: [
          { ...brokerContainer(blueprint.broker.image, access), ...outlivesClients(ports.amqp) },
          { ...workerContainer(blueprint, shared), ...outlivesServer(ports.web) },
          webContainer(blueprint, shared),
        ],
        volumes: [...brokerVolumes, ...modelVolumes(models, component.app)],
        settings,
        models,
      }),
    }),
    disruptionBudget(component, component.app),
    podAutoscaler(component, component.app, component.app, replicas.web),
  ]
}

/** The ports that users know; that of the tweet API only where it is served. */
export function webPorts({ models }: Blueprint): Readonly<Record<string, readonly [number, number]>> {
  const american: Readonly<Record<string, readonly [number, number]>> = { american: [ports.american, ports.web] }
  return { http: [ports.web, ports.web], ...(models.some(({ name }) => name === 'american') ? american : {}) }
}
