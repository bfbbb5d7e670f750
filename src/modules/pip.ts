import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure, type State } from './module.ts'

const table = {
  name: {
    type: 'list',
    elements: 'str',
    doc: 'Packages, each perhaps with its version (`numpy<2`), an address or a path.',
  },
  version: { type: 'str', doc: 'The version of the one package named.' },
  requirements: { type: 'str', doc: 'A file of requirements, on the host.' },
  virtualenv: { type: 'path', doc: 'The virtual environment to install in; made when it is not there.' },
  virtualenv_command: {
    type: 'path',
    default: 'virtualenv',
    doc: 'What makes it; `python3 -m venv` where virtualenv is missing.',
  },
  virtualenv_python: { type: 'str', doc: 'The Python of it.' },
  virtualenv_site_packages: { type: 'bool', default: false, doc: 'Whether it sees the packages of the system.' },
  state: {
    type: 'str',
    choices: ['present', 'absent', 'latest', 'forcereinstall'],
    default: 'present',
    doc: 'What is wanted.',
  },
  extra_args: { type: 'str', doc: 'Further arguments for pip.' },
  editable: { type: 'bool', default: false, doc: 'Installs from a path so that it can be edited.' },
  chdir: { type: 'path', doc: 'The folder to work in.' },
  executable: { type: 'path', doc: 'The pip to use.' },
  umask: { type: 'str', doc: 'The umask meanwhile, in octal.' },
  break_system_packages: {
    type: 'bool',
    default: false,
    doc: 'Installs beside the packages of the distribution, which pip refuses otherwise.',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const pip = defineState({
  summary: 'Installs and removes packages of Python.',
  details:
    'Needs Python and pip on the host, as the packages do. Packages whose version is only bounded are left to pip to judge.',
  args: table,
  examples: `
- name: Have the packages for training
  ansible.builtin.pip:
    name: [scikit-learn, "numpy<2"]
    virtualenv: /srv/training
`,
  returnDocs: {
    name: 'The packages.',
    cmd: 'What was run.',
    stdout: 'What pip said.',
    virtualenv: 'The virtual environment.',
  },
  check(args) {
    const problems: string[] = []
    if (!args.name?.length && args.requirements === undefined && args.virtualenv === undefined)
      problems.push('`name`, `requirements` or `virtualenv` is needed')
    if (args.version !== undefined && packages({ ...args, version: undefined }).length !== 1)
      problems.push('`version` needs one package in `name`')
    if (args.executable !== undefined && args.virtualenv !== undefined)
      problems.push('`executable` and `virtualenv` exclude each other')
    if (packages(args).some(p => p.startsWith('-')))
      problems.push('a package does not begin with a hyphen; options stand in `extra_args`')
    return problems
  },
  look: args =>
    lines(
      findPip(args),
      section('environment'),
      args.virtualenv === undefined
        ? sh`echo none`
        : sh`[ ! -x ${pathWord(`${args.virtualenv}/bin/pip`)} ] || echo there`,
      section('installed'),
      sh`if [ -n "$pip" ]; then $pip list --format=freeze --disable-pip-version-check 2>/dev/null || $pip freeze --all; fi`,
    ),
  read({ status, stdout, stderr }, args, { checkMode }): State {
    if (status !== 0 && !checkMode) throw new ModuleFailure(stderr.trim() || 'pip does not answer', { rc: status })
    const parts = sections(stdout)
    const installed = new Map<string, string>()
    for (const line of (parts.get('installed') ?? '').split('\n')) {
      const [name, version] = line.split('==')
      if (name && version !== undefined) installed.set(canonical(name), version.trim())
    }
    const state: Record<string, string> = {}
    if (args.virtualenv !== undefined) state[environment] = parts.get('environment')?.trim() || 'absent'
    for (const spec of packages(args)) state[spec] = packageState(spec, args, installed)
    return state
  },
  want(args, state): State {
    const wanted: Record<string, string> = {}
    if (args.virtualenv !== undefined && args.state !== 'absent') wanted[environment] = 'there'
    for (const spec of packages(args)) wanted[spec] = args.state === 'absent' ? 'absent' : 'installed'
    if (args.requirements !== undefined) wanted.requirements = 'installed'
    if (args.state === 'latest' || args.state === 'forcereinstall') wanted.versions = args.state
    return state === undefined ? {} : wanted
  },
  change: args => ({
    script: lines(
      args.umask === undefined ? undefined : sh`umask ${args.umask}`,
      args.virtualenv === undefined ? undefined : makeEnvironment(args, args.virtualenv),
      findPip(args),
      args.chdir === undefined ? undefined : sh`cd -- ${pathWord(args.chdir)} || exit`,
      run(args),
    ),
  }),
  // pip alone knows whether bounds are met, so what it says decides.
  verify: false,
  returns(args, { changed, output }) {
    const acted = /^\s*Successfully (un)?installed|environment made/m.test(output?.stdout ?? '')
    return {
      ...(changed && output !== undefined && !acted ? { changed: false } : {}),
      name: packages(args),
      ...(args.version === undefined ? {} : { version: args.version }),
      ...(args.requirements === undefined ? {} : { requirements: args.requirements }),
      ...(args.virtualenv === undefined ? {} : { virtualenv: args.virtualenv }),
      state: args.state,
      ...(output === undefined ? {} : { stdout: output.stdout, stderr: output.stderr }),
    }
  },
})

const environment = 'virtual environment'

/** A comma within a version (`a>=1,<2`) does not end a package. */
function packages({ name = [], version }: Partial<Args>): readonly string[] {
  const found: string[] = []
  for (const part of name.flatMap(n => n.split(',')).map(p => p.trim())) {
    if (/^[<>=!~]/.test(part) && found.length > 0) found[found.length - 1] += `,${part}`
    else if (part !== '') found.push(part)
  }
  return version === undefined || found[0] === undefined
    ? found
    : [/^[<>=!~]/.test(version) ? found[0] + version : `${found[0]}==${version}`]
}

/** The name that an index knows a package by (PEP 503). */
function canonical(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_.]+/g, '-')
    .trim()
}

function packageState(spec: string, args: Args, installed: ReadonlyMap<string, string>): string {
  const match = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/s.exec(spec)
  if (/^\w+(\+\w+)?:\/\/|\//.test(spec) || match?.[1] === undefined)
    return args.state === 'absent' ? 'absent' : 'to be judged by pip'
  const version = installed.get(canonical(match[1]))
  if (version === undefined) return 'absent'
  const bound = (match[2] ?? '').replace(/;.*$/s, '').trim()
  if (args.state === 'absent' || bound === '') return 'installed'
  const exact = /^={2,3}\s*([^,*\s]+)$/.exec(bound)?.[1]
  if (exact === undefined) return `installed as ${version}, to be judged by pip`
  return exact === version ? 'installed' : `installed as ${version}`
}

/** Sets `pip` to the words that run it; empty when the virtual environment is still to be made. */
function findPip({ virtualenv, executable }: Args): Script {
  if (virtualenv !== undefined)
    return sh`export LC_ALL=C.UTF-8; [ -x ${pathWord(`${virtualenv}/bin/pip`)} ] && pip=run_pip || pip=; run_pip() { ${pathWord(`${virtualenv}/bin/pip`)} "$@"; }`
  if (executable !== undefined)
    return sh`export LC_ALL=C.UTF-8; pip=run_pip; run_pip() { ${pathWord(executable)} "$@"; }`
  return sh`
export LC_ALL=C.UTF-8
if command -v pip3 >/dev/null; then pip=pip3
elif python3 -m pip --version >/dev/null 2>&1; then pip='python3 -m pip'
elif command -v pip >/dev/null; then pip=pip
else echo 'pip is not on this host: install python3-pip first' >&2; exit 127; fi`
}

function makeEnvironment(args: Args, path: string): Script {
  const site = args.virtualenv_site_packages ? ['--system-site-packages'] : []
  const python = args.virtualenv_python
  return sh`
if [ ! -x ${pathWord(`${path}/bin/pip`)} ]; then
  set -- ${args.virtualenv_command.split(/\s+/)}
  if command -v "$1" >/dev/null; then "$@" ${site} ${python === undefined || /venv$/.test(args.virtualenv_command) ? [] : ['--python', python]} ${pathWord(path)}
  else ${python ?? 'python3'} -m venv ${site} ${pathWord(path)}; fi >/dev/null || { echo ${`the virtual environment ${path} cannot be made: is python3-venv or virtualenv on the host?`} >&2; exit 1; }
  echo 'environment made'
fi`
}

function run(args: Args): Script {
  const names = packages(args)
  const extra = (args.extra_args ?? '').split(/\s+/).filter(word => word !== '')
  const breaks = args.break_system_packages ? ['--break-system-packages'] : []
  if (names.length === 0 && args.requirements === undefined) return sh`:`
  const what = [
    ...names.flatMap(n => (args.editable ? ['-e', n] : [n])),
    ...(args.requirements === undefined ? [] : ['-r', pathWord(args.requirements)]),
  ]
  if (args.state === 'absent') {
    const bare = names.map(n => n.replace(/[\s[<>=!~;].*$/s, ''))
    return sh`$pip uninstall -y ${breaks} ${extra} ${bare} ${args.requirements === undefined ? [] : ['-r', pathWord(args.requirements)]}`
  }
  const how = { present: [], latest: ['-U'], forcereinstall: ['-U', '--force-reinstall'] }[args.state]
  return sh`
said=$(mktemp) || exit
$pip install --disable-pip-version-check ${how} ${breaks} ${extra} ${what} 2>"$said"; status=$?
# A host whose Python belongs to the distribution says so at length (PEP 668).
if [ "$status" -ne 0 ] && grep -q externally-managed-environment "$said"; then
  echo 'the Python of this host belongs to the distribution: give \`virtualenv\`, or say \`break_system_packages: true\`' >&2
fi
grep '^ERROR' "$said" >&2
grep -v '^ERROR' "$said" >&2
rm -f -- "$said"
exit "$status"`
}
