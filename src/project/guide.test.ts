import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadInventory } from '../inventory/load.ts'
import { loadProject } from './load.ts'
import { appServers } from './services.ts'

const guide = resolve(import.meta.dirname, '../../docs/guide')

/** The fenced blocks of a page that begin with this line. */
function blocks(page: string, fence: string): string[] {
  const text = readFileSync(join(guide, page), 'utf8')
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, head, body]) =>
    head === fence && body !== undefined ? [body] : [],
  )
}

function written(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'mlops-guide-')), name)
  writeFileSync(file, text)
  return file
}

test('the project files of the guide load, and the long one says the defaults as they are', () => {
  const [short, long] = blocks('project-file.md', 'yaml project').map(text => loadProject(written('mlops.yml', text)))
  expect(short?.servers.length).toBe(1)
  expect(long?.docker).toMatchObject({
    image: short?.docker.image,
    subnet: short?.docker.subnet,
    mtu: short?.docker.mtu,
  })
  expect(long?.docker.registryMirror).toEqual(short?.docker.registryMirror)
  expect(long?.app).toEqual(short?.app)
  expect(long?.servers[0]).toMatchObject({ user: short?.servers[0]?.user, port: 22, groups: short?.servers[0]?.groups })
})

test('the project file for a cloud loads, and a server may have what is its own', () => {
  const [project] = blocks('openstack.md', 'yaml project').map(text =>
    loadProject(written('mlops.yml', text.replaceAll(/user_data: [^,}]*,? ?/g, ''))),
  )
  const settings = (name: string) => project?.openstack?.servers.get(name)
  expect(settings('prodserver')).toMatchObject({ image: 'ubuntu-20.04', flavor: 'ssc.medium', floatingIp: true })
  expect(settings('devserver')).toMatchObject({ image: 'ubuntu-20.04', flavor: 'ssc.small', network: 'demo-net' })
  expect(settings('devserver')?.places['flavor']).toMatchObject({ line: 12 })
})

test('the project file for several servers loads', () => {
  const [project] = blocks('several-servers.md', 'yaml project').map(text => loadProject(written('mlops.yml', text)))
  expect(project && appServers(project)).toEqual(['prod1', 'prod2'])
})

test('the inventories of the guide load', () => {
  const ini = blocks('inventory.md', 'ini').map(text => loadInventory([written('hosts', text)]))
  expect(ini.map(({ hosts }) => hosts.size)).toEqual([6])
  const yaml = blocks('inventory.md', 'yaml inventory').map(text => loadInventory([written('hosts.yml', text)]))
  expect(yaml.map(({ groups }) => groups.get('eu')?.hosts)).toEqual([['prodserver', 'devserver']])
})

test('the project file for a swarm loads', () => {
  const [project] = blocks('swarm.md', 'yaml project').map(text => loadProject(written('mlops.yml', text)))
  expect(project).toMatchObject({ target: 'swarm', swarm: { encrypted: false } })
})
