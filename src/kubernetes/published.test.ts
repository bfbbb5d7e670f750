import { expect, test } from 'vitest'
import { blueprints } from '../../test/rig/blueprints.ts'
import type { Blueprint } from './blueprint.ts'
import { formats } from './formats.ts'
import { deploymentsIn, imageIn, releaseIn, replicasIn, scaledFiles, workloadsIn } from './published.ts'

const names = Object.keys(formats) as (keyof typeof formats)[]
const cases = Object.entries(blueprints).flatMap(([name, blueprint]) =>
  names.map(format => [format, name, blueprint] as const),
)
const again = (blueprint: Blueprint, web: number) => ({
  ...blueprint,
  replicas: { ...blueprint.replicas, web: { least: web, most: Math.max(6, web) } },
})

test.each(cases)('scaled files (%s, %s) are those that would be rendered with that number', (format, _, blueprint) => {
  const files = formats[format](blueprint)
  const [deployment = ''] = deploymentsIn(files).filter(name => !name.endsWith('-worker'))
  for (const replicas of [1, 2, 9]) {
    const scaled = scaledFiles(files, deployment, replicas)
    expect([...scaled]).toEqual([...formats[format](again(blueprint, replicas))])
    expect(replicasIn(scaled, deployment)).toBe(replicas)
  }
  expect([...scaledFiles(files, 'another', 9)]).toEqual([...files])
  expect(replicasIn(files, 'another')).toBeUndefined()
})

test.each(
  cases,
)('of files (%s, %s) the release is known, and changes with image and model alone', (format, _, blueprint) => {
  const files = formats[format](blueprint)
  const name = 'registry.example.org/team/predictor'
  expect(imageIn(files, name)).toBe(`${name}:3f2a9c1`)
  expect(imageIn(files, 'registry.example.org/team/pre')).toBeUndefined()
  const release = releaseIn(files)
  expect(releaseIn(formats[format](again(blueprint, 5)))).toEqual(release)
  expect(releaseIn(formats[format]({ ...blueprint, image: `${name}:next` }))).not.toEqual(release)
  const models = blueprint.models.map(model => ({ ...model, digest: `sha256:${'d'.repeat(64)}` }))
  expect(releaseIn(formats[format]({ ...blueprint, models }))).not.toEqual(release)
})

test('workloads are read from manifests, and not from templates of a chart', () => {
  const blueprint = blueprints['solution-2'] as Blueprint
  const found = (format: keyof typeof formats) =>
    workloadsIn(formats[format](blueprint)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  expect(found('manifests')).toEqual(['StatefulSet tweets-broker', 'Deployment tweets-worker', 'Deployment tweets-web'])
  expect(found('kustomize')).toEqual(found('manifests'))
  expect(found('helm')).toEqual([])
})
