import { MlopsError, type Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { Project, ServiceSpec } from './project.ts'

/** The servers that run anything of the application, in the order of the file. */
export function appServers(project: Pick<Project, 'servers' | 'services'>): string[] {
  const names = new Set(project.services.flatMap(service => service.servers))
  return project.servers.map(server => server.name).filter(name => names.has(name))
}

/** How many copies each server of a service runs of so many: all the same number, the first ones one more where that does not come out. */
export function copiesOn({ servers }: Pick<ServiceSpec, 'servers'>, replicas: number): Map<string, number> {
  const [each, more] = [Math.floor(replicas / servers.length), replicas % servers.length]
  return new Map(servers.map((server, i) => [server, each + (i < more ? 1 : 0)]))
}

type Place = (...path: string[]) => Position | undefined

/** What is wrong with where services run. */
export function checkServers(project: Project, place: Place): MlopsError[] {
  const { services } = project
  return [...services.flatMap(service => checkNames(project, service, place)), ...checkTogether(project, place)]
}

function checkNames(project: Project, { name, servers, at }: ServiceSpec, place: Place): MlopsError[] {
  const known = project.servers.map(server => server.name)
  const one = place('services', name, 'server')
  const many = place('services', name, 'servers')
  if (one === undefined && many === undefined) {
    return [wrong('no-server', `service \`${name}\` runs nowhere`, at, `write \`server: ${known[0]}\``)]
  }
  if (one !== undefined && many !== undefined) {
    const hint = 'one server is `server: NAME`, several are `servers: [NAME, NAME]`'
    return [wrong('two-words', `service \`${name}\` has both \`server\` and \`servers\``, many, hint)]
  }
  return servers.flatMap((server, i) => {
    const at = one ?? place('services', name, 'servers', String(i))
    if (servers.indexOf(server) < i) return [wrong('server-twice', `service \`${name}\` names \`${server}\` twice`, at)]
    if (known.includes(server)) return []
    const hint = didYouMean(server, known) ?? `the servers are ${known.map(name => `\`${name}\``).join(', ')}`
    return [wrong('unknown-server', `service \`${name}\` runs on a server that is not there: \`${server}\``, at, hint)]
  })
}

/** What one application needs on several servers. */
function checkTogether(project: Project, place: Place): MlopsError[] {
  const of = (name: string) => project.services.find(service => service.name === name)
  const [web, proxy, rabbit] = [of('web'), of('proxy'), of('rabbit')]
  const errors: MlopsError[] = []
  if (rabbit !== undefined && rabbit.servers.length > 1) {
    const hint = `two brokers would share neither jobs nor answers: \`server: ${rabbit.servers[0]}\`, which the other servers reach`
    errors.push(
      wrong('one-broker', 'the broker `rabbit` runs on one server', place('services', 'rabbit', 'servers'), hint),
    )
  }
  const lost = web?.servers.filter(server => web.servers.length > 1 && proxy && !proxy.servers.includes(server)) ?? []
  if (web !== undefined && lost.length > 0) {
    const hint = `proxy: { servers: [${[...new Set(web.servers)].join(', ')}] }`
    errors.push(wrong('no-proxy', `no proxy leads to \`web\` on ${lost.join(', ')}`, proxy?.at, hint))
  }
  const { to } = project.delivery
  const all = appServers(project)
  if (
    all.length > 1 &&
    place('delivery', 'to') !== undefined &&
    project.servers.some(server => server.name === to) &&
    !all.includes(to)
  ) {
    const message = `models are delivered to \`${to}\`, which runs nothing of the application`
    errors.push(wrong('delivery-server', message, place('delivery', 'to'), `one of ${all.join(', ')}`))
  }
  return errors
}

function wrong(code: string, message: string, at?: Position, hint?: string): MlopsError {
  return new MlopsError(`project.${code}`, message, { at, hint })
}
