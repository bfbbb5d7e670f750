import type { ArgTable } from '../schema/arguments.ts'
import { sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  path: { type: 'str', required: true, aliases: ['key'], doc: 'The file.' },
  capability: {
    type: 'str',
    required: true,
    aliases: ['cap'],
    doc: 'The capability; with how it counts (`cap_net_bind_service+ep`) to set it.',
  },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether the file has it.' },
} as const satisfies ArgTable

/** Capabilities of a file: name → operator and flags, such as `=ep`. */
type Capabilities = { readonly capabilities: Readonly<Record<string, string>> }

export const capabilities = defineState({
  summary: 'Keeps capabilities of programs.',
  details: 'Needs `getcap` and `setcap` on the host (package libcap2-bin).',
  args: table,
  check: ({ state, capability }) =>
    state === 'present' && capability !== undefined && !/[-=+]/.test(capability)
      ? ["Couldn't find operator (one of: =, -, +)"]
      : [],
  examples: `
- capabilities: path=/usr/local/bin/server capability=cap_net_bind_service+ep
- community.general.capabilities:
    path: /usr/local/bin/server
    capability: cap_sys_chroot
    state: absent
`,
  returnDocs: { msg: 'What was done.', state: 'What was wanted.' },
  look: ({ path }) => sh`PATH=$PATH:/sbin:/usr/sbin; export LC_ALL=C
command -v getcap >/dev/null && command -v setcap >/dev/null || { echo 'getcap and setcap are not on this host' >&2; exit 127; }
cd / && [ -f ${path.trim()} ] || { echo ${`Unable to get capabilities of ${path}`} >&2; exit 4; }
getcap -v -- ${path.trim()}`,
  read({ status, stdout, stderr }, { path, capability }, { checkMode }): Capabilities {
    if (status !== 0) {
      if (checkMode && (status === 127 || status === 4)) return { capabilities: {} }
      throw new ModuleFailure(stderr.trim(), { rc: status })
    }
    // `file cap_a,cap_b=ep`; before libcap 2.41 `file = cap_a,cap_b+ep`
    const text = stdout.slice(path.trim().length).trim().replace(/^= ?/, '')
    const entries = text.split(/\s+/).flatMap(part => {
      const match = /^([a-z0-9_,]+)([-=+].*)$/.exec(part.toLowerCase())
      return match === null ? [] : (match[1] ?? '').split(',').map(name => [name, match[2] ?? ''] as const)
    })
    const wanted = parse(capability)
    // `+` and `=` mean the same to a file
    const shown = entries.map(([name, how]) => [
      name,
      name === wanted.name && sameFlags(how, wanted.how) ? wanted.how : how,
    ])
    return { capabilities: Object.fromEntries(shown) }
  },
  want({ capability, state }, from): Capabilities {
    const { name, how } = parse(capability)
    const others = Object.entries(from?.capabilities ?? {}).filter(([each]) => each !== name)
    return { capabilities: Object.fromEntries([...others, ...(state === 'present' ? [[name, how]] : [])]) }
  },
  change({ path }, { to }) {
    const all = Object.entries(to?.capabilities ?? {}).map(([name, how]) => name + how)
    // an empty list is set, too: the file keeps its attribute, as with Ansible
    return {
      script: sh`PATH=$PATH:/sbin:/usr/sbin; cd / && setcap ${all.length === 0 ? '=' : all.join(' ')} ${path.trim()}`,
    }
  },
  returns: ({ state }, { changed }) => ({ changed, state, ...(changed ? { msg: 'capabilities changed' } : {}) }),
})

function parse(capability: string): { name: string; how: string } {
  const text = capability.trim().toLowerCase()
  const at = text.search(/[-=+]/)
  return at === -1 ? { name: text, how: '' } : { name: text.slice(0, at), how: text.slice(at) }
}

function sameFlags(a: string, b: string): boolean {
  const bare = (how: string) => [...how.replace(/^[=+]/, '')].sort().join('')
  return bare(a) === bare(b)
}
