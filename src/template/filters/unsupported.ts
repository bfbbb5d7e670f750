const addresses = 'addresses are computed in a task (`command: ipcalc …`) or written as variables'

/** Filters that Ansible's collections have and this program has not, with what to do instead. */
export const unsupportedFilters: ReadonlyMap<string, string> = new Map([
  ['urlize', 'write the link into the template'],
  ...[
    'ipaddr',
    'ipv4',
    'ipv6',
    'ipwrap',
    'ipsubnet',
    'ipmath',
    'network_in_usable',
    'nthhost',
    'hwaddr',
    'macaddr',
    'cidr_merge',
    'reduce_on_network',
  ].map((name): [string, string] => [name, addresses]),
])
