import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: {
    type: 'list',
    elements: 'str',
    aliases: ['pkg'],
    doc: 'Packages, `NAME-VERSION`, paths or addresses of `.rpm` files, or `*` for all.',
  },
  state: {
    type: 'str',
    choices: ['absent', 'installed', 'latest', 'present', 'removed'],
    doc: 'Whether they are there; `present` by default, `absent` with `autoremove`.',
  },
  enablerepo: { type: 'list', elements: 'str', default: [], doc: 'Repositories to use for this task.' },
  disablerepo: { type: 'list', elements: 'str', default: [], doc: 'Repositories not to use for this task.' },
  exclude: { type: 'list', elements: 'str', default: [], doc: 'Packages to leave alone.' },
  update_cache: { type: 'bool', default: false, aliases: ['expire-cache'], doc: 'Fetches the lists first.' },
  update_only: { type: 'bool', default: false, doc: 'With `latest`: installs nothing new.' },
  security: { type: 'bool', default: false, doc: 'With `latest`: updates for security alone.' },
  bugfix: { type: 'bool', default: false, doc: 'With `latest`: updates for bugs alone.' },
  autoremove: { type: 'bool', default: false, doc: 'Removes what nothing needs any more.' },
  disable_gpg_check: { type: 'bool', default: false, doc: 'Installs packages without a known signature.' },
  skip_broken: { type: 'bool', default: false, doc: 'Leaves out packages that cannot be installed.' },
  allow_downgrade: { type: 'bool', default: false, doc: 'A version given may be an older one.' },
  allowerasing: { type: 'bool', default: false, doc: 'Removes packages that are in the way.' },
  best: { type: 'bool', doc: 'Takes the newest version or fails.' },
  nobest: { type: 'bool', default: false, doc: 'Takes an older version where the newest cannot be had.' },
  install_weak_deps: { type: 'bool', default: true, doc: 'Installs what packages recommend.' },
  cacheonly: { type: 'bool', default: false, doc: 'Works with the lists that are there.' },
  conf_file: { type: 'str', doc: 'Another configuration file.' },
  releasever: { type: 'str', doc: 'Another release.' },
  installroot: { type: 'str', default: '/', doc: 'Another root folder.' },
  disable_excludes: { type: 'str', doc: 'Which excludes of the configuration do not count.' },
  disable_plugin: { type: 'list', elements: 'str', default: [], doc: 'Plugins not to use.' },
  enable_plugin: { type: 'list', elements: 'str', default: [], doc: 'Plugins to use.' },
  validate_certs: {
    type: 'bool',
    default: true,
    doc: 'Whether certificates must be valid.',
    ignored: 'see `sslverify`',
  },
  sslverify: { type: 'bool', default: true, doc: 'Whether certificates of repositories must be valid.' },
  lock_timeout: { type: 'int', default: 30, doc: 'Longest wait for others.', ignored: 'dnf waits by itself' },
  install_repoquery: { type: 'bool', default: true, doc: 'Installs repoquery.', ignored: 'it is not needed' },
  use_backend: {
    type: 'str',
    default: 'auto',
    choices: ['auto', 'yum', 'yum4', 'dnf', 'dnf4', 'dnf5'],
    doc: 'The tool; what the host has by default.',
  },
  list: { type: 'str', doc: 'Lists packages.', unsupported: 'use package_facts, or a command' },
  download_only: { type: 'bool', default: false, doc: 'Only downloads.', unsupported: 'packages are installed' },
  download_dir: { type: 'str', doc: 'Where to.', unsupported: 'packages are installed' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>
type State = { readonly [spec: string]: string }

/** Key of the state of everything that could be updated or removed; no package is called so. */
const pending = ' pending'

export const dnf = defineState({
  summary: 'Installs, updates and removes packages with dnf or yum.',
  details:
    'Looks with `rpm`, acts with `dnf`, or `yum` where that is not there. Tried with stand-ins for these tools, not on a host of Red Hat’s family.',
  args: table,
  check: ({ name = [], state, autoremove, update_cache }) => [
    ...(name.length === 0 && !autoremove && !update_cache ? ['`name` is needed'] : []),
    ...(autoremove && state !== undefined && state !== 'absent' && state !== 'removed'
      ? ['`autoremove` goes with `state: absent` only']
      : []),
    ...(name.some(one => one.startsWith('@'))
      ? ['groups of packages (`@…`) are not supported yet: name the packages']
      : []),
  ],
  examples: `
- dnf: name=httpd state=latest
  when: ansible_os_family == 'RedHat'
- yum:
    name: [epel-release, nginx]
    state: present
    enablerepo: crb
  when: ansible_os_family == 'RedHat'
`,
  returnDocs: { results: 'What was done.', rc: 'The status of the tool.' },
  look: args =>
    lines(
      sh`LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/sbin:/sbin`,
      tool(args),
      ...packages(args).map((spec, i) => lookAt(args, spec, i)),
      (updatesAll(args) || (args.autoremove && packages(args).length === 0)) && lookAtAll(args),
      sh`:`,
    ),
  read({ status, stdout, stderr }, args): State {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || 'rpm does not answer', { rc: status })
    const parts = sections(stdout)
    const state: Record<string, string> = {}
    for (const [i, spec] of packages(args).entries()) state[spec] = (parts.get(`package ${i}`) ?? '').trim() || 'absent'
    if (parts.has('all')) state[pending] = (parts.get('all') ?? '').trim()
    return state
  },
  want(args, state): State {
    const wanted: Record<string, string> = {}
    for (const spec of packages(args)) {
      if (isAbsent(args)) wanted[spec] = 'absent'
      else if (!(args.update_only && state?.[spec] === 'absent')) wanted[spec] = 'installed'
    }
    if (state?.[pending] !== undefined) wanted[pending] = ''
    return wanted
  },
  change(args, { from, to }) {
    const differs = packages(args).filter(spec => to?.[spec] !== undefined && to[spec] !== from?.[spec])
    const verb = isAbsent(args) ? 'remove' : args.state === 'latest' ? undefined : 'install'
    const missing = differs.filter(spec => from?.[spec] === 'absent')
    const old = differs.filter(spec => from?.[spec] !== 'absent')
    const more = to?.[pending] !== undefined && from?.[pending] !== ''
    return {
      script: lines(
        sh`LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/sbin:/sbin`,
        tool(args),
        args.update_cache && sh`"$tool" -q -y ${options(args)} makecache || exit`,
        verb !== undefined && differs.length > 0 && sh`"$tool" -y ${options(args)} ${verb} -- ${differs} || exit`,
        verb === undefined && missing.length > 0 && sh`"$tool" -y ${options(args)} install -- ${missing} || exit`,
        verb === undefined &&
          old.length > 0 &&
          sh`"$tool" -y ${options(args)} ${kinds(args)} upgrade -- ${old} || exit`,
        more &&
          (isAbsent(args)
            ? sh`"$tool" -y ${options(args)} autoremove || exit`
            : sh`"$tool" -y ${options(args)} ${kinds(args)} upgrade || exit`),
      ),
    }
  },
  diff(_args, { from, to }) {
    const keys = Object.keys(to ?? {}).filter(key => to?.[key] !== from?.[key])
    const text = (state: Partial<State> | undefined) =>
      keys.map(key => `${key.trim()}: ${state?.[key] ?? ''}\n`).join('')
    return { before: text(from), after: text(to) }
  },
  returns: (_args, { changed, output }) => ({
    changed,
    rc: 0,
    msg: changed ? '' : 'Nothing to do',
    results:
      output === undefined
        ? []
        : output.stdout.split('\n').filter(line => /^\s*(Installed|Upgraded|Removed|Downgraded):/.test(line)),
  }),
})

function packages({ name = [] }: Args): readonly string[] {
  return name.map(one => one.trim()).filter(one => one !== '' && one !== '*')
}

function updatesAll(args: Args): boolean {
  return args.state === 'latest' && (args.name ?? []).some(one => one.trim() === '*')
}

function isAbsent({ state, autoremove }: Args): boolean {
  return state === 'absent' || state === 'removed' || (state === undefined && autoremove)
}

function tool({ use_backend }: Args): Script {
  const names = {
    auto: ['dnf', 'yum'],
    yum: ['yum'],
    yum4: ['yum', 'dnf'],
    dnf: ['dnf'],
    dnf4: ['dnf-3', 'dnf'],
    dnf5: ['dnf5', 'dnf'],
  }
  return sh`tool=
for t in ${names[use_backend]}; do [ -n "$tool" ] || ! command -v "$t" >/dev/null 2>&1 || tool=$t; done
[ -n "$tool" ] && command -v rpm >/dev/null 2>&1 || { echo 'neither dnf nor yum is on this host: use the package manager that it has, or the module package' >&2; exit 3; }`
}

function root({ installroot }: Args): readonly string[] {
  return installroot === '/' ? [] : ['--root', installroot]
}

function lookAt(args: Args, spec: string, number: number): Script {
  const isFile = /\.rpm$/.test(spec)
  const query = isFile
    ? sh`nevra=$(rpm -qp -- ${spec} 2>/dev/null) && rpm -q ${root(args)} -- "$nevra" >/dev/null 2>&1`
    : /[*?[]/.test(spec)
      ? sh`[ -n "$(rpm -qa ${root(args)} -- ${spec})" ]`
      : sh`{ rpm -q ${root(args)} -- ${spec} || rpm -q ${root(args)} --whatprovides -- ${spec}; } >/dev/null 2>&1`
  return lines(
    section(`package ${number}`),
    args.state === 'latest' && !isFile
      ? sh`if ${query}; then
  "$tool" -q ${options(args)} ${kinds(args)} check-update -- ${spec} >/dev/null 2>&1
  case $? in 100) echo old ;; *) echo installed ;; esac
fi`
      : sh`if ${query}; then echo installed; fi`,
  )
}

function lookAtAll(args: Args): Script {
  return lines(
    section('all'),
    isAbsent(args)
      ? sh`"$tool" --assumeno ${options(args)} autoremove 2>/dev/null | sed -n 's/^Remove  *\([0-9]*\) .*/\1 to remove/p'`
      : sh`"$tool" -q ${options(args)} ${kinds(args)} check-update 2>/dev/null | awk 'NF == 3 && $2 ~ /[0-9]/ { print $1, $2 }'`,
  )
}

function kinds({ security, bugfix }: Args): readonly string[] {
  return [...(security ? ['--security'] : []), ...(bugfix ? ['--bugfix'] : [])]
}

function options(args: Args): readonly string[] | Script {
  const words = [
    ...args.disablerepo.map(repo => `--disablerepo=${repo}`),
    ...args.enablerepo.map(repo => `--enablerepo=${repo}`),
    ...args.exclude.map(name => `--exclude=${name}`),
    ...args.disable_plugin.map(name => `--disableplugin=${name}`),
    ...args.enable_plugin.map(name => `--enableplugin=${name}`),
    ...(args.conf_file === undefined ? [] : ['-c', args.conf_file]),
    ...(args.releasever === undefined ? [] : [`--releasever=${args.releasever}`]),
    ...(args.installroot === '/' ? [] : [`--installroot=${args.installroot}`]),
    ...(args.disable_excludes === undefined ? [] : [`--disableexcludes=${args.disable_excludes}`]),
    ...(args.disable_gpg_check ? ['--nogpgcheck'] : []),
    ...(args.skip_broken ? ['--skip-broken'] : []),
    ...(args.allowerasing ? ['--allowerasing'] : []),
    ...(args.best ? ['--best'] : []),
    ...(args.nobest ? ['--nobest'] : []),
    ...(args.cacheonly ? ['--cacheonly'] : []),
    ...(args.install_weak_deps ? [] : ['--setopt=install_weak_deps=False']),
    ...(args.sslverify ? [] : ['--setopt=sslverify=False']),
  ]
  return words.length === 0 ? script('') : words
}
