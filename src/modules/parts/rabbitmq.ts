import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { ModuleFailure } from '../module.ts'

const cli = 'rabbitmqctl on the host is used'

/** Arguments of modules that work through `rabbitmqctl`. */
export const brokerArgs = {
  node: { type: 'str', default: 'rabbit', doc: 'The broker’s node; the host’s own when it is `rabbit`.' },
  login_host: { type: 'str', doc: 'Host of the management API.', unsupported: cli },
  login_port: { type: 'str', doc: 'Port of the management API.', ignored: cli },
  login_protocol: { type: 'str', choices: ['http', 'https'], doc: 'How to talk to it.', ignored: cli },
  login_user: { type: 'str', doc: 'Who logs in to it.', unsupported: cli },
  login_password: { type: 'str', secret: true, doc: 'The password for it.', unsupported: cli },
} as const satisfies ArgTable

/** Defines `ctl`, which asks the broker of the host. */
export function brokerReady({ node }: { readonly node: string }): Script {
  return sh`
command -v rabbitmqctl >/dev/null || { echo 'rabbitmqctl is not on this host' >&2; exit 127; }
ctl() { rabbitmqctl --quiet ${node === 'rabbit' ? [] : ['--node', node]} "$@"; }`
}

/** Steps one after the other, each of which has to succeed. */
export function steps(...scripts: readonly (Script | undefined | false)[]): Script {
  return lines(...scripts.filter(each => each !== undefined && each !== false).map(each => sh`${each} || exit`))
}

/** Throws what the broker said. In a check there may be no broker yet: false. */
export function brokerAnswers({ status, stdout, stderr }: ScriptResult, checkMode: boolean): boolean {
  if (status === 0) return true
  if (checkMode && (status === 127 || status === 69 || status === 75)) return false
  const said = `${stderr}\n${stdout}`.split('\n').map(line => line.trim())
  throw new ModuleFailure(
    said.find(line => /error/i.test(line)) ?? said.find(line => line !== '') ?? `rabbitmqctl ended with ${status}`,
    {
      rc: status,
      stderr,
    },
  )
}

/** What `--formatter json` printed: a list, on one line or over several. */
export function table(text: string | undefined): readonly Readonly<Record<string, unknown>>[] {
  const start = (text ?? '').indexOf('[')
  if (text === undefined || start < 0) return []
  return JSON.parse(text.slice(start, text.lastIndexOf(']') + 1)) as Record<string, unknown>[] // objects, by rabbitmqctl(8)
}
