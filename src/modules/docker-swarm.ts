import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure, type Plain } from './module.ts'
import { nanoseconds, texts } from './parts/container-values.ts'
import { dockerArgs, dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { firstOf, numberAt, recordAt, textAt } from './parts/json-path.ts'

const table = {
  state: {
    type: 'str',
    choices: ['present', 'join', 'absent', 'remove'],
    default: 'present',
    doc: '`present` makes a swarm, `join` joins one, `absent` leaves it, `remove` takes another host out of it.',
  },
  advertise_addr: { type: 'str', doc: 'The address that other hosts reach this one at.' },
  listen_addr: { type: 'str', default: '0.0.0.0:2377', doc: 'The address that is listened on.' },
  data_path_addr: { type: 'str', doc: 'The address for the traffic of containers.' },
  data_path_port: { type: 'int', doc: 'Its port.' },
  default_addr_pool: { type: 'list', elements: 'str', doc: 'Address ranges for networks.' },
  subnet_size: { type: 'int', doc: 'Size of a network out of them.' },
  join_token: { type: 'str', secret: true, doc: 'The token for `join`.' },
  remote_addrs: { type: 'list', elements: 'str', doc: 'Managers of the swarm that is joined.' },
  node_id: { type: 'str', doc: 'The host for `remove`.' },
  force: { type: 'bool', default: false, doc: 'Makes a new swarm; leaves or removes although something is lost.' },
  name: { type: 'str', doc: 'Name of the swarm.', unsupported: 'every swarm is named `default`' },
  labels: { type: 'dict', doc: 'Labels of the swarm.', unsupported: 'docker’s command line has no labels of a swarm' },
  task_history_retention_limit: { type: 'int', doc: 'How many ended tasks are remembered.' },
  snapshot_interval: { type: 'int', doc: 'Entries of the log between two snapshots.' },
  keep_old_snapshots: { type: 'int', doc: 'How many older snapshots are kept.' },
  dispatcher_heartbeat_period: { type: 'str', doc: 'Time between two signs of life, such as `5s`.' },
  node_cert_expiry: { type: 'str', doc: 'How long certificates hold, such as `720h`.' },
  autolock_managers: { type: 'bool', doc: 'Whether managers have to be unlocked after a start.' },
  election_tick: {
    type: 'int',
    doc: 'Patience of an election.',
    unsupported: 'docker’s command line has no such option',
  },
  heartbeat_tick: { type: 'int', doc: 'Beats of managers.', unsupported: 'docker’s command line has no such option' },
  log_entries_for_slow_followers: {
    type: 'int',
    doc: 'Kept entries.',
    unsupported: 'docker’s command line has no such option',
  },
  signing_ca_cert: { type: 'str', doc: 'Own authority.', unsupported: 'use `command: docker swarm ca`' },
  signing_ca_key: { type: 'str', secret: true, doc: 'Key of it.', unsupported: 'use `command: docker swarm ca`' },
  ca_force_rotate: {
    type: 'int',
    doc: 'Renews the authority.',
    unsupported: 'use `command: docker swarm ca --rotate`',
  },
  rotate_worker_token: { type: 'bool', default: false, doc: 'Makes a new token for workers.' },
  rotate_manager_token: { type: 'bool', default: false, doc: 'Makes a new token for managers.' },
  ...dockerArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type SwarmState = {
  readonly member: boolean
  readonly node?: string
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  readonly again?: boolean
  /** Never compared. */
  readonly facts?: Plain
}

export const dockerSwarm = defineState({
  summary: 'Makes a swarm of engines, joins it, and leaves it.',
  details: 'Making, changing and leaving a swarm of one engine was tried for real; `join` and `remove` were not.',
  args: table,
  examples: `
- name: Make a swarm
  community.docker.docker_swarm:
    state: present
    advertise_addr: 192.168.1.1
  register: swarm
- docker_swarm:
    state: join
    join_token: "{{ hostvars['manager'].swarm.swarm_facts.JoinTokens.Worker }}"
    remote_addrs: ["192.168.1.1:2377"]
- docker_swarm: { state: absent, force: true }
`,
  returnDocs: {
    swarm_facts: 'What is known of the swarm: `ID`, `JoinTokens` (`Manager`, `Worker`), `UnlockKey`.',
    actions: 'What was done, in words.',
  },
  check(args) {
    if (args.state === 'join' && (args.join_token === undefined || (args.remote_addrs ?? []).length === 0))
      return ['`join_token` and `remote_addrs` are needed with `state: join`']
    return args.state === 'remove' && args.node_id === undefined ? ['`node_id` is needed with `state: remove`'] : []
  },
  look: args =>
    lines(
      dockerReady(args),
      section('swarm'),
      sh`docker info --format '[{{json .Swarm}}]' || exit`,
      args.state === 'present' && tokens,
      args.state === 'remove' &&
        lines(
          section('node'),
          sh`docker node inspect -- ${args.node_id ?? ''} --format '{{.Status.State}}' 2>/dev/null`,
        ),
      sh`:`,
    ),
  read(output, args, { checkMode }): SwarmState | undefined {
    if (!engineAnswers(output, checkMode)) return args.state === 'absent' ? undefined : { member: false }
    const parts = sections(output.stdout)
    const swarm = firstOf(parts.get('swarm'))
    const member = ['active', 'pending', 'locked'].includes(textAt(swarm, 'LocalNodeState'))
    if (args.state === 'absent') return member ? { member } : undefined
    const node = parts.get('node')?.trim()
    if (args.state === 'remove') return node ? { member, node } : undefined
    const spec = recordAt(swarm, 'Cluster.Spec')
    return {
      member,
      facts: factsIn(output.stdout),
      settings: {
        task_history_retention_limit: numberAt(spec, 'Orchestration.TaskHistoryRetentionLimit'),
        snapshot_interval: numberAt(spec, 'Raft.SnapshotInterval'),
        keep_old_snapshots: numberAt(spec, 'Raft.KeepOldSnapshots'),
        dispatcher_heartbeat_period: numberAt(spec, 'Dispatcher.HeartbeatPeriod'),
        node_cert_expiry: numberAt(spec, 'CAConfig.NodeCertExpiry'),
        autolock_managers: textAt(spec, 'EncryptionConfig.AutoLockManagers') === 'true',
      },
    }
  },
  want(args, state): Partial<SwarmState> | undefined {
    if (args.state === 'absent') return undefined
    if (args.state === 'remove') {
      if (state?.node === 'ready' && !args.force)
        throw new ModuleFailure('Can not remove the node. The status node is ready and not down.')
      return undefined
    }
    if (args.state === 'join') return { member: true }
    return {
      member: true,
      ...(state?.member ? { settings: { ...state.settings, ...asked(args) } } : {}),
      ...((args.force || args.rotate_worker_token || args.rotate_manager_token) && state?.member
        ? { again: true }
        : {}),
    }
  },
  change(args, { from, to }) {
    const option = (name: string, value: unknown) => (value === undefined ? [] : [name, String(value)])
    const reach = [
      ...option('--advertise-addr', args.advertise_addr),
      ...option('--listen-addr', args.listen_addr),
      ...option('--data-path-addr', args.data_path_addr),
    ]
    const force = args.force ? ['--force'] : []
    const begin = lines(dockerReady(args), runDocker)
    if (to === undefined) {
      return {
        script: lines(
          begin,
          args.state === 'remove'
            ? sh`run docker node rm ${force} -- ${args.node_id ?? ''}`
            : sh`run docker swarm leave ${force}`,
        ),
      }
    }
    if (args.state === 'join') {
      const [first = ''] = args.remote_addrs ?? []
      return { script: lines(begin, sh`run docker swarm join ${reach} --token ${args.join_token ?? ''} -- ${first}`) }
    }
    const make = [
      ...reach,
      ...option('--data-path-port', args.data_path_port),
      ...(args.default_addr_pool ?? []).flatMap(pool => ['--default-addr-pool', pool]),
      ...option('--default-addr-pool-mask-length', args.subnet_size),
      ...(args.autolock_managers === true ? ['--autolock'] : []),
    ]
    const changes = updates(args)
    return {
      script: lines(
        begin,
        from?.member === true && args.force && sh`run docker swarm leave --force`,
        (from?.member !== true || args.force) && sh`run docker swarm init ${make}`,
        changes.length > 0 && sh`run docker swarm update ${changes}`,
        args.rotate_worker_token && sh`run docker swarm join-token --quiet --rotate worker`,
        args.rotate_manager_token && sh`run docker swarm join-token --quiet --rotate manager`,
        tokens,
      ),
    }
  },
  // Tokens that were renewed look as before.
  verify: false,
  returns: (args, { to, changed, output }) => ({
    swarm_facts: (output === undefined ? to?.facts : factsIn(output.stdout)) ?? {},
    actions: changed ? [`swarm: ${args.state}`] : [],
  }),
})

/** What a manager tells those who want to join; nothing on other hosts. */
const tokens = lines(
  section('id'),
  sh`docker info --format '{{with .Swarm.Cluster}}{{.ID}}{{end}}' 2>/dev/null`,
  section('manager'),
  sh`docker swarm join-token --quiet manager 2>/dev/null`,
  section('worker'),
  sh`docker swarm join-token --quiet worker 2>/dev/null`,
  section('key'),
  sh`docker swarm unlock-key --quiet 2>/dev/null || :`,
)

function factsIn(stdout: string): Plain {
  const said = sections(stdout)
  const line = (name: string) => said.get(name)?.trim() ?? ''
  if (line('id') === '') return {}
  return { ID: line('id'), JoinTokens: { Manager: line('manager'), Worker: line('worker') }, UnlockKey: line('key') }
}

/** Settings of a swarm that are asked for, as the engine shows them. */
function asked(args: Args): Record<string, string | number | boolean> {
  const { dispatcher_heartbeat_period: beat, node_cert_expiry: expiry } = args
  const all = {
    task_history_retention_limit: args.task_history_retention_limit,
    snapshot_interval: args.snapshot_interval,
    keep_old_snapshots: args.keep_old_snapshots,
    dispatcher_heartbeat_period: beat === undefined ? undefined : nanoseconds(beat),
    node_cert_expiry: expiry === undefined ? undefined : nanoseconds(expiry),
    autolock_managers: args.autolock_managers,
  }
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

function updates(args: Args): string[] {
  const options: Readonly<Record<string, string>> = {
    task_history_retention_limit: '--task-history-limit',
    snapshot_interval: '--snapshot-interval',
    keep_old_snapshots: '--max-snapshots',
    dispatcher_heartbeat_period: '--dispatcher-heartbeat',
    node_cert_expiry: '--cert-expiry',
    autolock_managers: '--autolock',
  }
  return Object.entries(texts(asked(args))).map(([key, value]) => {
    const time = key === 'dispatcher_heartbeat_period' || key === 'node_cert_expiry'
    return `${options[key]}=${time ? `${value}ns` : value.toLowerCase()}`
  })
}
