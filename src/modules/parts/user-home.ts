import { type Script, sh } from '../../shell/sh.ts'
import { ModuleFailure } from '../module.ts'
import { entry } from './accounts.ts'
import type { UserArgs } from './user-args.ts'

/** Sets `account` to the user's line of accounts, which is empty for one who is not there, and `home` to the folder in it. */
export function homeOf(name: string): Script {
  return sh`
account=$(${entry('passwd', name)})
line=\${account%:*}; home=\${line##*:}`
}

/** Makes the home folder of a user who has none. */
export function makeHome(args: UserArgs): Script {
  return sh`${homeOf(args.name)}
if [ ! -d "$home" ]; then
  mkdir -p -- "$home" && cp -R ${args.skeleton ?? '/etc/skel'}/. "$home" 2>/dev/null
  chmod ${args.umask === undefined ? '0755' : (0o777 & ~Number.parseInt(args.umask, 8)).toString(8)} -- "$home" && chown -R ${`${args.name}:`} -- "$home" || exit
fi`
}

/** Makes the user's own key pair. */
export function makeKey(args: UserArgs): Script {
  return sh`
command -v ssh-keygen >/dev/null || { echo 'ssh-keygen is not on this host' >&2; exit 127; }
${homeOf(args.name)}
key=$home/${keyFile(args)}
folder=\${key%/*}
[ -d "$folder" ] || { mkdir -p -- "$folder" && chmod 700 -- "$folder" && chown ${`${args.name}:`} -- "$folder"; } || exit
ssh-keygen -q -t ${args.ssh_key_type} ${args.ssh_key_bits === undefined ? [] : ['-b', String(args.ssh_key_bits)]} -C ${args.ssh_key_comment} -N '' -f "$key" </dev/null && chown ${`${args.name}:`} -- "$key" "$key.pub" || exit`
}

/** The file of the user's key, from the home folder on. */
export function keyFile(args: UserArgs): string {
  if (args.ssh_key_file?.startsWith('/')) throw new ModuleFailure('`ssh_key_file` is a path from the home folder on')
  return args.ssh_key_file ?? `.ssh/id_${args.ssh_key_type}`
}
