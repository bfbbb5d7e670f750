import { MlopsError, type Position, throwAll } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { KubernetesSettings, Replicas, Solution } from '../project/kubernetes.ts'
import { placeIn, placeOfServed } from '../project/place.ts'
import type { Project } from '../project/project.ts'
import type { Account, Blueprint, Layout, Model } from './blueprint.ts'
import { splitImage } from './image.ts'
import { readModel } from './models.ts'

export interface PlanOptions {
  readonly solution?: Solution | undefined
  /** In place of the one in `mlops.yml`. */
  readonly image?: string | undefined
  /** Numbers that `mlops scale` remembers. */
  readonly remembered?: Readonly<Record<string, number>>
  /** Opens what stands in `mlops.yml` as a template or encrypted. */
  readonly open: (value: string) => string
}

const known = ['diabetes', 'american']

/** What a project makes of itself on Kubernetes; the models that come along are read. Throws all that is missing at once (`k8s.*`). */
export function plan(project: Project, { solution, image, remembered = {}, open }: PlanOptions): Blueprint {
  const { kubernetes } = project
  const served = servedModels(project)
  const layout = layoutOf(served, solution ?? kubernetes.solution)
  const errors: MlopsError[] = []
  const complain = (
    code: string,
    message: string,
    { hint, at }: { hint?: string | undefined; at?: Position | undefined },
  ) => errors.push(new MlopsError(`k8s.${code}`, message, { hint, at }))
  const place = (...path: string[]) =>
    placeIn(project.file, ['kubernetes', ...path]) ?? placeIn(project.file, ['target'])
  const chosen = image ?? kubernetes.image
  if (chosen === undefined) {
    complain('image', 'which image? Pods need one that the cluster can pull', {
      hint: 'kubernetes: { image: REGISTRY/NAME:TAG } in mlops.yml, or --image',
      at: place(),
    })
  } else if (isOpen(chosen)) {
    complain('image', `which tag of ${chosen}? None was pushed from here yet`, {
      hint: `mlops image build --push, or --image ${chosen}:TAG`,
      at: chosen === kubernetes.image ? place('image') : undefined,
    })
  }
  for (const name of served) {
    if (!known.includes(name))
      complain('model', `there is no model ${name}`, {
        hint: didYouMean(name, known) ?? `the models are ${known.join(', ')}`,
        at: placeOfServed(project.file, name),
      })
    else if (!kubernetes.models.some(model => model.name === name))
      complain('model', `where do pods get the model ${name}?`, {
        hint: `kubernetes: { models: { ${name}: { folder: app/models/${name} } } } in mlops.yml`,
        at: place(),
      })
  }
  if (kubernetes.autoscale === 'queue' && layout !== 'apart') {
    complain(
      'autoscale',
      '`autoscale: queue` needs solution 2: without a broker of its own there is no queue to look into',
      { at: place('autoscale') },
    )
  }
  if (kubernetes.broker.by === 'operator' && layout === 'one-pod') {
    complain('broker', 'the cluster operator cannot run a broker inside the pod of solution 1', {
      hint: 'solution 2, or `broker: { by: statefulset }`',
      at: place('broker'),
    })
  }
  const models = modelsOf(kubernetes, served, open, errors)
  const account = accountOf(project, open)
  throwAll(errors)
  return {
    project: project.name,
    layout,
    image: chosen ?? '',
    imagePullSecret: kubernetes.imagePullSecret,
    models,
    broker: kubernetes.broker,
    autoscale: kubernetes.autoscale,
    replicas: {
      web: inForce(kubernetes.replicas.web, remembered['web']),
      worker: inForce(kubernetes.replicas.worker, remembered['worker']),
    },
    existingSecret: kubernetes.secret,
    account,
  }
}

/** Whether neither tag nor digest says which one. */
function isOpen(image: string): boolean {
  const { tag, digest } = splitImage(image)
  return tag === undefined && digest === undefined
}

/** The models that the application serves: `served_models` under `vars`. */
function servedModels({ vars }: Project): readonly string[] {
  const served = vars['served_models']
  return Array.isArray(served) ? served.map(String) : known
}

/** The tweet API alone runs as its brief says; anything more, and whoever asks for a solution, gets web, worker and broker. */
function layoutOf(served: readonly string[], solution: Solution | undefined): Layout {
  if (solution === 1) return 'one-pod'
  if (solution === 2) return 'apart'
  return served.length === 1 && served[0] === 'american' ? 'american' : 'apart'
}

function modelsOf(
  { models }: KubernetesSettings,
  served: readonly string[],
  open: (value: string) => string,
  errors: MlopsError[],
): Model[] {
  return models
    .filter(model => served.includes(model.name))
    .flatMap(model => {
      try {
        return [readModel(model, open)]
      } catch (error) {
        if (!(error instanceof MlopsError)) throw error
        errors.push(error)
        return []
      }
    })
}

/** `broker_user` and `broker_password` under `vars`, where somebody wrote them. */
function accountOf({ vars }: Project, open: (value: string) => string): Account | undefined {
  const { broker_user: user = 'predictor', broker_password: password } = vars
  return typeof password === 'string' ? { user: open(String(user)), password: open(password) } : undefined
}

function inForce({ least, most }: Replicas, remembered: number | undefined): Replicas {
  const wanted = remembered ?? least
  return { least: wanted, most: Math.max(wanted, most) }
}
