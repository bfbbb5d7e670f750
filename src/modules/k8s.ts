import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure, type Plain } from './module.ts'
import { listAt, textAt } from './parts/json-path.ts'
import { kubernetesArgs, kubernetesReady } from './parts/kubernetes.ts'

const table = {
  definition: {
    type: 'raw',
    aliases: ['resource_definition', 'inline'],
    doc: 'The objects: a mapping, a list of mappings, or YAML as text.',
  },
  src: { type: 'path', doc: 'A file on the host that holds them.' },
  template: {
    type: 'raw',
    doc: 'A template of them.',
    unsupported: 'use `definition: "{{ lookup(\'template\', …) }}"`',
  },
  state: {
    type: 'str',
    choices: ['absent', 'present', 'patched'],
    default: 'present',
    doc: 'Whether they are there; `patched` changes only what is there.',
  },
  kind: { type: 'str', doc: 'Kind of an object that has no definition.' },
  api_version: { type: 'str', default: 'v1', aliases: ['api', 'version'], doc: 'Version of its API.' },
  name: { type: 'str', doc: 'Its name.' },
  namespace: { type: 'str', doc: 'The namespace of objects that do not name one.' },
  label_selectors: {
    type: 'list',
    elements: 'str',
    default: [],
    doc: 'With `state: absent` and `kind`: all objects with these labels.',
  },
  force: { type: 'bool', default: false, doc: 'Removes and makes again what differs.' },
  apply: { type: 'bool', default: false, doc: 'Merges as kubectl does.', ignored: 'this is always so' },
  server_side_apply: { type: 'dict', doc: 'Merges on the server: `field_manager`, `force_conflicts`.' },
  merge_type: {
    type: 'list',
    elements: 'str',
    doc: 'Kinds of merging.',
    ignored: 'objects are merged as `kubectl apply` does',
  },
  wait: { type: 'bool', default: false, doc: 'Waits until the objects are as wanted.' },
  wait_timeout: { type: 'int', default: 120, doc: 'Longest wait, in seconds.' },
  wait_sleep: { type: 'int', default: 5, doc: 'Seconds between two looks.', ignored: 'kubectl is told of changes' },
  wait_condition: { type: 'dict', doc: 'The condition to wait for: `type`, `status`.' },
  validate: { type: 'dict', doc: 'How objects are checked.', ignored: 'kubectl checks them' },
  append_hash: { type: 'bool', default: false, doc: 'Adds a hash to names.', unsupported: 'name the objects yourself' },
  generate_name: { type: 'str', doc: 'Beginning of a name.', unsupported: 'name the objects yourself' },
  delete_options: { type: 'dict', doc: 'How objects are removed.', unsupported: 'kubectl’s own way is used' },
  continue_on_error: {
    type: 'bool',
    default: false,
    doc: 'Goes on after an error.',
    ignored: 'kubectl goes on with the other objects',
  },
  ...kubernetesArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type ObjectsState = {
  /** Whether the cluster would change nothing. */
  readonly asWanted?: boolean
  readonly objects: readonly Plain[]
}

export const k8s = defineState({
  summary: 'Makes, changes and removes objects of Kubernetes.',
  details:
    'Works through `kubectl` on the host. Whether something differs is asked of the cluster itself (`kubectl diff`), so that defaults and quantities are no differences. Tried with kubectl against a small imitation of a cluster’s API, not against a real cluster.',
  args: table,
  examples: `
- name: A namespace
  kubernetes.core.k8s:
    api_version: v1
    kind: Namespace
    name: predictor
- k8s:
    namespace: predictor
    definition:
      apiVersion: v1
      kind: ConfigMap
      metadata: { name: settings }
      data: { MODEL: "7" }
- k8s:
    src: /srv/app/deployment.yml
    state: present
    wait: true
`,
  returnDocs: {
    result: 'The object, or `results` of several.',
  },
  check(args) {
    const ways = [args.definition, args.src].filter(way => way !== undefined).length
    if ((args.label_selectors ?? []).length > 0 && args.state !== 'absent')
      return ['`label_selectors` are for `state: absent`']
    if (ways > 1) return ['`definition` and `src` exclude each other']
    if (ways === 0 && args.kind === undefined) return ['one of `definition`, `src` and `kind` is needed']
    if (ways === 0 && args.name === undefined && (args.label_selectors ?? []).length === 0)
      return ['`name` is needed with `kind`']
    return []
  },
  look: args =>
    lines(
      kubernetesReady(args),
      section('objects'),
      sh`${onObjects(args, sh`get --ignore-not-found -o json`)} || exit`,
      args.state !== 'absent' &&
        lines(
          section('diff'),
          onObjects(args, sh`diff ${applyWords(args)}`),
          sh`status=$?`,
          section('status'),
          sh`echo "$status"`,
        ),
    ),
  read(output, args, { checkMode }): ObjectsState | undefined {
    if (output.status !== 0) {
      if (checkMode && output.status === 127) return undefined
      throw new ModuleFailure(output.stderr.trim().split('\n')[0] || `kubectl ended with ${output.status}`, {
        rc: output.status,
      })
    }
    const parts = sections(output.stdout)
    const objects = objectsIn(parts.get('objects') ?? '')
    if (args.state === 'absent') return objects.length === 0 ? undefined : { objects }
    const status = Number(parts.get('status') ?? 0)
    // An object that is not there yet, in a namespace that is not there yet, cannot be compared.
    if (status > 1 && objects.length > 0)
      throw new ModuleFailure(output.stderr.trim().split('\n').at(-1) ?? '', { rc: status })
    return { objects, asWanted: status === 0 }
  },
  want(args, state): Partial<ObjectsState> | undefined {
    if (args.state === 'absent') return undefined
    if (args.state === 'patched' && state !== undefined && state.objects.length === 0) {
      throw new ModuleFailure('there is nothing to patch: the objects are not there')
    }
    return { asWanted: true }
  },
  change(args, { to }) {
    const limit = [`--timeout=${args.wait_timeout}s`]
    const all = onObjects(args, sh`get -o json`)
    return {
      script: lines(
        kubernetesReady(args),
        to === undefined
          ? sh`${onObjects(args, sh`delete --ignore-not-found --wait=${args.wait} ${args.wait ? limit : []}`)} || exit`
          : sh`${onObjects(args, args.force ? sh`replace --force` : sh`apply ${applyWords(args)}`)} || exit`,
        to !== undefined && args.wait && waiting(args, limit),
        section('after'),
        to === undefined ? sh`:` : all,
      ),
    }
  },
  diff: (_, { from, to }) => ({
    before: `${JSON.stringify(from?.objects ?? [], null, 1)}\n`,
    after: to === undefined ? '[]\n' : 'as wanted\n',
  }),
  returns({ state }, { to, output }) {
    const after = output === undefined ? undefined : objectsIn(sections(output.stdout).get('after') ?? '')
    const objects = state === 'absent' ? [] : (after ?? to?.objects ?? [])
    return { result: objects.length > 1 ? { results: objects } : (objects[0] ?? {}) }
  },
})

/** The objects of what kubectl printed: one, a list of them, or nothing. */
function objectsIn(text: string): readonly Plain[] {
  if (text.trim() === '') return []
  const found: unknown = JSON.parse(text)
  const items = textAt(found, 'kind') === 'List' ? listAt(found, 'items') : [found]
  return items as Plain[] // JSON of the cluster
}

/** The words of a kubectl command with the objects that are meant; definitions come through standard input, as they may be secret. */
function onObjects(args: Args, command: Script): Script {
  const where = args.namespace === undefined ? [] : ['--namespace', args.namespace]
  if (args.src !== undefined) return sh`kubectl ${where} ${command} --filename ${pathWord(args.src)}`
  if (args.definition === undefined && args.label_selectors.length > 0) {
    return sh`kubectl ${where} ${command} ${args.kind ?? ''} --selector ${args.label_selectors.join(',')}`
  }
  return sh`printf '%s\n' ${written(args)} | kubectl ${where} ${command} --filename -`
}

/** JSON is YAML too. */
function written({ definition, kind, api_version, name, namespace }: Args): string {
  if (typeof definition === 'string') return definition
  if (Array.isArray(definition)) return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: definition })
  if (definition !== undefined) return JSON.stringify(definition)
  return JSON.stringify({
    apiVersion: api_version,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  })
}

function applyWords({ server_side_apply: server }: Args): string[] {
  if (server === undefined) return []
  return [
    '--server-side',
    ...(server.field_manager ? [`--field-manager=${String(server.field_manager)}`] : []),
    ...(server.force_conflicts === true ? ['--force-conflicts'] : []),
  ]
}

/** Deployments and their like are waited for as a rollout, pods until they are ready, others not at all, unless a condition is named. */
function waiting(args: Args, limit: readonly string[]): Script {
  const condition = args.wait_condition
  if (condition?.type !== undefined) {
    const status = condition.status === undefined ? 'True' : String(condition.status)
    return sh`${onObjects(args, sh`wait ${`--for=condition=${String(condition.type)}=${status}`} ${limit}`)} || exit`
  }
  const where = args.namespace === undefined ? sh`` : sh`--namespace ${args.namespace}`
  return sh`${onObjects(args, sh`get -o ${"jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.namespace}{'\\n'}{end}{.kind}/{.metadata.name} {.metadata.namespace}{'\\n'}"}`)} | while read -r object namespace; do
  case $object in
    Deployment/* | StatefulSet/* | DaemonSet/*) kubectl ${where} \${namespace:+--namespace "$namespace"} rollout status "$object" ${limit} || exit ;;
    Pod/*) kubectl ${where} \${namespace:+--namespace "$namespace"} wait --for=condition=Ready "$object" ${limit} || exit ;;
  esac
done || exit`
}
