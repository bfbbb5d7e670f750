import { type Script, sh } from '../../shell/sh.ts'

/** Prints the line of /etc/passwd, group or shadow that begins with `name`, other sources of accounts included where there is getent. */
export function entry(database: 'passwd' | 'group' | 'shadow', name: string): Script {
  return sh`
if command -v getent >/dev/null; then getent ${database} ${name}; else
  # awk reads escapes in -v values, so the name comes by the environment.
  ENTRY=${name} awk -F : '$1 == ENVIRON["ENTRY"]' ${`/etc/${database}`} 2>/dev/null
fi || :`
}
