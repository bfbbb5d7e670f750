import type { ArgTable } from '../../schema/arguments.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'

/** How a cluster is reached. */
export const kubernetesArgs = {
  kubeconfig: { type: 'path', doc: 'File on the host with clusters and users; kubectl’s own when not given.' },
  context: { type: 'str', doc: 'The context of that file.' },
  host: { type: 'str', doc: 'Address of the cluster, with `api_key`.' },
  api_key: { type: 'str', secret: true, doc: 'Token to log in with.' },
  validate_certs: { type: 'bool', default: true, aliases: ['verify_ssl'], doc: 'Checks the cluster’s certificate.' },
  ca_cert: { type: 'path', aliases: ['ssl_ca_cert'], doc: 'Authority of that certificate, on the host.' },
  client_cert: { type: 'path', aliases: ['cert_file'], doc: 'Own certificate, on the host.' },
  client_key: { type: 'path', aliases: ['key_file'], doc: 'Key of it.' },
  username: { type: 'str', doc: 'Who logs in.', unsupported: 'clusters take no passwords any more; use `api_key`' },
  password: {
    type: 'str',
    secret: true,
    doc: 'The password.',
    unsupported: 'clusters take no passwords any more; use `api_key`',
  },
  proxy: { type: 'str', doc: 'A proxy.', unsupported: 'set HTTPS_PROXY in the environment of the task' },
  no_proxy: {
    type: 'str',
    doc: 'Where no proxy is asked.',
    unsupported: 'set NO_PROXY in the environment of the task',
  },
  proxy_headers: { type: 'dict', doc: 'Headers for a proxy.', unsupported: 'kubectl sends none' },
  persist_config: { type: 'bool', doc: 'Keeps tokens that were renewed.', ignored: 'kubectl keeps them' },
  impersonate_groups: { type: 'list', elements: 'str', doc: 'Groups to act as.', unsupported: 'not known here yet' },
  impersonate_user: { type: 'str', doc: 'Whom to act as.', unsupported: 'not known here yet' },
} as const satisfies ArgTable

interface Cluster {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly host?: string | undefined
  readonly api_key?: string | undefined
  readonly validate_certs: boolean
  readonly ca_cert?: string | undefined
  readonly client_cert?: string | undefined
  readonly client_key?: string | undefined
}

/** Says which cluster is meant. A token stands in a file that only the user can read, never on a command line. */
export function kubernetesReady(cluster: Cluster): Script {
  const { kubeconfig, context, host } = cluster
  return lines(
    sh`command -v kubectl >/dev/null || { echo 'kubectl is not on this host' >&2; exit 127; }
export LC_ALL=C`,
    kubeconfig !== undefined && sh`export KUBECONFIG=${pathWord(kubeconfig)}`,
    host !== undefined &&
      sh`config=$(mktemp) || exit
trap 'rm -f -- "$config"' EXIT
printf '%s\n' ${JSON.stringify(configOf(host, cluster))} >"$config" || exit
export KUBECONFIG="$config"`,
    context !== undefined && host === undefined && sh`kubectl() { command kubectl --context ${context} "$@"; }`,
  )
}

function configOf(host: string, cluster: Cluster): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'here' } }],
    clusters: [
      {
        name: 'here',
        cluster: {
          server: host,
          ...(cluster.validate_certs ? {} : { 'insecure-skip-tls-verify': true }),
          ...(cluster.ca_cert === undefined ? {} : { 'certificate-authority': cluster.ca_cert }),
        },
      },
    ],
    users: [
      {
        name: 'here',
        user: {
          ...(cluster.api_key === undefined ? {} : { token: cluster.api_key }),
          ...(cluster.client_cert === undefined ? {} : { 'client-certificate': cluster.client_cert }),
          ...(cluster.client_key === undefined ? {} : { 'client-key': cluster.client_key }),
        },
      },
    ],
  }
}
