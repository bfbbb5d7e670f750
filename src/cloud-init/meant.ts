/** Keys that instructions on the net use and cloud-init never knew, or knows elsewhere only, and what they mean. */
const MEANT: Readonly<Record<string, string>> = {
  byobu_default: 'byobu_by_default',
  home: 'homedir',
  home_dir: 'homedir',
  comment: 'gecos',
  ssh_keys: 'ssh_authorized_keys',
  authorized_keys: 'ssh_authorized_keys',
  ssh_authorized_key: 'ssh_authorized_keys',
  password: 'passwd',
  mode: 'permissions',
  dest: 'path',
  update_packages: 'package_update',
  upgrade_packages: 'package_upgrade',
  package: 'packages',
  group: 'groups',
  run_cmd: 'runcmd',
  commands: 'runcmd',
  files: 'write_files',
}

/** The key of `known` that an unknown one is known to mean. */
export function meantKey(key: string, known: readonly string[]): string | undefined {
  const meant = MEANT[key]
  return meant !== undefined && known.includes(meant) ? meant : undefined
}
