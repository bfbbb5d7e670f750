// Fills the cloud over its APIs, as often as it is run: objects.mjs catalogue | project GUEST_FOLDER FLOATING_CIDR.
// The administrator's OS_* variables say where and who.
import { createReadStream, statSync } from 'node:fs'

const [what, ...given] = process.argv.slice(2)
const host = new URL(process.env.OS_AUTH_URL).hostname
const identity = process.env.OS_AUTH_URL
const compute = `http://${host}:8774/v2.1`
const network = `http://${host}:9696/v2.0`
const image = `http://${host}:9292/v2`
const placement = `http://${host}:8778`

const admin = await signIn(process.env.OS_USERNAME, process.env.OS_PASSWORD)
switch (what) {
  case 'catalogue':
    await makeCatalogue()
    break
  case 'project':
    await makeProject(...given)
    break
  default:
    throw new Error(`nothing is known of ${what}`)
}

/** The users of the services, and where each service listens: asked for as they start. */
async function makeCatalogue() {
  const project = await ensure(admin, `${identity}/projects`, 'project', { name: 'service' }, { domain_id: 'default' })
  const user = await ensure(
    admin,
    `${identity}/users`,
    'user',
    { name: 'service' },
    {
      domain_id: 'default',
      password: 'service-secret',
    },
  )
  for (const name of ['admin', 'service']) {
    const role = await ensure(admin, `${identity}/roles`, 'role', { name })
    await call(admin, 'PUT', `${identity}/projects/${project.id}/users/${user.id}/roles/${role.id}`)
  }
  const services = { compute, network: network.replace('/v2.0', ''), image: image.replace('/v2', ''), placement }
  for (const [type, url] of Object.entries(services)) {
    const service = await ensure(admin, `${identity}/services`, 'service', { type }, { name: type })
    for (const side of ['public', 'internal', 'admin'])
      await ensure(
        admin,
        `${identity}/endpoints`,
        'endpoint',
        { service_id: service.id, interface: side },
        {
          url,
          region_id: 'RegionOne',
        },
      )
  }
}

/** What a user of the cloud finds there: a project with its network, images, flavours and limits. */
async function makeProject(guest, floating) {
  const project = await ensure(admin, `${identity}/projects`, 'project', { name: 'demo' }, { domain_id: 'default' })
  const user = await ensure(
    admin,
    `${identity}/users`,
    'user',
    { name: 'demo' },
    {
      domain_id: 'default',
      password: 'demo-secret',
      default_project_id: project.id,
    },
  )
  const member = await ensure(admin, `${identity}/roles`, 'role', { name: 'member' })
  await call(admin, 'PUT', `${identity}/projects/${project.id}/users/${user.id}/roles/${member.id}`)
  await makeFlavors()
  await call(admin, 'PUT', `${compute}/os-quota-sets/${project.id}`, {
    quota_set: { instances: 8, cores: 16, ram: 16384, force: true },
  })
  await makeImages(guest)
  await makeNetworks(await signIn('demo', 'demo-secret'), floating)
  await agentsAndCompute()
}

async function makeFlavors() {
  // The last one is larger than any quota of a student, and than this machine.
  const flavors = [
    { name: 'ssc.small', vcpus: 1, ram: 1024, disk: 10 },
    { name: 'ssc.medium', vcpus: 2, ram: 2048, disk: 20 },
    { name: 'ssc.impossible', vcpus: 64, ram: 1_048_576, disk: 10 },
  ]
  for (const { name, ...size } of flavors) await ensure(admin, `${compute}/flavors`, 'flavor', { name }, size)
}

async function makeImages(guest) {
  const kernel = await upload('debian-12-kernel', 'aki', `${guest}/vmlinuz`)
  const initrd = await upload('debian-12-initrd', 'ari', `${guest}/initrd.img`)
  await upload('debian-12', 'qcow2', `${guest}/disk.qcow2`, {
    kernel_id: kernel.id,
    ramdisk_id: initrd.id,
    // Emulated, the guards against leaks between processes cost more than all the rest.
    os_command_line: 'root=LABEL=root ro console=ttyS0 quiet mitigations=off',
    hw_machine_type: 'pc',
    hw_rng_model: 'virtio',
    min_disk: 2,
    min_ram: 256,
  })
}

/** An image whose upload was interrupted is made again; one of another file too. */
async function upload(name, format, file, properties = {}) {
  const { size } = statSync(file)
  const { images } = await call(admin, 'GET', `${image}/images?name=${name}`)
  for (const found of images) {
    if (found.status === 'active' && found.size === size) return found
    await call(admin, 'DELETE', `${image}/images/${found.id}`)
  }
  const made = await call(admin, 'POST', `${image}/images`, {
    ...{ name, disk_format: format, container_format: format === 'qcow2' ? 'bare' : format, visibility: 'public' },
    ...properties,
  })
  const answer = await fetch(`${image}/images/${made.id}/file`, {
    method: 'PUT',
    headers: { 'X-Auth-Token': admin, 'Content-Type': 'application/octet-stream' },
    body: createReadStream(file),
    duplex: 'half',
  })
  if (!answer.ok) throw new Error(`upload of ${name}: ${answer.status} ${await answer.text()}`)
  return made
}

/** A network of the project behind a router, and the outer one with the floating addresses. */
async function makeNetworks(demo, floating) {
  const first = floating.replace(/\.0\/24$/, '')
  const outer = await ensure(
    admin,
    `${network}/networks`,
    'network',
    { name: 'public' },
    {
      'router:external': true,
      'provider:network_type': 'flat',
      'provider:physical_network': 'public',
    },
  )
  await ensure(
    admin,
    `${network}/subnets`,
    'subnet',
    { name: 'public-subnet' },
    {
      network_id: outer.id,
      ip_version: 4,
      cidr: floating,
      gateway_ip: `${first}.1`,
      enable_dhcp: false,
      allocation_pools: [{ start: `${first}.100`, end: `${first}.199` }],
    },
  )
  const inner = await ensure(demo, `${network}/networks`, 'network', { name: 'demo-net' })
  const subnet = await ensure(
    demo,
    `${network}/subnets`,
    'subnet',
    { name: 'demo-subnet' },
    {
      network_id: inner.id,
      ip_version: 4,
      cidr: '10.253.8.0/24',
      // The resolver of slirp4netns, which the servers reach only with OPENSTACK_EGRESS=1.
      dns_nameservers: ['10.0.2.3'],
    },
  )
  const router = await ensure(
    demo,
    `${network}/routers`,
    'router',
    { name: 'demo-router' },
    {
      external_gateway_info: { network_id: outer.id },
    },
  )
  const { ports } = await call(demo, 'GET', `${network}/ports?device_id=${router.id}`)
  if (!ports.some(port => port.network_id === inner.id))
    await call(demo, 'PUT', `${network}/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id })
}

/** Until the scheduler knows the machine and the agents have reported. */
async function agentsAndCompute() {
  for (let attempt = 0; attempt < 240; attempt++) {
    const { services } = await call(admin, 'GET', `${compute}/os-services?binary=nova-compute`)
    const { agents } = await call(admin, 'GET', `${network}/agents`)
    const { resource_providers: machines } = await call(admin, 'GET', `${placement}/resource_providers`)
    const alive = agents.filter(agent => agent.alive)
    if (services.some(service => service.state === 'up') && alive.length >= 4 && machines.length > 0) return
    await pause(500)
  }
  throw new Error('nova-compute or an agent of Neutron did not report')
}

/** Finds the one with these fields, or makes it with `more`. */
async function ensure(token, url, kind, fields, more = {}) {
  const { [`${kind}s`]: all } = await call(token, 'GET', url)
  const found = all.find(one => Object.entries(fields).every(([key, value]) => one[key] === value))
  return found ?? (await call(token, 'POST', url, { [kind]: { ...fields, ...more } }))[kind]
}

async function signIn(name, password) {
  const user = { name, password, domain: { id: 'default' } }
  const scope = { project: { name, domain: { id: 'default' } } }
  const answer = await ask('POST', `${identity}/auth/tokens`, {
    body: { auth: { identity: { methods: ['password'], password: { user } }, scope } },
  })
  return answer.headers.get('X-Subject-Token')
}

async function call(token, method, url, body) {
  const answer = await ask(method, url, { token, body })
  const text = await answer.text()
  return text === '' ? {} : JSON.parse(text)
}

/** A service that is starting answers with 5xx, or not yet: asked again for a minute. */
async function ask(method, url, { token, body }) {
  let reason
  for (let attempt = 0; attempt < 120; attempt++) {
    try {
      const answer = await fetch(url, {
        method,
        headers: { 'Content-Type': 'application/json', ...(token && { 'X-Auth-Token': token }) },
        body: body && JSON.stringify(body),
      })
      if (answer.ok) return answer
      reason = `${answer.status} ${await answer.text()}`
      if (answer.status < 500 && answer.status !== 401) break
    } catch (error) {
      reason = error.cause ?? error
    }
    await pause(500)
  }
  throw new Error(`${method} ${url}: ${reason}`)
}

function pause(ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}
