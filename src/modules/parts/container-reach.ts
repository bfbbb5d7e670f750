import type { ContainerArgs } from './container-args.ts'
import { type Setting, set, text } from './container-setting.ts'
import { anyAddress, exposedPorts, publishedPorts, texts } from './container-values.ts'
import { dig, recordAt, textAt, textsAt } from './json-path.ts'

/** How a container is reached, and what it reaches. */
export const reach: Readonly<Record<string, Setting>> = {
  dns_opts: set('dns_opts', '--dns-option', 'HostConfig.DnsOptions'),
  dns_search_domains: { ...set('dns_search_domains', '--dns-search', 'HostConfig.DnsSearch'), kind: 'list' },
  dns_servers: { ...set('dns_servers', '--dns', 'HostConfig.Dns'), kind: 'list' },
  domainname: text('domainname', '--domainname', 'Config.Domainname'),
  etc_hosts: {
    kind: 'set',
    want: ({ etc_hosts: hosts }) =>
      hosts && Object.entries(texts(hosts)).map(([name, address]) => `${name}:${address}`),
    is: container => [...textsAt(container, 'HostConfig.ExtraHosts')],
    words: ({ etc_hosts: hosts }) =>
      Object.entries(texts(hosts)).flatMap(([name, address]) => ['--add-host', `${name}:${address}`]),
  },
  exposed_ports: {
    kind: 'set',
    want: ({ exposed_ports: ports }) => ports && exposedPorts(ports),
    is: (container, { published_ports: published = [] }) => {
      const own = new Set(publishedPorts(published).map(port => port.slice(port.lastIndexOf(':') + 1)))
      return Object.keys(recordAt(container, 'Config.ExposedPorts')).filter(port => !own.has(port))
    },
    fromImage: image => Object.keys(recordAt(image, 'Config.ExposedPorts')),
    words: ({ exposed_ports: ports = [] }) => exposedPorts(ports).flatMap(port => ['--expose', port]),
  },
  hostname: text('hostname', '--hostname', 'Config.Hostname'),
  links: {
    kind: 'set',
    want: ({ links }) => links?.map(link => (link.includes(':') ? link : `${link}:${link}`)),
    is: container =>
      textsAt(container, 'HostConfig.Links').map(link => {
        const [from = '', to = ''] = link.split(':')
        return `${from.replace(/^\//, '')}:${to.slice(to.lastIndexOf('/') + 1)}`
      }),
    words: ({ links = [] }) => links.flatMap(link => ['--link', link]),
  },
  mac_address: {
    ...text('mac_address', '--mac-address', 'Config.MacAddress'),
    want: ({ mac_address: address }) => address?.toLowerCase().replaceAll('-', ':'),
  },
  network_mode: {
    kind: 'value',
    want(args, { networkContainer }) {
      const mode = networkMode(args)
      if (mode?.startsWith('container:') && networkContainer !== '') return `container:${networkContainer}`
      return mode === 'bridge' ? 'default' : mode
    },
    is(container) {
      const mode = textAt(container, 'HostConfig.NetworkMode')
      return mode === 'bridge' ? 'default' : mode
    },
    words(args) {
      const mode = networkMode(args)
      return mode === undefined ? [] : ['--network', mode]
    },
  },
  publish_all_ports: {
    kind: 'value',
    want: args => (args.published_ports?.includes('all') ? true : args.publish_all_ports),
    is: container => dig(container, 'HostConfig.PublishAllPorts') === true,
    words: args => (args.publish_all_ports === true || args.published_ports?.includes('all') ? ['--publish-all'] : []),
  },
  published_ports: {
    kind: 'set',
    want: ({ published_ports: ports, default_host_ip: ip }) => ports && publishedPorts(ports, ip),
    is: container =>
      Object.entries(recordAt(container, 'HostConfig.PortBindings')).flatMap(([port, bindings]) =>
        (Array.isArray(bindings) ? bindings : []).map(binding => {
          const onHost = textAt(binding, 'HostPort')
          return `${anyAddress(textAt(binding, 'HostIp'))}:${onHost === '0' ? '' : onHost}:${port}`
        }),
      ),
    words: ({ published_ports: ports = [], default_host_ip: ip }) =>
      publishedPorts(ports, ip).flatMap(port => {
        const [address = ''] = /^.*(?=:[^:]*:[^:]*$)/.exec(port) ?? []
        const rest = port.slice(address.length + 1)
        return [
          '--publish',
          address === '' ? rest.replace(/^:/, '') : `${address.includes(':') ? `[${address}]` : address}:${rest}`,
        ]
      }),
  },
}

/** The network that a container begins in. */
export function networkMode(args: ContainerArgs): string | undefined {
  if (args.network_mode !== undefined) return args.network_mode
  const [first] = args.networks ?? []
  return args.networks_cli_compatible && first?.name !== undefined ? String(first.name) : undefined
}
