import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'list', elements: 'str', doc: 'Packages, also `NAME=VERSION` and `NAME@REPOSITORY`.' },
  state: {
    type: 'str',
    choices: ['present', 'absent', 'latest', 'installed', 'removed'],
    default: 'present',
    doc: 'Whether they are there.',
  },
  available: {
    type: 'bool',
    default: false,
    doc: 'With `upgrade`: also goes back to versions that repositories have.',
  },
  no_cache: { type: 'bool', default: false, doc: 'Keeps no lists.' },
  repository: { type: 'list', elements: 'str', doc: 'Repositories to use for this task.' },
  update_cache: { type: 'bool', default: false, doc: 'Fetches the lists first.' },
  upgrade: { type: 'bool', default: false, doc: 'Brings all packages to their newest versions.' },
  world: { type: 'str', default: '/etc/apk/world', doc: 'The file of what was asked for.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>
type State = { readonly [spec: string]: string }

const pending = ' pending'

export const apk = defineState({
  summary: 'Installs, updates and removes packages on Alpine.',
  details: 'Tried with a stand-in for apk, not on a host of Alpine.',
  args: table,
  check: ({ name = [], upgrade, update_cache }) => [
    ...(name.length === 0 && !upgrade && !update_cache ? ['one of `name`, `update_cache`, `upgrade` is needed'] : []),
    ...(name.length > 0 && upgrade ? ['`name` and `upgrade` exclude each other'] : []),
  ],
  examples: `
- apk: name=nginx update_cache=yes
  when: ansible_pkg_mgr == 'apk'
- community.general.apk: { name: [curl, jq], state: latest }
  when: ansible_pkg_mgr == 'apk'
`,
  returnDocs: { packages: 'The packages that were touched.' },
  look: args =>
    lines(
      sh`command -v apk >/dev/null 2>&1 || { echo 'apk is not on this host: use the package manager that it has, or the module package' >&2; exit 3; }`,
      ...packages(args).map((spec, i) =>
        lines(
          section(`package ${i}`),
          sh`if apk info -e ${spec} >/dev/null 2>&1; then
  ${args.state === 'latest' ? sh`case $(apk version ${repositories(args)} ${bare(spec)} 2>/dev/null | tail -n 1) in *' < '*) echo old ;; *) echo installed ;; esac` : sh`echo installed`}
fi`,
        ),
      ),
      args.upgrade && section('all'),
      args.upgrade &&
        sh`apk upgrade ${options(args)} --simulate 2>/dev/null | sed -n 's/^([0-9/]*) \(Upgrading\|Installing\|Downgrading\|Replacing\) /\1 /p'`,
      sh`:`,
    ),
  read({ status, stdout, stderr }, args): State {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || 'apk does not answer', { rc: status })
    const parts = sections(stdout)
    const state: Record<string, string> = {
      ...(parts.has('all') ? { [pending]: (parts.get('all') ?? '').trim() } : {}),
    }
    for (const [i, spec] of packages(args).entries()) state[spec] = (parts.get(`package ${i}`) ?? '').trim() || 'absent'
    return state
  },
  want(args): State {
    const wanted = args.state === 'absent' || args.state === 'removed' ? 'absent' : 'installed'
    return {
      ...Object.fromEntries(packages(args).map(spec => [spec, wanted])),
      ...(args.upgrade ? { [pending]: '' } : {}),
    }
  },
  change(args, { from, to }) {
    const differs = packages(args).filter(spec => to?.[spec] !== from?.[spec])
    const absent = args.state === 'absent' || args.state === 'removed'
    return {
      script: lines(
        args.update_cache && sh`apk update ${repositories(args)} >/dev/null || exit`,
        differs.length > 0 && absent && sh`apk del --purge ${differs.map(bare)} || exit`,
        differs.length > 0 &&
          !absent &&
          sh`apk add ${args.state === 'latest' ? ['-u'] : []} ${args.no_cache ? ['--no-cache'] : []} ${repositories(args)} ${differs} || exit`,
        args.upgrade && sh`apk upgrade ${options(args)} || exit`,
      ),
    }
  },
  returns: (args, { from, to, changed, output }) => ({
    changed,
    packages: packages(args).filter(spec => from?.[spec] !== to?.[spec]),
    ...(output === undefined ? {} : { stdout: output.stdout, stderr: output.stderr }),
  }),
})

function packages({ name = [] }: Args): readonly string[] {
  return name.map(one => one.trim()).filter(one => one !== '' && !one.startsWith('-'))
}

function bare(spec: string): string {
  return spec.replace(/[=<>~@].*$/, '')
}

function repositories({ repository = [] }: Args): readonly string[] {
  return repository.flatMap(one => ['--repository', one])
}

function options(args: Args): readonly string[] {
  return [...(args.available ? ['--available'] : []), ...(args.no_cache ? ['--no-cache'] : []), ...repositories(args)]
}
