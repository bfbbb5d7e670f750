import type { Blueprint, Component } from './blueprint.ts'
import type { Access } from './broker.ts'
import { accountValues } from './broker.ts'
import type { Manifest } from './manifest.ts'
import { secret } from './workload.ts'

/** The Secret with the broker's account, when that was said: nothing when the user has a Secret, or it is made up in the cluster. */
export function accountSecret(
  { existingSecret, account }: Blueprint,
  component: Component,
  access: Access,
  host: string,
): Manifest[] {
  return existingSecret !== undefined || account === undefined
    ? []
    : [secret(component, access.secret, accountValues(account, host))]
}

/** The Secret with a model's URL, when that holds a key. */
export function modelSecret({ existingSecret, models }: Blueprint, component: Component, name: string): Manifest[] {
  const url = models.find(model => model.from === 'url' && model.isSecret)
  return existingSecret !== undefined || url?.from !== 'url' ? [] : [secret(component, name, { MODEL_URL: url.url })]
}

/** Where containers find a model's URL that holds a key. */
export function modelSecretName({ existingSecret }: Pick<Blueprint, 'existingSecret'>, prefix: string): string {
  return existingSecret ?? `${prefix}-model-url`
}
