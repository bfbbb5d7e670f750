import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { type Script, sh } from '../../shell/sh.ts'
import { ModuleFailure } from '../module.ts'

/** Arguments of modules that work through semanage. */
export const selinuxArgs = {
  reload: { type: 'bool', default: true, doc: 'Has the policy loaded anew.' },
  ignore_selinux_state: { type: 'bool', default: false, doc: 'Works where SELinux is not in force, too.' },
} as const satisfies ArgTable

interface SelinuxArgs {
  readonly ignore_selinux_state: boolean
}

/** Stops where there is no semanage, or no SELinux in force. */
export function selinuxReady({ ignore_selinux_state: anyway }: SelinuxArgs): Script {
  return sh`PATH=$PATH:/sbin:/usr/sbin; LC_ALL=C; export LC_ALL
${anyway ? sh`:` : sh`selinuxenabled 2>/dev/null || { echo 'SELinux is disabled on this host.' >&2; exit 3; }`}
command -v semanage >/dev/null 2>&1 || { echo 'semanage is not on this host (package policycoreutils-python-utils)' >&2; exit 127; }`
}

/** What semanage printed. Throws what is wrong. */
export function selinuxAnswers({ status, stdout, stderr }: ScriptResult): string {
  if (status === 0) return stdout
  throw new ModuleFailure(stderr.trim().split('\n').at(-1) || `semanage ended with ${status}`, { rc: status })
}
