import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure } from './module.ts'
import { recordAt, textAt } from './parts/json-path.ts'

const table = {
  name: { type: 'str', doc: 'The package; without it, what `package.json` in `path` names.' },
  path: { type: 'path', doc: 'The folder to install in; made when it is missing.' },
  version: { type: 'str', doc: 'The version of the package.' },
  global: { type: 'bool', default: false, doc: 'Installs for the whole host.' },
  executable: { type: 'path', doc: 'The npm to use; words after it are its arguments.' },
  ignore_scripts: { type: 'bool', default: false, doc: 'Runs no scripts of packages.' },
  unsafe_perm: { type: 'bool', default: false, doc: 'Runs scripts of packages as the user who installs.' },
  ci: { type: 'bool', default: false, doc: 'Installs exactly what the lock file names, each time.' },
  production: { type: 'bool', default: false, doc: 'Leaves out what is for development.' },
  registry: { type: 'str', doc: 'The registry to install from.' },
  state: {
    type: 'str',
    choices: ['present', 'absent', 'latest'],
    default: 'present',
    doc: 'Whether it is there; `latest`: in its newest version.',
  },
  no_optional: { type: 'bool', default: false, doc: 'Leaves out what is optional.' },
  no_bin_links: { type: 'bool', default: false, doc: 'Makes no links to programs.' },
  force: { type: 'bool', default: false, doc: 'Overrides conflicts, with `--force`.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Packages = {
  readonly installed?: boolean
  readonly missing?: readonly string[]
  readonly outdated?: readonly string[]
  readonly again?: boolean
}

export const npm = defineState({
  summary: 'Installs and removes packages of Node.js with npm.',
  args: table,
  check: ({ name, path, global, state }) => [
    ...(path === undefined && global === false ? ['path must be specified when not using global'] : []),
    ...(state === 'absent' && name === undefined
      ? ['uninstalling a package is only available for named packages']
      : []),
  ],
  examples: `
- npm: name=coffee-script path=/srv/app/location version=1.6.1
- name: What package.json names
  community.general.npm:
    path: /srv/app
    production: true
- npm: { name: pm2, global: true }
- npm: { path: /srv/app, state: latest }
- npm: { path: /srv/app, ci: true }
- npm: { name: coffee-script, path: /srv/app/location, state: absent }
`,
  look: args =>
    args.ci
      ? sh`:`
      : lines(
          tool(args),
          args.path !== undefined &&
            sh`[ -d ${pathWord(args.path)} ] || exit 0
cd -- ${pathWord(args.path)} || exit`,
          section('list'),
          sh`$npm list --json --long --depth=0 ${where(args)} 2>/dev/null`,
          args.state === 'latest' && lines(section('outdated'), sh`$npm outdated --json ${where(args)} 2>/dev/null`),
          sh`:`,
        ),
  read({ status, stdout, stderr }, args, { checkMode }): Packages {
    if (args.ci) return { again: false }
    if (status === 127 && checkMode) return { installed: false, missing: [args.name ?? 'all'], outdated: [] }
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `npm ended with ${status}`, { rc: status })
    const parts = sections(stdout)
    const packages = recordAt(parsed(parts.get('list'), 'list'), 'dependencies')
    const missing = Object.keys(packages).filter(each => {
      const { missing: lost, invalid } = recordAt(packages, each)
      return Boolean(lost) || Boolean(invalid)
    })
    const { name, version } = args
    const installed = name !== undefined && name in packages && !missing.includes(name)
    const isVersion = version === undefined || textAt(recordAt(packages, name ?? ''), 'version') === version
    return {
      installed,
      missing: [...new Set([...missing, ...(name !== undefined && !(installed && isVersion) ? [name] : [])])],
      outdated:
        args.state === 'latest' ? Object.keys(recordAt({ all: parsed(parts.get('outdated'), 'outdated') }, 'all')) : [],
    }
  },
  want({ ci, state }): Partial<Packages> {
    if (ci) return { again: true }
    if (state === 'absent') return { installed: false }
    return { missing: [], ...(state === 'latest' ? { outdated: [] } : {}) }
  },
  // A package by its path or address is listed under another name.
  verify: false,
  change(args, { from }) {
    const { name, path, version, state, ci } = args
    const packageWords =
      name === undefined ? [] : [version === undefined || state === 'absent' ? name : `${name}@${version}`]
    const run = (
      command: string,
    ) => sh`said=$($npm ${command} ${flags(args, command)} ${ci ? [] : packageWords} 2>&1) || {
  printf '%s\n' "$said" | grep -E '^npm (error|ERR!)' >&2 || printf '%s\n' "$said" >&2
  exit 1
}`
    return {
      script: lines(
        tool(args),
        path !== undefined && sh`mkdir -p -- ${pathWord(path)} && cd -- ${pathWord(path)} || exit`,
        ci && run('ci'),
        !ci && state === 'absent' && run('uninstall'),
        !ci && state !== 'absent' && (from?.missing?.length ?? 0) > 0 && run('install'),
        !ci && state === 'latest' && (from?.outdated?.length ?? 0) > 0 && run('update'),
      ),
    }
  },
  returns: (_args, { changed }) => ({ changed }),
})

/** What npm would ask or tell its users has no place here. */
function tool({ executable }: Args): Script {
  const quiet = sh`export NO_UPDATE_NOTIFIER=1 npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false`
  if (executable === undefined)
    return lines(quiet, sh`npm=npm; command -v npm >/dev/null || { echo 'npm is not on this host' >&2; exit 127; }`)
  const [program = '', ...rest] = executable.split(' ').filter(word => word !== '')
  return lines(
    quiet,
    sh`run_npm() { ${pathWord(program)} ${rest} "$@"; }
npm=run_npm`,
  )
}

/** Without a prefix, npm goes up to the next folder that has packages. */
function where({ global, registry }: Args): readonly (string | Script)[] {
  return [global ? '--global' : sh`--prefix="$PWD"`, ...(registry === undefined ? [] : [`--registry=${registry}`])]
}

function flags(args: Args, command: string): readonly (string | Script)[] {
  return [
    ...where(args),
    ...(args.production && command !== 'uninstall' ? ['--production'] : []),
    ...(args.force ? ['--force'] : []),
    ...(args.ignore_scripts ? ['--ignore-scripts'] : []),
    ...(args.unsafe_perm ? ['--unsafe-perm'] : []),
    ...(args.no_optional ? ['--no-optional'] : []),
    ...(args.no_bin_links ? ['--no-bin-links'] : []),
    script('--'),
  ]
}

function parsed(text: string | undefined, what: string): unknown {
  try {
    return JSON.parse(text?.trim() || '{}')
  } catch (error) {
    throw new ModuleFailure(`Failed to parse NPM output with error ${error instanceof Error ? error.message : what}`)
  }
}
