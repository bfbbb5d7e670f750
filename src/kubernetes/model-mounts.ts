import { type Blueprint, type Component, labelsOf, type Model } from './blueprint.ts'
import type { Manifest } from './manifest.ts'

/** How a container gets the models: what it mounts, and what its environment says. */
export function modelMounts(models: readonly Model[], secret: string) {
  return {
    volumeMounts: models.filter(isMounted).map(model => ({
      name: `model-${model.name}`,
      mountPath: `/models/${model.name}`,
      readOnly: true,
      ...(model.from === 'claim' ? { subPath: model.path } : {}),
    })),
    // In the template, not in a ConfigMap: what is rolled back has its own model again.
    env: models.flatMap(model =>
      model.from === 'url'
        ? [
            model.isSecret
              ? { name: 'MODEL_URL', valueFrom: { secretKeyRef: { name: secret, key: 'MODEL_URL' } } }
              : { name: 'MODEL_URL', value: model.url },
            { name: 'MODEL_DIGEST', value: model.digest },
          ]
        : [],
    ),
  }
}

/** The volumes of a pod whose containers mount models. */
export function modelVolumes(models: readonly Model[], prefix: string) {
  return models.filter(isMounted).map(model => ({
    name: `model-${model.name}`,
    ...(model.from === 'claim'
      ? { persistentVolumeClaim: { claimName: model.claim, readOnly: true } }
      : { configMap: { name: configMapName(model, prefix) } }),
  }))
}

/** ConfigMaps with the models that come along: named by their content and never changed, so that old pods keep theirs. */
export function modelConfigMaps({ models }: Blueprint, component: Component, prefix: string): Manifest[] {
  return models.flatMap(model =>
    model.from === 'files'
      ? [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: {
              name: configMapName(model, prefix),
              labels: labelsOf(component),
              annotations: { [`mlops/model-${model.name}`]: model.digest },
            },
            immutable: true,
            binaryData: model.files,
          },
        ]
      : [],
  )
}

function isMounted(model: Model): model is Exclude<Model, { from: 'url' }> {
  return model.from !== 'url'
}

function configMapName({ name, digest }: Model, prefix: string): string {
  return `${prefix}-model-${name}-${digest.replace('sha256:', '').slice(0, 12)}`
}
