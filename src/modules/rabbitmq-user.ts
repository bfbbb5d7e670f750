import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { brokerAnswers, brokerArgs, brokerReady, table as rowsOf, steps } from './parts/rabbitmq.ts'

const table = {
  user: { type: 'str', required: true, aliases: ['username', 'name'], doc: 'Name of the user.' },
  password: { type: 'str', secret: true, doc: 'The password, given through standard input.' },
  update_password: {
    type: 'str',
    choices: ['on_create', 'always'],
    default: 'on_create',
    doc: 'Whether a user that is there gets the password too.',
  },
  tags: { type: 'str', doc: 'Tags, with commas between.' },
  permissions: {
    type: 'list',
    elements: 'dict',
    default: [],
    doc: 'All permissions: `vhost`, `configure_priv`, `write_priv`, `read_priv` of each virtual host.',
  },
  topic_permissions: {
    type: 'list',
    elements: 'dict',
    doc: 'All permissions for topics: `vhost`, `exchange`, `write_priv`, `read_priv`.',
  },
  vhost: { type: 'str', default: '/', doc: 'The virtual host of the permissions below, without `permissions`.' },
  configure_priv: { type: 'str', default: '^$', doc: 'What the user may configure: a regular expression.' },
  write_priv: { type: 'str', default: '^$', doc: 'What the user may write to.' },
  read_priv: { type: 'str', default: '^$', doc: 'What the user may read from.' },
  force: { type: 'bool', default: false, doc: 'Removes the user first and makes it anew.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the user is there.' },
  ...brokerArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** Regular expressions for configure, write and read, by virtual host. */
type Permissions = Readonly<Record<string, readonly string[]>>

type UserState = {
  readonly tags: readonly string[]
  readonly permissions: Permissions
  readonly topics: Permissions
  readonly passwordAsAsked?: boolean
  readonly again?: boolean
}

export const rabbitmqUser = defineState({
  summary: 'Makes and removes users of RabbitMQ, with their tags and permissions.',
  details: 'Works through `rabbitmqctl` on the host, which root and the user `rabbitmq` may run.',
  args: table,
  examples: `
- name: A user for the predictor
  community.rabbitmq.rabbitmq_user:
    user: predictor
    password: "{{ broker_password }}"
    vhost: /predictor
    configure_priv: .*
    write_priv: .*
    read_priv: .*
    tags: monitoring
- rabbitmq_user: { user: guest, state: absent }
`,
  returnDocs: { user: 'Name of the user.', state: 'What was wanted.' },
  look: args =>
    lines(
      brokerReady(args),
      section('users'),
      sh`ctl list_users --formatter json || exit`,
      section('permissions'),
      sh`ctl list_user_permissions --formatter json -- ${args.user} 2>/dev/null`,
      args.topic_permissions !== undefined &&
        lines(section('topics'), sh`ctl list_user_topic_permissions --formatter json -- ${args.user} 2>/dev/null`),
      checksPassword(args) &&
        lines(
          section('password'),
          sh`printf '%s\n' ${args.password ?? ''} | ctl authenticate_user -- ${args.user} >/dev/null 2>&1 && echo right`,
        ),
      sh`:`,
    ),
  read(output, args, { checkMode }): UserState | undefined {
    if (!brokerAnswers(output, checkMode)) return undefined
    const parts = sections(output.stdout)
    const user = rowsOf(parts.get('users')).find(each => each.user === args.user)
    if (user === undefined) return undefined
    return {
      tags: (Array.isArray(user.tags) ? user.tags.map(String) : []).sort(),
      permissions: byVhost(rowsOf(parts.get('permissions')), ['configure', 'write', 'read']),
      topics: byVhost(rowsOf(parts.get('topics')), ['exchange', 'write', 'read']),
      passwordAsAsked: parts.get('password')?.includes('right') === true,
    }
  },
  want(args, state): Partial<UserState> | undefined {
    if (args.state === 'absent') return undefined
    return {
      ...(args.tags === undefined && state !== undefined ? {} : { tags: tagsOf(args) }),
      permissions: wantedPermissions(args, state?.permissions ?? {}),
      ...(args.topic_permissions === undefined
        ? {}
        : { topics: byVhost(args.topic_permissions, ['exchange', 'write_priv', 'read_priv']) }),
      ...(checksPassword(args) ? { passwordAsAsked: true } : {}),
      ...(args.force && state !== undefined ? { again: true } : {}),
    }
  },
  change(args, { from, to }) {
    if (to === undefined) return { script: lines(brokerReady(args), steps(sh`ctl delete_user -- ${args.user}`)) }
    const was = args.force ? undefined : from
    const password = args.password ?? ''
    return {
      script: lines(
        brokerReady(args),
        steps(
          args.force && from !== undefined && sh`ctl delete_user -- ${args.user}`,
          was === undefined && sh`printf '%s\n' ${password} | ctl add_user -- ${args.user}`,
          // A user without a password cannot log in with one.
          was === undefined && args.password === undefined && sh`ctl clear_password -- ${args.user}`,
          was !== undefined &&
            checksPassword(args) &&
            !was.passwordAsAsked &&
            sh`printf '%s\n' ${password} | ctl change_password -- ${args.user}`,
          to.tags !== undefined &&
            (was?.tags ?? []).join() !== to.tags.join() &&
            sh`ctl set_user_tags -- ${args.user} ${to.tags}`,
          permissionSteps(args, was?.permissions ?? {}, to.permissions ?? {}),
          to.topics && topicSteps(args, was?.topics ?? {}, to.topics),
        ),
      ),
    }
  },
  // Made anew looks as before.
  verify: false,
  returns: ({ user, state }) => ({ user, state }),
})

function checksPassword({ password, update_password: when }: Args): boolean {
  return password !== undefined && when === 'always'
}

function tagsOf({ tags = '' }: Args): string[] {
  return tags
    .split(',')
    .map(tag => tag.trim())
    .filter(tag => tag !== '')
    .sort()
}

function wantedPermissions(args: Args, has: Permissions): Permissions {
  if (args.permissions.length > 0) return byVhost(args.permissions, ['configure_priv', 'write_priv', 'read_priv'])
  return sorted({ ...has, [args.vhost]: [args.configure_priv, args.write_priv, args.read_priv] })
}

function byVhost(rows: readonly Readonly<Record<string, unknown>>[], keys: readonly string[]): Permissions {
  return sorted(
    Object.fromEntries(
      rows.map(row => {
        const topic = keys.includes('exchange') ? `\t${String(row.exchange ?? '')}` : ''
        return [
          `${String(row.vhost ?? '/')}${topic}`,
          keys.map(key => String(row[key] ?? (key === 'exchange' ? '' : '^$'))),
        ]
      }),
    ),
  )
}

function sorted(permissions: Permissions): Permissions {
  return Object.fromEntries(Object.entries(permissions).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function permissionSteps({ user }: Args, has: Permissions, want: Permissions): Script {
  return steps(
    ...Object.keys(has)
      .filter(vhost => !(vhost in want))
      .map(vhost => sh`ctl clear_permissions --vhost ${vhost} -- ${user}`),
    ...Object.entries(want)
      .filter(([vhost, each]) => has[vhost]?.join('\n') !== each.join('\n'))
      .map(([vhost, each]) => sh`ctl set_permissions --vhost ${vhost} -- ${user} ${each}`),
    sh`:`,
  )
}

function topicSteps({ user }: Args, has: Permissions, want: Permissions): Script {
  const vhostOf = (key: string) => key.slice(0, key.indexOf('\t'))
  return steps(
    ...Object.entries(has)
      .filter(([key]) => !(key in want))
      .map(([key, [exchange = '']]) => sh`ctl clear_topic_permissions --vhost ${vhostOf(key)} -- ${user} ${exchange}`),
    ...Object.entries(want)
      .filter(([key, each]) => has[key]?.join('\n') !== each.join('\n'))
      .map(([key, each]) => sh`ctl set_topic_permissions --vhost ${vhostOf(key)} -- ${user} ${each}`),
    sh`:`,
  )
}
