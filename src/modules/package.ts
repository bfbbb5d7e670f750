import type { ArgTable } from '../schema/arguments.ts'
import { defineState, type Inputs, ModuleFailure, type State } from './module.ts'
import { aptArgs } from './parts/apt-commands.ts'
import { aptSteps } from './parts/apt-steps.ts'

const table = {
  ...aptArgs,
  use: { type: 'str', default: 'auto', doc: 'The package manager; `auto` takes the one that the facts name.' },
} as const satisfies ArgTable

export const packageModule = defineState<typeof table, State>({
  summary: 'Installs, upgrades and removes packages with the package manager of the host.',
  details:
    'Takes the arguments of that package manager’s own module beside its own. Hosts with apt are supported so far.',
  args: table,
  examples: `
- name: Have the web server there
  become: true
  package:
    name: nginx
    state: present
`,
  returnDocs: { stdout: 'What the package manager said.' },
  ...aptSteps,
  look(args, inputs) {
    mustBeApt(args.use, inputs)
    return aptSteps.look(args)
  },
})

function mustBeApt(use: string, { facts }: Inputs): void {
  const manager = use === 'auto' ? (facts.pkg_mgr ?? 'apt') : use.replace(/^ansible\.(builtin|legacy)\./, '')
  if (manager !== 'apt')
    throw new ModuleFailure(`packages of ${String(manager)} are not supported yet, only those of apt`)
}
