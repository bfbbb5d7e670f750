import type { Blueprint, Model } from '../../src/kubernetes/blueprint.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const american: Model = { name: 'american', digest: digest('a'), from: 'files', files: { 'model.json': 'e30=' } }
const diabetes: Model = {
  name: 'diabetes',
  digest: '9501b9b1722c',
  from: 'claim',
  claim: 'models',
  path: 'diabetes/current',
}
const fetched: Model = {
  name: 'american',
  digest: digest('b'),
  from: 'url',
  url: 'https://models.example.org/american.json',
  isSecret: false,
}

const common: Blueprint = {
  project: 'tweets',
  layout: 'american',
  image: 'registry.example.org/team/predictor:3f2a9c1',
  imagePullSecret: undefined,
  models: [american],
  broker: { by: 'statefulset', image: 'rabbitmq:3.13-management' },
  autoscale: 'cpu',
  replicas: { web: { least: 2, most: 6 }, worker: { least: 2, most: 6 } },
  existingSecret: undefined,
  account: { user: 'predictor', password: 'a long password' },
}

/** One of everything that can be rendered. */
export const blueprints: Readonly<Record<string, Blueprint>> = {
  american: common,
  'american-url': { ...common, models: [fetched] },
  'american-secret-url': {
    ...common,
    imagePullSecret: 'registry',
    models: [{ ...fetched, url: 'https://models.example.org/american.json?key=abcdef', isSecret: true }],
  },
  'solution-1': { ...common, layout: 'one-pod', models: [diabetes, american] },
  'solution-2': { ...common, layout: 'apart', models: [diabetes, american] },
  'solution-2-operator-keda': {
    ...common,
    layout: 'apart',
    models: [diabetes, fetched],
    broker: { by: 'operator', image: 'rabbitmq:4.1-management' },
    autoscale: 'queue',
    account: undefined,
  },
  'solution-2-existing-secret': {
    ...common,
    layout: 'apart',
    models: [diabetes],
    autoscale: 'queue',
    existingSecret: 'broker',
  },
}
