import { podAutoscaler } from './autoscaler.ts'
import { type Blueprint, type Component, ports } from './blueprint.ts'
import type { Manifest } from './manifest.ts'
import { modelConfigMaps, modelMounts, modelVolumes } from './model-mounts.ts'
import { fromAll, networkPolicy, toModels, toNames } from './network-policy.ts'
import { drainMs, httpProbes, locked, podTemplate, resources } from './pod.ts'
import { modelSecret } from './secrets.ts'
import { configMap, deployment, disruptionBudget, service } from './workload.ts'

const app = 'american-predictor'

/** The tweet API by itself: web, worker and queue in one process, under the names of its brief. */
export function americanManifests(blueprint: Blueprint): Manifest[] {
  const component: Component = { part: '', app, project: blueprint.project }
  const { env, volumeMounts } = modelMounts(blueprint.models, blueprint.existingSecret ?? `${app}-secret`)
  const settings = {
    MODELS: 'american',
    HOST: '0.0.0.0',
    PORT: String(ports.american),
    DRAIN_MS: String(drainMs),
  }
  const container = {
    name: app,
    image: blueprint.image,
    imagePullPolicy: 'IfNotPresent',
    args: ['all'],
    envFrom: [{ configMapRef: { name: `${app}-config` } }],
    ...(env.length === 0 ? {} : { env }),
    ports: [{ name: 'http', containerPort: ports.american }],
    ...httpProbes,
    resources: resources('100m', '128Mi', '512Mi'),
    securityContext: locked,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...volumeMounts],
  }
  return [
    networkPolicy(component, app, {
      ingress: [fromAll(ports.american)],
      egress: [toNames, ...toModels(blueprint.models)],
    }),
    ...modelSecret(blueprint, component, `${app}-secret`),
    configMap(component, `${app}-config`, settings),
    ...modelConfigMaps(blueprint, component, app),
    service(component, `${app}-service`, { type: 'ClusterIP', ports: { http: [ports.american, ports.american] } }),
    deployment(component, `${app}-deployment`, {
      replicas: blueprint.replicas.web,
      template: podTemplate(blueprint, component, {
        containers: [container],
        volumes: modelVolumes(blueprint.models, app),
        settings,
        models: blueprint.models,
      }),
    }),
    disruptionBudget(component, app),
    podAutoscaler(component, app, `${app}-deployment`, blueprint.replicas.web),
  ]
}
