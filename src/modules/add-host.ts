import { coerceArgs } from '../schema/coerce.ts'
import { defineController, ModuleFailure } from './module.ts'

const table = {
  name: {
    type: 'str',
    doc: 'The name of the host, with its port behind a `:` where it has one of its own.',
    required: true,
    aliases: ['host', 'hostname'],
  },
  groups: { type: 'list', elements: 'str', doc: 'Groups that it joins.', default: [], aliases: ['group', 'groupname'] },
} as const

const own = new Set(['name', 'host', 'hostname', 'groups', 'group', 'groupname'])

export const addHost = defineController({
  summary: 'Adds a host to the inventory, for the rest of the run.',
  details: 'Every other argument is a variable of the host.',
  once: true,
  freeArgs: true,
  args: table,
  examples: `
- add_host:
    name: web3
    groups: [web, new]
    ansible_host: 10.0.0.7
- ansible.builtin.add_host: name={{ item }} groups=fresh
  loop: [a, b]
`,
  returnDocs: { add_host: 'The name, the groups and the variables of the host.' },
  run(raw) {
    const entries = Object.entries(raw)
    const { args, problems } = coerceArgs(table, Object.fromEntries(entries.filter(([name]) => own.has(name))))
    if (problems.length > 0) throw new ModuleFailure(problems.join('; '))
    const { name, groups } = args
    const { host_name, port } = address(String(name))
    return {
      changed: true,
      add_host: {
        host_name,
        groups,
        host_vars: { ...port, ...Object.fromEntries(entries.filter(([key]) => !own.has(key))) },
      },
    }
  },
})

/** `host:port` and `[address]:port`; a plain IPv6 address has no port. */
function address(text: string): { host_name: string; port: { ansible_ssh_port?: number } } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? []
  const host_name = bracketed ?? plain
  return host_name === undefined
    ? { host_name: text, port: {} }
    : { host_name, port: { ansible_ssh_port: Number(port) } }
}
