import type { ArgSpec, ArgTable } from '../schema/arguments.ts'
import { coerceArgs } from '../schema/coerce.ts'
import { apk } from './apk.ts'
import { apt } from './apt.ts'
import { dnf } from './dnf.ts'
import { defineState, type Inputs, ModuleFailure, type State, type StateModule } from './module.ts'

/** Modules by what the fact `pkg_mgr` says. */
const managers = { apt, dnf, dnf5: dnf, yum: dnf, apk } as const

const states = ['present', 'installed', 'latest', 'absent', 'removed', 'build-dep', 'fixed'] as const

/** Every argument that some package manager knows, with no default: the one that is there fills in its own. */
const table: ArgTable = {
  ...open(apk.args, 'Of apk: '),
  ...open(dnf.args, 'Of dnf: '),
  ...open(apt.args, ''),
  state: { type: 'str', choices: states, doc: 'Whether they are there; `present` by default.' },
  use: { type: 'str', doc: 'The package manager; the one that the facts name when it is not given.' },
}

export const packageModule = defineState<ArgTable, State>({
  summary: 'Installs, upgrades and removes packages with the package manager of the host.',
  details:
    'Takes the arguments of that package manager’s own module (apt, dnf, apk) beside its own; one that the host’s does not know fails there.',
  args: table,
  check: args => (Object.keys(args).some(name => name !== 'use' && name !== 'state') ? [] : ['`name` is needed']),
  examples: `
- name: Have the web server there
  become: true
  package:
    name: nginx
    state: present
`,
  returnDocs: { stdout: 'What the package manager said.' },
  look: (args, inputs) => {
    const { module, own } = chosen(args, inputs)
    const [problem] = module.check?.(own) ?? []
    if (problem !== undefined) throw new ModuleFailure(problem)
    return module.look(own, inputs)
  },
  read: (output, args, inputs) => {
    const { module, own } = chosen(args, inputs)
    if (output.status === 127 && args.use === undefined && inputs.facts.pkg_mgr === undefined) {
      throw new ModuleFailure(
        `${output.stderr.trim()}; nothing is known of this host’s package manager: gather facts first, or say \`use\``,
        { rc: 127 },
      )
    }
    return module.read(output, own, inputs)
  },
  want: (args, state, inputs) => {
    const { module, own } = chosen(args, inputs)
    return module.want(own, state, inputs)
  },
  change: (args, step, inputs) => {
    const { module, own } = chosen(args, inputs)
    return module.change(own, step, inputs)
  },
  diff: (args, step, inputs) => {
    const { module, own } = chosen(args, inputs)
    return module.diff?.(own, step, inputs)
  },
  returns: (args, step, inputs) => {
    const { module, own } = chosen(args, inputs)
    return module.returns?.(own, step, inputs) ?? {}
  },
  // The status of the package manager is the judge, as in apt.
  verify: false,
})

function chosen(args: Readonly<Record<string, unknown>>, { facts }: Inputs) {
  const { use = 'auto', ...given } = args
  const wanted = String(use).replace(/^ansible\.(builtin|legacy)\./, '')
  const manager = wanted === 'auto' ? String(facts.pkg_mgr ?? 'apt') : wanted
  if (!isManager(manager)) {
    throw new ModuleFailure(`packages of ${manager} are not supported, only those of apt, dnf and apk`)
  }
  // What each manager's functions take is what its own table makes of the arguments, just below.
  const module = managers[manager] as StateModule<ArgTable, State>
  const { args: own, problems } = coerceArgs(module.args, given)
  if (problems.length > 0) throw new ModuleFailure(`with ${manager}: ${problems.join('; ')}`)
  return { module, own }
}

function isManager(name: string): name is keyof typeof managers {
  return Object.hasOwn(managers, name)
}

function open(args: ArgTable, prefix: string): ArgTable {
  const opened = Object.entries(args).map(([name, spec]): [string, ArgSpec] => {
    const { default: _, choices: __, required: ___, ...rest } = spec
    return [name, { ...rest, doc: prefix === '' ? spec.doc : `${prefix}${spec.doc}` }]
  })
  return Object.fromEntries(opened)
}
