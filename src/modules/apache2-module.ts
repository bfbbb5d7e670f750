import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The module as `a2enmod` calls it, such as `rewrite`.' },
  identifier: { type: 'str', doc: 'The module as Apache calls it, where that is not `NAME_module`.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is enabled.' },
  force: { type: 'bool', default: false, doc: 'Takes out what the distribution holds for necessary.' },
  ignore_configcheck: {
    type: 'bool',
    default: false,
    doc: 'Looks at the links of the configuration where Apache does not accept it as it is.',
  },
  warn_mpm_absent: { type: 'bool', default: true, doc: 'Warns of a missing MPM.', ignored: 'Apache says so itself' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const apache2Module = defineState({
  summary: 'Enables and disables modules of the Apache web server on Debian, Ubuntu and their kin.',
  details:
    'Asks Apache which modules it would load, so its configuration must be valid, and uses `a2enmod` and `a2dismod`.',
  args: table,
  examples: `
- apache2_module: name=rewrite
  notify: restart apache
- community.general.apache2_module:
    name: autoindex
    state: absent
    force: true
`,
  returnDocs: { result: 'What was done, or found.' },
  look: args => sh`PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export LC_ALL
command -v a2enmod >/dev/null 2>&1 || { echo 'a2enmod is not on this host: is Apache installed?' >&2; exit 3; }
if loaded=$(apache2ctl -M 2>&1); then
  printf '%s\n' "$loaded" | grep -q -F -- ${` ${identifierOf(args)} (`} && echo enabled
elif ${args.ignore_configcheck ? 'true' : 'false'}; then
  [ -e ${`/etc/apache2/mods-enabled/${args.name}.load`} ] && echo enabled
else printf '%s\n' "$loaded" >&2; exit 4; fi
:`,
  read({ status, stdout, stderr }) {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || 'apache2ctl does not answer', { rc: status })
    return { enabled: stdout.trim() === 'enabled' }
  },
  want: ({ state }) => ({ enabled: state === 'present' }),
  change: ({ name, force }, { to }) => ({
    script: sh`PATH=$PATH:/usr/sbin:/sbin
${to?.enabled ? 'a2enmod' : 'a2dismod'} ${force ? ['-f'] : []} -- ${name}`,
  }),
  returns: ({ name, state }, { changed }) => ({
    changed,
    result: `Module ${name} ${changed ? '' : 'already '}${state === 'present' ? 'enabled' : 'disabled'}`,
  }),
})

/** As Apache lists it; those of PHP since 8 leave the version out. */
function identifierOf({ name, identifier }: Args): string {
  if (identifier !== undefined) return identifier
  if (/^shib2?$/.test(name)) return 'mod_shib'
  if (name === 'evasive') return 'evasive20_module'
  const php = /^php(\d)/.exec(name)?.[1]
  if (php !== undefined) return Number(php) >= 8 ? 'php_module' : `php${php}_module`
  return `${name}_module`
}
