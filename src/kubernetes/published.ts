import { parse, parseDocument } from 'yaml'
import type { Manifest } from './manifest.ts'

/** Rendered files by their name. */
type Files = ReadonlyMap<string, string>

/** The images and the digests of models that rendered files run, in order. */
export function releaseIn(files: Files): readonly string[] {
  const line = /^[\s-]*(?:image|newTag|digest|mlops\/model-[\w-]+): "?([^"{}\n]+)"?$/gm
  const said = [...files.values()].flatMap(text => [...text.matchAll(line)].map(([, value = '']) => value))
  return [...new Set(said)].sort()
}

/** The image of that name that rendered files run; undefined: none. */
export function imageIn(files: Files, name: string): string | undefined {
  const line = /^[\s-]*image: "?([^"{}\s]+)"?$/gm
  const images = [...files.values()].flatMap(text => [...text.matchAll(line)].map(([, image = '']) => image))
  return images.find(image => image === name || image.startsWith(`${name}:`) || image.startsWith(`${name}@`))
}

/** How many pods a Deployment of rendered files has; undefined: it is not among them. */
export function replicasIn(files: Files, deployment: string): number | undefined {
  const found = placesIn(files, deployment).find(({ field }) => field === 'replicas')
  return found && numberAt(files, found)
}

/** The files with another number of pods of a Deployment, and with limits of what scales it that fit. Nothing else in them changes. */
export function scaledFiles(files: Files, deployment: string, replicas: number): Files {
  const result = new Map(files)
  for (const place of placesIn(files, deployment)) {
    const document = parseDocument(result.get(place.file) ?? '')
    document.setIn(place.path, within(place.field, numberAt(files, place), replicas))
    result.set(place.file, document.toString({ lineWidth: 0 }))
  }
  return result
}

/** The names of the Deployments in rendered files. */
export function deploymentsIn(files: Files): readonly string[] {
  return [...files.values()].flatMap(text => {
    const name = /^kind: Deployment\nmetadata:\n {2}name: (.+)$/m.exec(text)?.[1]
    return name === undefined ? [] : [name]
  })
}

/** What rendered files have of workloads; templates of a chart are none. */
export function workloadsIn(files: Files): readonly Manifest[] {
  return [...files.values()]
    .filter(text => /^kind: (Deployment|StatefulSet)$/m.test(text) && !text.includes('{{ .Values.'))
    .map(text => parse(text) as Manifest) // rendered by us
}

type Field = 'replicas' | 'minReplicas' | 'maxReplicas' | 'minReplicaCount' | 'maxReplicaCount'

interface Place {
  readonly field: Field
  readonly file: string
  readonly path: readonly string[]
}

const fields: Readonly<Record<string, readonly Field[]>> = {
  Deployment: ['replicas'],
  HorizontalPodAutoscaler: ['minReplicas', 'maxReplicas'],
  ScaledObject: ['minReplicaCount', 'maxReplicaCount'],
}

/** Where files say how many pods a Deployment has: in its manifest, or, of a template, among the values of the chart. */
function placesIn(files: Files, deployment: string): readonly Place[] {
  return [...files].flatMap(([file, text]) => {
    const kind = /^kind: (\w+)$/m.exec(text)?.[1] ?? ''
    const target =
      kind === 'Deployment' ? /^metadata:\n {2}name: (.+)$/m : /^ {2}scaleTargetRef:\n(?: {4}.*\n)*? {4}name: (.+)$/m
    if (target.exec(text)?.[1] !== deployment) return []
    return (fields[kind] ?? []).map(field => {
      const value = new RegExp(`^  ${field}: \\{\\{ \\.Values\\.([\\w.]+) \\}\\}$`, 'm').exec(text)?.[1]
      return value === undefined
        ? { field, file, path: ['spec', field] }
        : { field, file: 'values.yaml', path: value.split('.') }
    })
  })
}

function numberAt(files: Files, { file, path }: Place): number {
  return Number(parseDocument(files.get(file) ?? '').getIn(path))
}

function within(field: Field, before: number, replicas: number): number {
  switch (field) {
    case 'replicas':
    case 'minReplicaCount':
      return replicas
    case 'minReplicas':
      return Math.max(1, replicas)
    case 'maxReplicas':
    case 'maxReplicaCount':
      return Math.max(before, replicas)
    default:
      return field satisfies never
  }
}
