import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import { findProject, loadProject, requireProject } from './load.ts'
import { serverOf, serviceOf } from './project.ts'

function folder(text: string): string {
  const path = mkdtempSync(join(tmpdir(), 'mlops-project-'))
  writeFileSync(join(path, 'mlops.yml'), text)
  return path
}

function problems(text: string): string {
  const path = folder(text)
  try {
    loadProject(join(path, 'mlops.yml'))
  } catch (error) {
    if (error instanceof MlopsError) return explain(error).replaceAll(path, '')
    throw error
  }
  return 'nothing'
}

test('ten lines are enough: everything else has a default', () => {
  const path = folder('name: diabetes\nservers:\n  prodserver:\nservices:\n  web: { server: prodserver, port: 5100 }\n')
  const project = loadProject(join(path, 'mlops.yml'))
  expect(project).toMatchObject({
    directory: path,
    name: 'diabetes',
    provider: 'docker',
    docker: { image: 'debian-13', subnet: '10.77.0.0/24', mtu: 1500, dns: [], registryMirror: { kind: 'none' } },
    servers: [
      { name: 'prodserver', provider: 'docker', image: 'debian-13', user: 'appuser', groups: ['servers'], port: 22 },
    ],
    services: [{ name: 'web', server: 'prodserver', port: 5100, replicas: 1, aliases: [] }],
    app: { directory: '/srv/diabetes', composeProject: 'diabetes' },
    vars: {},
  })
})

test('a key that is given twice is refused: one of two servers would be gone', () => {
  expect(problems('name: lab\nservers:\n  one:\n  one: { image: debian-12 }\nnmae: x\n')).toBe(
    `error: the key \`one\` is given twice
  --> /mlops.yml:4:3
4 |   one: { image: debian-12 }
  |   ^^^
hint: give it once

error: unknown key \`nmae\`
  --> /mlops.yml:5:1
5 | nmae: x
  | ^^^^
hint: did you mean \`name\`?`,
  )
})

test('what is written wins over the defaults, and paths are seen from mlops.yml', () => {
  const path = folder(
    `name: lab
provider: static
docker: { image: debian-12, subnet: 10.80.0.0/24, mtu: 1450, memory: 2g, cpus: 1.5, dns: [9.9.9.9], registry_mirror: { local: true } }
servers:
  one: { address: 192.0.2.1, port: 2222, user: root, groups: [a, b], private_key: key, host_key: "ssh-ed25519 AAAA", vars: { x: 1 } }
  two: { provider: docker, address: 10.80.0.12, user_data: mlops.yml, image: debian-13 }
services:
  worker: { server: two, replicas: 3, aliases: [worker_1] }
app: { directory: /srv/predictor, compose_project: predictor }
vars: { greeting: "{{ name }}" }
`,
  )
  const project = loadProject(join(path, 'mlops.yml'))
  expect(serverOf(project, 'one')).toMatchObject({
    provider: 'static',
    address: '192.0.2.1',
    port: 2222,
    user: 'root',
    groups: ['a', 'b'],
    privateKeyFile: join(path, 'key'),
    hostKey: 'ssh-ed25519 AAAA',
    vars: { x: 1 },
  })
  expect(serverOf(project, 'two')).toMatchObject({ provider: 'docker', userDataFile: join(path, 'mlops.yml') })
  expect(serviceOf(project, 'worker_1')?.name).toBe('worker')
  expect(project.docker).toMatchObject({ mtu: 1450, memory: '2g', cpus: 1.5, registryMirror: { kind: 'local' } })
  expect(project.vars).toEqual({ greeting: '{{ name }}' })
})

test.each([
  ['none', { kind: 'none' }],
  ['local', { kind: 'local' }],
  ['https://mirror.example', { kind: 'url', url: 'https://mirror.example' }],
  ['{ url: "http://10.0.0.1:5000" }', { kind: 'url', url: 'http://10.0.0.1:5000' }],
  ['{ local: false }', { kind: 'none' }],
])('registry_mirror: %s is understood', (written, mirror) => {
  const path = folder(`name: a\ndocker:\n  registry_mirror: ${written}\nservers: { s: }\n`)
  expect(loadProject(join(path, 'mlops.yml')).docker.registryMirror).toEqual(mirror)
})

test('all mistakes that the schema knows are reported at once, with the place and the near name', () => {
  expect(
    problems(`name: Diabetes!
provder: docker
servers:
  prodserver: { imge: debian-13, port: ssh }
services:
  web: { server: prodserver, replicas: 1000 }
`),
  ).toBe(
    `error: \`name\` is not written as it must be, not \`Diabetes!\`
  --> /mlops.yml:1:7
1 | name: Diabetes!
  |       ^^^^^^^^^
hint: a name of small letters, digits and \`-\`, at most 32 long: it marks what we make

error: unknown key \`provder\`
  --> /mlops.yml:2:1
2 | provder: docker
  | ^^^^^^^
hint: did you mean \`provider\`?

error: unknown key \`imge\` in \`servers.prodserver\`
  --> /mlops.yml:4:17
4 |   prodserver: { imge: debian-13, port: ssh }
  |                 ^^^^
hint: did you mean \`image\`?

error: \`servers.prodserver.port\` must be a whole number, not \`ssh\`
  --> /mlops.yml:4:40
4 |   prodserver: { imge: debian-13, port: ssh }
  |                                        ^^^
hint: the port of sshd

error: \`services.web.replicas\` must be at most 100, not \`1000\`
  --> /mlops.yml:6:40
6 |   web: { server: prodserver, replicas: 1000 }
  |                                        ^^^^
hint: how many of it run`,
  )
})

test('so are all mistakes that only show when things are put together', () => {
  expect(
    problems(`name: lab
docker: { subnet: 10.77.0.0/24 }
servers:
  prod_server: { user_data: cloud-init/prod.yml }
  devserver: { provider: static }
  a: { address: 10.78.0.5 }
  b: { address: 10.77.0.5 }
  c: { address: 10.77.0.5 }
services:
  web: { server: prodserver, aliases: [worker] }
  worker: { server: a }
`),
  ).toBe(`error: \`prod_server\` cannot be the name of a server
  --> /mlops.yml:4:3
4 |   prod_server: { user_data: cloud-init/prod.yml }
  |   ^^^^^^^^^^^
hint: a host name has letters, digits and \`-\`, at most 63

error: there is no file /cloud-init/prod.yml
  --> /mlops.yml:4:29
4 |   prod_server: { user_data: cloud-init/prod.yml }
  |                             ^^^^^^^^^^^^^^^^^^^
hint: paths are seen from mlops.yml

error: server \`devserver\` exists already (provider static): say its address
  --> /mlops.yml:5:3
5 |   devserver: { provider: static }
  |   ^^^^^^^^^
hint: write \`address: 192.0.2.10\`, or choose provider \`docker\`

error: 10.78.0.5 is not in the subnet 10.77.0.0/24
  --> /mlops.yml:6:17
6 |   a: { address: 10.78.0.5 }
  |                 ^^^^^^^^^
hint: leave the address out, or change docker.subnet

error: 10.77.0.5 is the address of \`b\` already
  --> /mlops.yml:8:17
8 |   c: { address: 10.77.0.5 }
  |                 ^^^^^^^^^

error: service \`web\` runs on a server that is not there: \`prodserver\`
  --> /mlops.yml:10:18
10 |   web: { server: prodserver, aliases: [worker] }
   |                  ^^^^^^^^^^
hint: did you mean \`prod_server\`?

error: \`worker\` means the service \`worker\` already
  --> /mlops.yml:10:40
10 |   web: { server: prodserver, aliases: [worker] }
   |                                        ^^^^^^`)
})

test('the project file is looked for upwards, as git does', () => {
  const path = folder('name: a\nservers: { s: }\n')
  const below = join(path, 'a', 'b')
  mkdirSync(below, { recursive: true })
  expect(findProject(below)).toBe(join(path, 'mlops.yml'))
  expect(requireProject(below).name).toBe('a')
})

test('without a project file the way to make one is shown', () => {
  const empty = mkdtempSync(join(tmpdir(), 'mlops-none-'))
  expect(findProject(empty)).toBeUndefined()
  expect(() => requireProject(empty)).toThrow('there is no mlops.yml here or above')
})

test('models go from the server that does not serve to the one that does, unless the file says otherwise', () => {
  const servers = 'servers: { prodserver: , devserver: }\nservices: { web: { server: prodserver } }\n'
  const load = (more: string) => loadProject(join(folder(`name: a\n${servers}${more}`), 'mlops.yml')).delivery
  expect(load('')).toMatchObject({ from: 'devserver', to: 'prodserver', repository: '/home/appuser/my_project' })
  expect(load('delivery: { from: prodserver, max_drop: 2.5, branches: [live] }\n')).toMatchObject({
    from: 'prodserver',
    maxDrop: 2.5,
    branches: ['live'],
  })
  expect(problems(`name: a\n${servers}delivery: { to: prodsrver, level: 5 }\n`)).toContain(
    '`delivery.level` must be at most 1',
  )
  expect(problems(`name: a\n${servers}delivery: { to: prodsrver }\n`)).toContain('did you mean `prodserver`?')
})

test('what provider qemu cannot use is refused with its place', () => {
  const text = `name: a
provider: qemu
qemu: { subnet: 10.9.8.0/24, image: "https://images.invalid/debian.qcow2" }
servers:
  one: { image: debian-12, address: 10.9.8.200 }
  two: { image: "https://images.invalid/debian.qcow2#sha256=12" }
  three:
  four: { image: debian-13, address: 10.9.8.12 }
`
  expect(problems(text).match(/^error: .*|--> .*|^hint: .*/gm)).toEqual([
    'error: the image of `three` has no digest to check it by: https://images.invalid/debian.qcow2',
    '--> /mlops.yml:3:37',
    'hint: end the URL with #sha256= and the 64 digits that its publisher says',
    'error: 10.9.8.200 is not in the lower half of 10.9.8.0/24, where servers are',
    '--> /mlops.yml:5:37',
    'hint: leave the address out, or choose one from 10.9.8.2 to .126',
    'error: the image of `two` has no digest to check it by: https://images.invalid/debian.qcow2#sha256=12',
    '--> /mlops.yml:6:17',
    'hint: end the URL with #sha256= and the 64 digits that its publisher says',
  ])
  expect(problems('name: a\nprovider: qemu\nqemu: { subnet: 300.0.0.0/24 }\nservers: { s: }\n')).toContain(
    '300.0.0.0/24 is not a network',
  )
})

test('provider qemu has defaults of its own', () => {
  const path = folder('name: a\nprovider: qemu\nqemu: { memory: 512m, ports: [8080], accel: tcg }\nservers: { s: }\n')
  const project = loadProject(join(path, 'mlops.yml'))
  expect(project.qemu).toEqual({
    ...{
      image: 'debian-13',
      subnet: '10.78.0.0/24',
      memory: '512m',
      cpus: 2,
      disk: '20g',
      ports: [8080],
      accel: 'tcg',
    },
  })
  expect(project.servers).toMatchObject([{ provider: 'qemu', image: 'debian-13' }])
})

test('what is said of a server at a cloud fits, is found at its place, and goes before what is said for all', () => {
  const path = folder(`name: a
provider: openstack
openstack: { cloud: lab, region: east, image: debian-12, flavor: 2, floating_ip: public, security_groups: [web, ssh] }
servers:
  one:
  two: { image: debian-13, openstack: { flavor: ssc.medium, floating_ip: false, boot_volume: 20 } }
  three: { provider: static, address: 192.0.2.1 }
`)
  const { openstack, servers } = loadProject(join(path, 'mlops.yml'))
  expect(openstack).toMatchObject({ cloud: 'lab', region: 'east' })
  expect([...(openstack?.servers ?? [])]).toMatchObject([
    [
      'one',
      { image: 'debian-12', flavor: '2', floatingIp: 'public', securityGroups: ['web', 'ssh'], keyPair: undefined },
    ],
    ['two', { image: 'debian-13', flavor: 'ssc.medium', floatingIp: false, bootVolumeGb: 20, network: undefined }],
  ])
  expect(openstack?.servers.get('two')?.places).toMatchObject({
    image: { line: 6, column: 17 },
    flavor: { line: 6, column: 49 },
    security_groups: { line: 3 },
  })
  expect(servers.map(({ image }) => image).slice(0, 2)).toEqual(['debian-12', 'debian-13'])
})

test('what the cloud decides, and a cloud for servers that have none, are mistakes', () => {
  const text = `name: a
servers:
  one: { provider: openstack, address: 192.0.2.7 }
  two: { openstack: { flavor: small } }
`
  expect(problems(text).match(/^error: .*|--> .*|^hint: .*/gm)).toEqual([
    'error: the cloud gives `one` its address',
    '--> /mlops.yml:3:40',
    'hint: leave the address out; `floating_ip: true` gives it one that can be reached from outside',
    'error: server `two` is of provider docker, which has no cloud',
    '--> /mlops.yml:4:21',
    'hint: leave `openstack` out, or choose provider `openstack`',
  ])
})
