import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { type Script, sh } from '../../shell/sh.ts'
import { ModuleFailure } from '../module.ts'

const cli = 'the docker command on the host is used, with its own settings'

/** Arguments of every module that talks to an engine. */
export const dockerArgs = {
  docker_host: {
    type: 'str',
    aliases: ['docker_url'],
    doc: 'The engine, such as `unix:///run/docker.sock`; the host’s own when not given.',
  },
  api_version: { type: 'str', aliases: ['docker_api_version'], doc: 'Version of the engine’s API.', ignored: cli },
  timeout: { type: 'int', doc: 'Seconds for an answer of the engine.', ignored: cli },
  debug: { type: 'bool', default: false, doc: 'More about each step.', ignored: 'raise the verbosity of the run' },
  tls: { type: 'bool', doc: 'Talks over TLS.', unsupported: cli },
  validate_certs: { type: 'bool', aliases: ['tls_verify'], doc: 'Checks the engine’s certificate.', unsupported: cli },
  ca_path: {
    type: 'path',
    aliases: ['ca_cert', 'cacert_path', 'tls_ca_cert'],
    doc: 'Authority of that certificate.',
    unsupported: cli,
  },
  client_cert: { type: 'path', aliases: ['cert_path', 'tls_client_cert'], doc: 'Own certificate.', unsupported: cli },
  client_key: { type: 'path', aliases: ['key_path', 'tls_client_key'], doc: 'Key of it.', unsupported: cli },
  tls_hostname: { type: 'str', doc: 'The name in that certificate.', unsupported: cli },
  ssl_version: { type: 'str', doc: 'The version of TLS.', ignored: cli },
  use_ssh_client: { type: 'bool', default: false, doc: 'Reaches an engine over ssh with its program.', ignored: cli },
} as const satisfies ArgTable

/** Says which engine is meant, and stops with a clear text when there is none. */
export function dockerReady({ docker_host: host }: { readonly docker_host?: string | undefined }): Script {
  return sh`
export LC_ALL=C
${host === undefined ? sh`:` : sh`export DOCKER_HOST=${host}`}
command -v docker >/dev/null || { echo 'docker is not on this host' >&2; exit 127; }
docker version --format '{{.Server.Version}}' >/dev/null || exit 125`
}

/**
 * Defines `run`, which shows all that a command says as it says it and, where it fails, ends the script with its status and
 * its last line: docker and compose begin with warnings.
 */
export const runDocker: Script = sh`
said=$(mktemp) || exit
trap 'rm -f -- "$said" "$said.status"' EXIT
run() {
  { "$@" 2>&1; echo $? >"$said.status"; } | tee "$said"
  read -r status <"$said.status"
  [ "$status" -eq 0 ] || { grep . "$said" | tail -n 1 >&2; exit "$status"; }
}`

/**
 * Whether the look found an engine. In a check it may be missing, as an earlier task would have installed it.
 * Throws `ModuleFailure` otherwise.
 */
export function engineAnswers({ status, stderr }: ScriptResult, checkMode: boolean): boolean {
  if (status === 0) return true
  if (checkMode && (status === 127 || status === 125 || status === 126)) return false
  throw new ModuleFailure(stderr.trim().split('\n').at(-1) || 'the engine of this host does not answer', {
    rc: status,
    stderr,
  })
}
