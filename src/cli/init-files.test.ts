import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadProject } from '../project/load.ts'
import { nameFrom } from '../project/scaffold.ts'
import { initialize } from './init-files.ts'

const folder = () => join(mkdtempSync(join(tmpdir(), 'mlops-init-')), 'My Predictor')

test.each([
  'docker',
  'qemu',
  'openstack',
  'static',
] as const)('a new project with provider %s is complete and loads', provider => {
  const target = folder()
  const { name, written } = initialize(target, { provider })
  expect(name).toBe('my-predictor')
  expect(written).toEqual(
    expect.arrayContaining(['mlops.yml', 'cloud-init/prod.yml', 'playbooks/configuration.yml', '.gitignore']),
  )
  const project = loadProject(join(target, 'mlops.yml'))
  expect(project).toMatchObject({ name: 'my-predictor', provider, app: { directory: '/srv/my-predictor' } })
  expect(project.servers.map(server => server.name)).toEqual(['prodserver', 'devserver'])
  expect(existsSync(join(String(project.vars.app_source), 'package.json'))).toBe(true)
})

test.each([
  'docker',
  'qemu',
  'openstack',
  'static',
] as const)('a new project for a swarm has three servers of provider %s, and loads', provider => {
  const target = folder()
  const { written } = initialize(target, { provider, target: 'swarm' })
  expect(written).toContain('playbooks/swarm.yml')
  const project = loadProject(join(target, 'mlops.yml'))
  const names = ['prod1', 'prod2', 'prod3']
  expect(project).toMatchObject({ target: 'swarm', provider })
  expect(project.servers.map(server => server.name)).toEqual(names)
  expect(project.services.map(({ name, servers }) => [name, servers])).toEqual([
    ['proxy', names],
    ['web', names],
    ['worker', names],
    ['rabbit', ['prod1']],
  ])
})

test('a new project for a cluster is one file, in the shape of the tweet brief, and loads', () => {
  const target = folder()
  const { written } = initialize(target, { provider: undefined })
  expect(written).toEqual(['mlops.yml', '.gitignore'])
  expect(loadProject(join(target, 'mlops.yml'))).toMatchObject({
    name: 'my-predictor',
    target: 'kubernetes',
    servers: [],
    kubernetes: { image: 'registry.example.org/team/predictor', publish: undefined },
    vars: { served_models: ['american'] },
  })
  // others have the project, too, and mlops elsewhere
  expect(readFileSync(join(target, 'mlops.yml'), 'utf8')).not.toMatch(/^ *app_source|"\//m)
})

test('a new project for a cluster knows the image and the repository that are said', () => {
  const target = folder()
  initialize(target, { provider: undefined, image: '127.0.0.1:5000/predictor', repository: '../specs.git' })
  expect(loadProject(join(target, 'mlops.yml')).kubernetes).toMatchObject({
    image: '127.0.0.1:5000/predictor',
    publish: { repository: join(target, '../specs.git'), path: '.' },
    replicas: { web: { least: 2, most: 6 } },
  })
})

test('the servers get the network that is said', () => {
  const target = folder()
  initialize(target, { provider: 'docker', subnet: '10.77.3.0/24' })
  expect(loadProject(join(target, 'mlops.yml')).docker.subnet).toBe('10.77.3.0/24')
})

test('nothing is overwritten, and nothing half-made is left behind', () => {
  const target = folder()
  mkdirSync(join(target, 'playbooks'), { recursive: true })
  writeFileSync(join(target, 'playbooks', 'configuration.yml'), 'mine')
  expect(() => initialize(target, { provider: 'docker' })).toThrow(
    `nothing was written: playbooks/configuration.yml is in ${target} already`,
  )
  expect(existsSync(join(target, 'mlops.yml'))).toBe(false)
  expect(readFileSync(join(target, 'playbooks', 'configuration.yml'), 'utf8')).toBe('mine')
})

test('a name that cannot be one is refused before anything is written', () => {
  const target = folder()
  expect(() => initialize(target, { provider: 'docker', name: 'Not a name' })).toThrow(
    '`name` is not written as it must be',
  )
  expect(existsSync(target)).toBe(false)
})

test('.mlops/ is added to an ignore file once', () => {
  const target = folder()
  mkdirSync(target)
  writeFileSync(join(target, '.gitignore'), 'dist/')
  initialize(target, { provider: 'docker' })
  expect(readFileSync(join(target, '.gitignore'), 'utf8')).toBe('dist/\n.mlops/\n')
})

test.each([
  ['My Predictor', 'my-predictor'],
  ['2024_diabetes!', 'diabetes'],
  ['__', 'predictor'],
  [`${'a'.repeat(31)}-b`, 'a'.repeat(31)],
])('a folder %j makes the name %s', (name, made) => {
  expect(nameFrom(name)).toBe(made)
})
