import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { throwAll } from '../errors.ts'
import { type Environment, findConfig, loadConfig } from './config.ts'
import { unheeded } from './unheeded.ts'
import { toPath, Values } from './values.ts'

/** What `ANSIBLE_*` variables and `ansible.cfg` say, with the defaults of `mlops` where they are silent. Flags win over all of it. */
export interface Settings {
  /** The `ansible.cfg` in force. */
  readonly configFile: string | undefined
  /** Inventory sources; `/etc/ansible/hosts` when it exists and nothing else is said. */
  readonly inventory: readonly string[]
  /** Whether somebody asked for that inventory, or it is the default. */
  readonly inventoryGiven: boolean
  readonly rolesPath: readonly string[]
  /** Folders that hold `ansible_collections/`, for roles of collections. */
  readonly collectionsPath: readonly string[]
  /** Folders of people's own modules, beside those of the playbook and its roles. */
  readonly libraryPath: readonly string[]
  readonly forks: number
  readonly hostKeyChecking: boolean
  readonly remoteUser: string | undefined
  readonly remotePort: number | undefined
  readonly privateKeyFile: string | undefined
  /** Undefined for Ansible's `smart`. */
  readonly connection: string | undefined
  readonly sshArgs: {
    readonly args: string | undefined
    readonly commonArgs: string | undefined
    readonly extraArgs: string | undefined
  }
  /** The shell on hosts. */
  readonly shell: string | undefined
  readonly askPassword: boolean
  readonly passwordFile: string | undefined
  /** To connect, in milliseconds. */
  readonly timeoutMs: number
  readonly become: {
    readonly enabled: boolean
    readonly user: string | undefined
    readonly method: string | undefined
    readonly flags: string | undefined
    readonly exe: string | undefined
    readonly askPassword: boolean
    readonly passwordFile: string | undefined
  }
  readonly vault: {
    /** `ID@SOURCE`, as written. */
    readonly identities: readonly string[]
    readonly passwordFile: string | undefined
    readonly askPassword: boolean
    readonly encryptIdentity: string | undefined
  }
  readonly gathering: 'implicit' | 'explicit' | 'smart'
  /** Facts of hosts between runs, as Ansible's jsonfile keeps them. No folder: only while a run lasts. */
  readonly factCaching: {
    readonly folder: string | undefined
    readonly prefix: string
    /** 0: for ever. */
    readonly timeoutMs: number
  }
  /** What becomes of a dictionary that is set in several places. */
  readonly hashBehaviour: 'replace' | 'merge'
  /** The text of `ansible_managed`, with `{file}`, `{host}`, `{uid}` and the time of the template. */
  readonly managed: string | undefined
  /** What plays that do not say it have. */
  readonly plays: {
    readonly strategy: string | undefined
    readonly gatherSubset: readonly string[]
    readonly gatherTimeout: number | undefined
    readonly anyErrorsFatal: boolean
    readonly noLog: boolean
    /** Seconds. */
    readonly taskTimeout: number | undefined
  }
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  readonly forceHandlers: boolean
  /** False: facts are below `ansible_facts` alone. */
  readonly injectFacts: boolean
  readonly diff: boolean
  readonly verbosity: number
  readonly displaySkipped: boolean
  /** Whether the debugger looks into every task that fails. */
  readonly taskDebugger: boolean
  /** Whether later tasks are looked at ahead of their turn. */
  readonly lookAhead: boolean
  /** Whether what `set_stats` gathered is shown at the end. */
  readonly showCustomStats: boolean
  /** For people: a file that was left out and why. */
  readonly warnings: readonly string[]
}

const DEFAULT_INVENTORY = '/etc/ansible/hosts'
const DEFAULT_FORKS = 50
const strategies = ['linear', 'free', 'host_pinned', 'debug'].flatMap(name => [name, `ansible.builtin.${name}`])
const DAY_SECONDS = 86_400

/** Settings in force in a folder. Throws all wrong values at once (`settings.*`). */
export function loadSettings(env: Environment, cwd: string): Settings {
  const { file, warnings } = findConfig(env, cwd)
  const config = file === undefined ? undefined : loadConfig(file)
  const values = new Values({ env, cwd, config })
  const inventory = values.paths('ANSIBLE_INVENTORY', 'defaults.inventory', ',')
  const transport = values.text('ANSIBLE_TRANSPORT', 'defaults.transport')
  const settings: Settings = {
    configFile: file,
    inventory: inventory ?? (existsSync(DEFAULT_INVENTORY) ? [DEFAULT_INVENTORY] : []),
    inventoryGiven: inventory !== undefined,
    rolesPath: values.paths('ANSIBLE_ROLES_PATH', 'defaults.roles_path', ':') ?? defaultRolesPath(env),
    collectionsPath:
      values.paths('ANSIBLE_COLLECTIONS_PATH', 'defaults.collections_path', ':') ??
      values.paths('ANSIBLE_COLLECTIONS_PATHS', 'defaults.collections_paths', ':') ??
      defaultCollectionsPath(env),
    libraryPath: values.paths('ANSIBLE_LIBRARY', 'defaults.library', ':') ?? [],
    forks: values.number('ANSIBLE_FORKS', 'defaults.forks', 1) ?? DEFAULT_FORKS,
    hostKeyChecking:
      values.boolean('ANSIBLE_SSH_HOST_KEY_CHECKING', 'ssh_connection.host_key_checking') ??
      values.boolean('ANSIBLE_HOST_KEY_CHECKING', 'defaults.host_key_checking') ??
      true,
    remoteUser: values.text('ANSIBLE_REMOTE_USER', 'defaults.remote_user'),
    remotePort: values.number('ANSIBLE_REMOTE_PORT', 'defaults.remote_port', 1),
    privateKeyFile: values.path('ANSIBLE_PRIVATE_KEY_FILE', 'defaults.private_key_file'),
    connection: transport === 'smart' ? undefined : transport,
    sshArgs: {
      args: values.text('ANSIBLE_SSH_ARGS', 'ssh_connection.ssh_args'),
      commonArgs: values.text('ANSIBLE_SSH_COMMON_ARGS', 'ssh_connection.ssh_common_args'),
      extraArgs: values.text('ANSIBLE_SSH_EXTRA_ARGS', 'ssh_connection.ssh_extra_args'),
    },
    shell: values.text('ANSIBLE_EXECUTABLE', 'defaults.executable'),
    askPassword: values.boolean('ANSIBLE_ASK_PASS', 'defaults.ask_pass') ?? false,
    passwordFile: values.path('ANSIBLE_CONNECTION_PASSWORD_FILE', 'defaults.connection_password_file'),
    timeoutMs: (values.number('ANSIBLE_TIMEOUT', 'defaults.timeout', 1) ?? 10) * 1000,
    become: {
      enabled: values.boolean('ANSIBLE_BECOME', 'privilege_escalation.become') ?? false,
      user: values.text('ANSIBLE_BECOME_USER', 'privilege_escalation.become_user'),
      method: values.text('ANSIBLE_BECOME_METHOD', 'privilege_escalation.become_method'),
      flags: values.text('ANSIBLE_BECOME_FLAGS', 'privilege_escalation.become_flags'),
      exe: values.text('ANSIBLE_BECOME_EXE', 'privilege_escalation.become_exe'),
      askPassword: values.boolean('ANSIBLE_BECOME_ASK_PASS', 'privilege_escalation.become_ask_pass') ?? false,
      passwordFile: values.path('ANSIBLE_BECOME_PASSWORD_FILE', 'defaults.become_password_file'),
    },
    vault: {
      identities: values.texts('ANSIBLE_VAULT_IDENTITY_LIST', 'defaults.vault_identity_list').map(identity),
      passwordFile: values.path('ANSIBLE_VAULT_PASSWORD_FILE', 'defaults.vault_password_file'),
      askPassword: values.boolean('ANSIBLE_ASK_VAULT_PASS', 'defaults.ask_vault_pass') ?? false,
      encryptIdentity: values.text('ANSIBLE_VAULT_ENCRYPT_IDENTITY', 'defaults.vault_encrypt_identity'),
    },
    gathering:
      values.choice('ANSIBLE_GATHERING', 'defaults.gathering', ['implicit', 'explicit', 'smart'] as const) ??
      'implicit',
    factCaching: factCaching(values),
    hashBehaviour:
      values.choice('ANSIBLE_HASH_BEHAVIOUR', 'defaults.hash_behaviour', ['replace', 'merge'] as const) ?? 'replace',
    managed: values.text(undefined, 'defaults.ansible_managed'),
    plays: {
      strategy: values.choice('ANSIBLE_STRATEGY', 'defaults.strategy', strategies)?.replace(/^ansible\.builtin\./, ''),
      gatherSubset: values.texts('ANSIBLE_GATHER_SUBSET', 'defaults.gather_subset').map(each => each.value),
      gatherTimeout: values.number('ANSIBLE_GATHER_TIMEOUT', 'defaults.gather_timeout', 1),
      anyErrorsFatal: values.boolean('ANSIBLE_ANY_ERRORS_FATAL', 'defaults.any_errors_fatal') ?? false,
      noLog: values.boolean('ANSIBLE_NO_LOG', 'defaults.no_log') ?? false,
      taskTimeout: values.number('ANSIBLE_TASK_TIMEOUT', 'defaults.task_timeout', 0) || undefined,
    },
    tags: values.texts('ANSIBLE_RUN_TAGS', 'tags.run').map(each => each.value),
    skipTags: values.texts('ANSIBLE_SKIP_TAGS', 'tags.skip').map(each => each.value),
    forceHandlers: values.boolean('ANSIBLE_FORCE_HANDLERS', 'defaults.force_handlers') ?? false,
    injectFacts: values.boolean('ANSIBLE_INJECT_FACT_VARS', 'defaults.inject_facts_as_vars') ?? true,
    diff: values.boolean('ANSIBLE_DIFF_ALWAYS', 'diff.always') ?? false,
    verbosity: values.number('ANSIBLE_VERBOSITY', 'defaults.verbosity', 0) ?? 0,
    displaySkipped: values.boolean('ANSIBLE_DISPLAY_SKIPPED_HOSTS', 'defaults.display_skipped_hosts') ?? true,
    taskDebugger: values.boolean('ANSIBLE_ENABLE_TASK_DEBUGGER', 'defaults.enable_task_debugger') ?? false,
    lookAhead: values.boolean('MLOPS_LOOK_AHEAD') ?? true,
    showCustomStats: values.boolean('ANSIBLE_SHOW_CUSTOM_STATS', 'defaults.show_custom_stats') ?? false,
    warnings: [...warnings, ...unheeded(env, config)],
  }
  throwAll(values.errors)
  return settings
}

function factCaching(values: Values): Settings['factCaching'] {
  const kinds = ['memory', 'ansible.builtin.memory', 'jsonfile', 'ansible.builtin.jsonfile'] as const
  const kind = values.choice('ANSIBLE_CACHE_PLUGIN', 'defaults.fact_caching', kinds) ?? 'memory'
  const folder = values.path('ANSIBLE_CACHE_PLUGIN_CONNECTION', 'defaults.fact_caching_connection')
  const seconds = values.number('ANSIBLE_CACHE_PLUGIN_TIMEOUT', 'defaults.fact_caching_timeout', 0) ?? DAY_SECONDS
  const isKept = kind.endsWith('jsonfile')
  if (isKept && folder === undefined)
    values.missing('ANSIBLE_CACHE_PLUGIN_CONNECTION', 'fact_caching_connection', 'the folder of the fact cache')
  return {
    folder: isKept ? folder : undefined,
    prefix: values.text('ANSIBLE_CACHE_PLUGIN_PREFIX', 'defaults.fact_caching_prefix') ?? '',
    timeoutMs: seconds * 1000,
  }
}

function defaultRolesPath(env: Environment): string[] {
  const own = env.HOME && isAbsolute(env.HOME) ? [join(resolve(env.HOME), '.ansible', 'roles')] : []
  return [...own, '/usr/share/ansible/roles', '/etc/ansible/roles']
}

function defaultCollectionsPath(env: Environment): string[] {
  const own = env.HOME && isAbsolute(env.HOME) ? [join(resolve(env.HOME), '.ansible', 'collections')] : []
  return [...own, '/usr/share/ansible/collections']
}

/** The file of `ID@FILE` lies beside where it is named. */
function identity({ value, folder }: { readonly value: string; readonly folder: string }): string {
  const cut = value.indexOf('@')
  const source = value.slice(cut + 1)
  return source.startsWith('prompt') ? value : `${value.slice(0, cut + 1)}${toPath(source, folder)}`
}
