import type { ArgTable } from '../schema/arguments.ts'
import { sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The package.' },
  selection: {
    type: 'str',
    required: true,
    choices: ['install', 'hold', 'deinstall', 'purge'],
    doc: 'What is wanted of it.',
  },
} as const satisfies ArgTable

export const dpkgSelections = defineState({
  summary: 'Selects a Debian package to be installed, held or removed.',
  args: table,
  examples: `
- dpkg_selections: name=linux-image-amd64 selection=hold
`,
  returnDocs: { before: 'The selection before.', after: 'The selection now.' },
  look: ({ name }) => sh`command -v dpkg >/dev/null 2>&1 || { echo 'dpkg is not on this host' >&2; exit 3; }
LC_ALL=C dpkg --get-selections -- ${name} 2>/dev/null`,
  read({ status, stdout, stderr }): { readonly selection?: string } {
    if (status === 3) throw new ModuleFailure(stderr.trim())
    return { selection: stdout.trim().split('\n')[0]?.split(/\s+/)[1] ?? 'absent' }
  },
  want({ name, selection }, from) {
    if (from?.selection === 'absent')
      throw new ModuleFailure(`Failed to find package '${name}' to perform selection '${selection}'.`)
    return { selection }
  },
  change: ({ name, selection }) => ({ script: sh`dpkg --set-selections`, stdin: `${name} ${selection}\n` }),
  returns: (_args, { from, to, changed }) => ({ changed, before: from?.selection, after: to?.selection }),
})
