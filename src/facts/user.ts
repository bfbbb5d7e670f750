import { sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** The user that the facts were gathered as. */
export const user: Fact = {
  subset: 'min',
  topics: ['user'],
  look: sh`
id=$(id)
printf '%s\n' "$id"
uid=\${id#uid=}; uid=\${uid%%[!0-9]*}
found=
while IFS= read -r line; do
  rest=\${line#*:*:}
  if [ "\${rest%%:*}" = "$uid" ]; then found=$line; break; fi
done </etc/passwd
[ -n "$found" ] || found=$(getent passwd "$uid")
printf '%s\n' "$found"`,
  read({ stdout }) {
    const [id = '', line = ''] = stdout.split('\n')
    const uid = Number(/uid=(\d+)/.exec(id)?.[1] ?? 0)
    const gid = Number(/gid=(\d+)/.exec(id)?.[1] ?? 0)
    const [name, , , , gecos, dir, shell] = line.split(':')
    return {
      user_id: name || (/uid=\d+\(([^)]*)\)/.exec(id)?.[1] ?? String(uid)),
      user_uid: uid,
      user_gid: gid,
      user_gecos: gecos ?? '',
      user_dir: dir ?? '',
      user_shell: shell ?? '',
      real_user_id: uid,
      effective_user_id: uid,
      real_group_id: gid,
      effective_group_id: gid,
    }
  },
}
