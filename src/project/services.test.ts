import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import { loadProject } from './load.ts'
import { type Project, serviceOf } from './project.ts'
import { appServers, copiesOn } from './services.ts'

function load(services: string): Project {
  const file = join(mkdtempSync(join(tmpdir(), 'mlops-services-')), 'mlops.yml')
  writeFileSync(file, `name: a\nservers: { devserver: , prod1: , prod2: }\n${services}`)
  return loadProject(file)
}

function problems(services: string): string {
  try {
    load(services)
  } catch (error) {
    if (error instanceof MlopsError) return explain(error).replaceAll(/--> .*\/mlops/g, '--> mlops')
    throw error
  }
  return 'nothing'
}

const two = `services:
  proxy: { servers: [prod1, prod2], port: 5100, max_replicas: 1 }
  web: { servers: [prod1, prod2], replicas: 4 }
  worker: { servers: [prod2, prod1], replicas: 3 }
  rabbit: { server: prod1 }
`

test('services run on several servers, by default once on each, and models come from a server that runs none', () => {
  const project = load(two)
  expect(appServers(project)).toEqual(['prod1', 'prod2'])
  expect(serviceOf(project, 'proxy')).toMatchObject({ server: 'prod1', servers: ['prod1', 'prod2'], replicas: 2 })
  expect(serviceOf(project, 'rabbit')).toMatchObject({ servers: ['prod1'], replicas: 1 })
  expect(project.delivery).toMatchObject({ from: 'devserver', to: 'prod1' })
})

test.each([
  [4, { prod2: 2, prod1: 2 }],
  [3, { prod2: 2, prod1: 1 }],
  [1, { prod2: 1, prod1: 0 }],
  [0, { prod2: 0, prod1: 0 }],
])('%i copies are spread evenly', (replicas, copies) => {
  expect(Object.fromEntries(copiesOn({ servers: ['prod2', 'prod1'] }, replicas))).toEqual(copies)
})

test('all that is wrong with where services run is told at once, with its place', () => {
  expect(
    problems(`services:
  proxy: { server: prod1, port: 5100 }
  web: { servers: [prod1, prod2, prod1] }
  worker: { server: prod1, servers: [prod2] }
  rabbit: { servers: [prod1, prod3] }
  cache: { replicas: 2 }
delivery: { to: devserver }
`),
  ).toBe(`error: no proxy leads to \`web\` on prod2
  --> mlops.yml:4:3
4 |   proxy: { server: prod1, port: 5100 }
  |   ^^^^^
hint: proxy: { servers: [prod1, prod2] }

error: service \`web\` names \`prod1\` twice
  --> mlops.yml:5:34
5 |   web: { servers: [prod1, prod2, prod1] }
  |                                  ^^^^^

error: service \`worker\` has both \`server\` and \`servers\`
  --> mlops.yml:6:37
6 |   worker: { server: prod1, servers: [prod2] }
  |                                     ^^^^^^^
hint: one server is \`server: NAME\`, several are \`servers: [NAME, NAME]\`

error: the broker \`rabbit\` runs on one server
  --> mlops.yml:7:22
7 |   rabbit: { servers: [prod1, prod3] }
  |                      ^^^^^^^^^^^^^^
hint: two brokers would share neither jobs nor answers: \`server: prod1\`, which the other servers reach

error: service \`rabbit\` runs on a server that is not there: \`prod3\`
  --> mlops.yml:7:30
7 |   rabbit: { servers: [prod1, prod3] }
  |                              ^^^^^
hint: did you mean \`prod1\` or \`prod2\`?

error: service \`cache\` runs nowhere
  --> mlops.yml:8:3
8 |   cache: { replicas: 2 }
  |   ^^^^^
hint: write \`server: devserver\`

error: models are delivered to \`devserver\`, which runs nothing of the application
  --> mlops.yml:9:17
9 | delivery: { to: devserver }
  |                 ^^^^^^^^^
hint: one of prod1, prod2`)
})
