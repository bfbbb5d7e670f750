import type { ArgsOf } from '../../schema/arguments.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { type Asked, asked } from './apt-look.ts'

export const aptArgs = {
  name: {
    type: 'list',
    elements: 'str',
    aliases: ['package', 'pkg'],
    doc: 'Packages, each perhaps with a version (`nginx=1.22*`) or as a pattern (`python3-*`). `*` with `state: latest` upgrades all.',
  },
  state: {
    type: 'str',
    choices: ['present', 'latest', 'absent', 'build-dep', 'fixed'],
    default: 'present',
    doc: 'What is wanted; `fixed` mends broken dependencies, `build-dep` installs what is needed to build.',
  },
  update_cache: { type: 'bool', aliases: ['update-cache'], doc: 'Fetches the package lists first.' },
  update_cache_retries: { type: 'int', default: 5, doc: 'How often fetching the lists is tried.' },
  update_cache_retry_max_delay: { type: 'int', default: 12, doc: 'Longest pause between two tries, in seconds.' },
  cache_valid_time: {
    type: 'int',
    default: 0,
    doc: 'Lists younger than this many seconds are not fetched again. Implies `update_cache`.',
  },
  upgrade: {
    type: 'str',
    choices: ['no', 'yes', 'safe', 'full', 'dist', 'False', 'True'],
    default: 'no',
    doc: 'Upgrades all packages: `yes` and `safe` remove none, `dist` and `full` may.',
  },
  install_recommends: {
    type: 'bool',
    aliases: ['install-recommends'],
    doc: 'Whether recommended packages come too; as the host is set up when not given.',
  },
  default_release: {
    type: 'str',
    aliases: ['default-release'],
    doc: 'The release to take packages from (`bookworm-backports`).',
  },
  autoremove: { type: 'bool', default: false, doc: 'Removes packages that nothing needs any more.' },
  autoclean: { type: 'bool', default: false, doc: 'Removes old package files from the cache.' },
  clean: { type: 'bool', default: false, doc: 'Removes all package files from the cache.' },
  purge: { type: 'bool', default: false, doc: 'Removes configuration files with the packages.' },
  force: {
    type: 'bool',
    default: false,
    doc: 'Lets apt do what it warns of: downgrades, removal of essential and held packages, packages without a signature.',
  },
  allow_unauthenticated: {
    type: 'bool',
    default: false,
    aliases: ['allow-unauthenticated'],
    doc: 'Takes packages without a valid signature.',
  },
  allow_downgrade: {
    type: 'bool',
    default: false,
    aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
    doc: 'Installs an older version over a newer one.',
  },
  allow_change_held_packages: { type: 'bool', default: false, doc: 'Changes packages that are on hold.' },
  only_upgrade: { type: 'bool', default: false, doc: 'Upgrades what is installed and installs nothing new.' },
  dpkg_options: { type: 'str', default: 'force-confdef,force-confold', doc: 'Options for dpkg, by comma.' },
  deb: { type: 'path', doc: 'A package file on the host, or its URL.' },
  lock_timeout: {
    type: 'int',
    default: 300,
    doc: 'Seconds to wait for another program that holds the locks of dpkg or apt.',
  },
  policy_rc_d: {
    type: 'int',
    doc: 'Exit status of `/usr/sbin/policy-rc.d` meanwhile; 101 keeps services from being started.',
  },
  fail_on_autoremove: { type: 'bool', default: false, doc: 'Fails rather than remove a package on the way.' },
  force_apt_get: { type: 'bool', default: false, doc: 'Uses apt-get for upgrades.', ignored: 'apt-get is used always' },
} as const

export type AptArgs = ArgsOf<typeof aptArgs>

export function packagesOf({ name, state }: AptArgs): readonly Asked[] {
  if (state === 'build-dep' || state === 'fixed') return []
  return (name ?? [])
    .map(n => n.trim())
    .filter(n => n !== '' && n !== '*')
    .map(asked)
}

export function upgradeOf(args: Partial<AptArgs>): 'upgrade' | 'dist-upgrade' | undefined {
  if (args.name?.includes('*') && args.state === 'latest') return 'dist-upgrade'
  switch (args.upgrade) {
    case 'yes':
    case 'True':
    case 'safe':
      return 'upgrade'
    case 'full':
    case 'dist':
      return 'dist-upgrade'
    default:
      return undefined
  }
}

/**
 * The commands that bring what is wanted, after `aptPrelude`. `install` are the packages to install: those that are there as
 * wanted are left out, as apt-get would upgrade them.
 */
export function commands(args: AptArgs, install: readonly string[]): Script[] {
  const all: Script[] = []
  const upgrade = upgradeOf(args)
  const common = options(args)
  if (upgrade !== undefined) all.push(sh`apt ${common} ${withNew(upgrade)} ${upgrade}`)
  if (args.state === 'fixed') all.push(sh`apt ${common} -f install`)
  if (args.state === 'build-dep') all.push(sh`apt ${common} build-dep -- ${args.name ?? []}`)
  if (install.length > 0) all.push(sh`apt ${common} ${args.state === 'absent' ? 'remove' : 'install'} -- ${install}`)
  if (args.deb !== undefined) all.push(installFile(args.deb, common))
  if (args.autoremove && (args.name ?? []).length === 0 && args.deb === undefined)
    all.push(sh`apt ${common} autoremove`)
  if (args.autoclean) all.push(sh`apt autoclean`)
  if (args.clean) all.push(sh`apt clean`)
  return all
}

/**
 * What stands before the commands: `apt`, which runs apt-get and, where it fails, puts its error line before all else that was
 * said on stderr; and what is cleared away at the end.
 */
export function aptPrelude({ policy_rc_d: status }: AptArgs): Script {
  return lines(
    sh`
errors=$(mktemp) || exit
deb=
policy=
cleanup() {
  rm -rf -- "$errors" $deb
  [ -z "$policy" ] || { rm -f "$policy"; [ ! -e "$policy.mlops" ] || mv -f "$policy.mlops" "$policy"; }
}
trap cleanup EXIT
trap 'exit 143' INT TERM HUP
apt() {
  apt-get -y -q "$@" 2>"$errors" && { cat "$errors" >&2; return 0; }
  status=$?
  grep '^E: ' "$errors" >&2
  grep -v '^E: ' "$errors" >&2
  exit "$status"
}`,
    status === undefined
      ? undefined
      : sh`
[ ! -e /usr/sbin/policy-rc.d ] || mv -f /usr/sbin/policy-rc.d /usr/sbin/policy-rc.d.mlops || exit
policy=/usr/sbin/policy-rc.d
printf '#!/bin/sh\nexit %s\n' ${status} >"$policy" && chmod 755 "$policy" || exit`,
  )
}

/** apt-get takes a file only by a path with a slash; dependencies come with it. */
function installFile(deb: string, common: readonly string[]): Script {
  if (!isUrl(deb)) return sh`apt ${common} install -- ${deb.startsWith('/') ? deb : `./${deb}`}`
  return sh`
deb=$(mktemp -d) && chmod 755 "$deb" || exit
if command -v curl >/dev/null; then curl -fsSL --retry 2 -o "$deb/package.deb" -- ${deb}
elif command -v wget >/dev/null; then wget -q -O "$deb/package.deb" -- ${deb}
else echo 'neither curl nor wget is on this host to fetch the package file' >&2; exit 127
fi || { printf 'the package file cannot be fetched from %s\n' ${deb} >&2; exit 1; }
apt ${common} install -- "$deb/package.deb"`
}

export function options(args: AptArgs): readonly string[] {
  const dpkg = args.dpkg_options
    .split(',')
    .map(o => o.trim())
    .filter(o => o !== '')
  return [
    ...dpkg.flatMap(o => ['-o', `Dpkg::Options::=--${o.replace(/^--/, '')}`]),
    '-o',
    `DPkg::Lock::Timeout=${args.lock_timeout}`,
    ...(args.install_recommends === undefined
      ? []
      : ['-o', `APT::Install-Recommends=${args.install_recommends ? 'yes' : 'no'}`]),
    ...(args.default_release === undefined ? [] : ['-t', args.default_release]),
    ...(args.allow_unauthenticated || args.force ? ['--allow-unauthenticated'] : []),
    ...(args.allow_downgrade || args.force ? ['--allow-downgrades'] : []),
    ...(args.allow_change_held_packages || args.force ? ['--allow-change-held-packages'] : []),
    ...(args.force ? ['--allow-remove-essential'] : []),
    ...(args.only_upgrade ? ['--only-upgrade'] : []),
    ...(args.fail_on_autoremove ? ['--no-remove'] : []),
    ...(args.purge ? ['--purge'] : []),
    ...(args.autoremove ? ['--auto-remove'] : []),
  ]
}

export function withNew(upgrade: 'upgrade' | 'dist-upgrade'): readonly string[] {
  return upgrade === 'upgrade' ? ['--with-new-pkgs'] : []
}

export function isUrl(path: string): boolean {
  return /^(https?|ftp):\/\//.test(path)
}
