import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', doc: 'The setting, such as `user.email`.' },
  value: { type: 'str', doc: 'Its value.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is set.' },
  scope: {
    type: 'str',
    choices: ['file', 'local', 'global', 'system'],
    doc: 'Which file: a given one, that of a repository, of the user, or of the host (by default).',
  },
  repo: { type: 'path', doc: 'The repository, with `scope: local`.' },
  file: { type: 'path', doc: 'The file, with `scope: file`.' },
  add_mode: { type: 'str', choices: ['add', 'replace-all'], default: 'replace-all', doc: 'Whether other values stay.' },
  list_all: { type: 'bool', default: false, doc: 'Lists settings.', unsupported: 'use git_config_info or a command' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const gitConfig = defineState({
  summary: 'Keeps a setting of git.',
  args: table,
  check: ({ name, value, state, scope, repo, file }) => [
    ...(name === undefined ? ['`name` is needed'] : []),
    ...(state === 'present' && value === undefined ? ['`value` is needed with `state: present`'] : []),
    ...(scope === 'local' && repo === undefined ? ['`repo` is needed with `scope: local`'] : []),
    ...(scope === 'file' && file === undefined ? ['`file` is needed with `scope: file`'] : []),
  ],
  examples: `
- git_config: name=user.email scope=global value=ops@example.org
- community.general.git_config:
    name: core.editor
    value: vim
- git_config: { name: alias.ci, scope: file, file: /etc/gitconfig.d/app, state: absent }
`,
  look: args => sh`command -v git >/dev/null 2>&1 || { echo 'git is not on this host' >&2; exit 3; }
${git(args)} --get-all ${args.name ?? ''} 2>/dev/null`,
  read({ status, stdout, stderr }): { readonly values?: readonly string[] } {
    if (status === 3) throw new ModuleFailure(stderr.trim())
    return { values: stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n') }
  },
  want({ state, value = '', add_mode }, from) {
    if (state === 'absent') return { values: [] }
    const is = from?.values ?? []
    if (add_mode === 'add') return { values: is.includes(value) ? is : [...is, value] }
    return { values: [value] }
  },
  change(args, { to }) {
    const { name = '', value = '', add_mode } = args
    if (to?.values?.length === 0) return { script: sh`${git(args)} --unset-all ${name}` }
    return { script: sh`${git(args)} ${add_mode === 'add' ? '--add' : '--replace-all'} ${name} ${value}` }
  },
  returns: ({ name, value }, { changed }) => ({
    changed,
    msg: changed ? 'setting changed' : '',
    name,
    config_value: value ?? null,
  }),
})

function git({ scope, repo, file }: Args): Script {
  // git asks for a folder that is there, and a home
  if (scope === 'local') return sh`git -C ${pathWord(repo ?? '.')} config --local`
  if (scope === 'file') return sh`git config --file ${pathWord(file ?? '')}`
  return scope === 'global' ? sh`HOME=\${HOME:-/root} git config --global` : sh`git config --system`
}
