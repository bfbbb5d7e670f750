import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { selinuxAnswers, selinuxArgs, selinuxReady } from './parts/semanage.ts'

const table = {
  ports: { type: 'list', elements: 'str', required: true, doc: 'Ports, or ranges of them: `6000-6100`.' },
  proto: { type: 'str', required: true, choices: ['tcp', 'udp'], doc: 'The protocol.' },
  setype: { type: 'str', required: true, doc: 'The type of the policy.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether the ports have that type.' },
  local: { type: 'bool', default: false, doc: 'Looks at changes of this host only, not at those of the policy.' },
  ...selinuxArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** Port or range → its type. */
type Ports = { readonly ports: Readonly<Record<string, string>> }

export const seport = defineState({
  summary: 'Keeps types of ports in the SELinux policy.',
  details: 'Works through `semanage` on the host. Tried with stand-ins for its tools only, not on a host with SELinux.',
  args: table,
  check: ({ ports = [] }) =>
    ports.flatMap(port =>
      /^\d+(-\d+)?$/.test(port) || /\{[{%]/.test(port) ? [] : [`${port} is no port and no range`],
    ),
  examples: `
- seport: ports=8888 proto=tcp setype=http_port_t
  when: ansible_selinux.status | default('disabled') == 'enabled'
- community.general.seport:
    ports: [10000-10100, "10112"]
    proto: tcp
    setype: memcache_port_t
    state: absent
`,
  returnDocs: { ports: 'The ports.', proto: 'The protocol.', setype: 'The type.', state: 'What was wanted.' },
  look: args => lines(selinuxReady(args), sh`semanage port -l -n ${args.local ? ['-C'] : []} || exit`),
  read(output, args): Ports {
    const stdout = selinuxAnswers(output)
    const found: Record<string, string> = {}
    for (const line of stdout.split('\n')) {
      const [setype = '', proto, ...all] = line.split(/[\s,]+/).filter(Boolean)
      // a port on its own counts before the range it is in; of two types, the first listed is this host's
      if (proto === args.proto) for (const port of all) if (args.ports.includes(port)) found[port] ??= setype
    }
    return { ports: found }
  },
  want({ ports, setype, state }, from): Ports {
    const is = from?.ports ?? {}
    if (state === 'present') return { ports: { ...is, ...Object.fromEntries(ports.map(port => [port, setype])) } }
    return { ports: Object.fromEntries(Object.entries(is).filter(([, type]) => type !== setype)) }
  },
  change(args, { from, to }) {
    const { proto, setype, state, ports } = args
    const is = from?.ports ?? {}
    const reload = args.reload ? [] : ['-N']
    const own = ports.filter(port => is[port] !== to?.ports?.[port])
    return {
      script: lines(
        selinuxReady(args),
        ...own.map(port =>
          state === 'absent'
            ? sh`semanage port -d ${reload} -t ${setype} -p ${proto} ${port} || exit`
            : sh`semanage port ${is[port] === undefined ? '-a' : '-m'} ${reload} -t ${setype} -p ${proto} ${port} || exit`,
        ),
      ),
    }
  },
  returns: ({ ports, proto, setype, state }: Args, { changed }) => ({ changed, ports, proto, setype, state }),
})
