import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { entry } from './parts/accounts.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['user'], doc: 'The user.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the user is there.' },
  uid: { type: 'int', doc: 'The number; the next free one when not given.' },
  non_unique: { type: 'bool', default: false, doc: 'The number may be another user’s too.' },
  group: { type: 'str', doc: 'The user’s own group, by name or number.' },
  groups: { type: 'list', elements: 'str', doc: 'Further groups; an empty list takes the user out of all.' },
  append: { type: 'bool', default: false, doc: 'Keeps the user in groups that are not named.' },
  comment: { type: 'str', doc: 'The full name.' },
  home: { type: 'path', doc: 'The home folder.' },
  create_home: { type: 'bool', default: true, aliases: ['createhome'], doc: 'Makes the home folder.' },
  move_home: { type: 'bool', default: false, doc: 'Moves the old home folder to the new place.' },
  skeleton: { type: 'str', doc: 'The folder that a new home is a copy of.' },
  shell: { type: 'path', doc: 'The login shell.' },
  system: { type: 'bool', default: false, doc: 'A new user gets a number of the system’s range.' },
  password: {
    type: 'str',
    secret: true,
    doc: 'The password as crypt(3) made it (`{{ secret | password_hash }}`); `!` and `*` let nobody in by password.',
  },
  update_password: {
    type: 'str',
    choices: ['always', 'on_create'],
    default: 'always',
    doc: 'Whether the password of a user who is there is changed.',
  },
  password_lock: { type: 'bool', doc: 'Locks the password, or unlocks it.' },
  password_expire_max: { type: 'int', doc: 'Days until the password must be changed.' },
  password_expire_min: { type: 'int', doc: 'Days until it may be changed again.' },
  password_expire_warn: { type: 'int', doc: 'Days of warning before.' },
  expires: { type: 'float', doc: 'When the account ends, in seconds since 1970; below zero: never.' },
  remove: { type: 'bool', default: false, doc: 'With `state: absent`: removes the home folder too.' },
  force: { type: 'bool', default: false, doc: 'With `state: absent`: removes a user who is logged in.' },
  generate_ssh_key: { type: 'bool', default: false, doc: 'Makes a key pair for the user, if there is none.' },
  ssh_key_type: { type: 'str', default: 'rsa', doc: 'Its type (`ed25519`).' },
  ssh_key_bits: { type: 'int', doc: 'Its length.' },
  ssh_key_file: { type: 'path', doc: 'Its file, from the home folder on.' },
  ssh_key_comment: { type: 'str', default: 'ansible-generated', doc: 'Its comment.' },
  ssh_key_passphrase: {
    type: 'str',
    secret: true,
    doc: 'Its passphrase.',
    unsupported: 'it would stand on a command line of ssh-keygen',
  },
  umask: { type: 'str', doc: 'The umask of a new home folder.' },
  local: {
    type: 'bool',
    default: false,
    doc: 'Leaves users of a directory service alone.',
    ignored: 'only local users are made',
  },
  login_class: { type: 'str', doc: 'Class on BSD.', ignored: 'Linux has none' },
  seuser: { type: 'str', doc: 'SELinux user.', ignored: 'left to the policy of the host' },
  hidden: { type: 'bool', doc: 'Hides from the login window on macOS.', ignored: 'Linux has none' },
  profile: { type: 'str', doc: 'Profile on Solaris.', ignored: 'Linux has none' },
  authorization: { type: 'str', doc: 'Authorization on Solaris.', ignored: 'Linux has none' },
  role: { type: 'str', doc: 'Role on Solaris.', ignored: 'Linux has none' },
  uid_min: { type: 'int', doc: 'Lowest number.', unsupported: 'the range of the host is used' },
  uid_max: { type: 'int', doc: 'Highest number.', unsupported: 'the range of the host is used' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Account = {
  readonly uid?: number
  readonly group?: string
  readonly gid?: number
  readonly groups?: readonly string[]
  readonly comment?: string
  readonly home?: string
  readonly shell?: string
  readonly password?: string
  readonly locked?: boolean
  /** Day since 1970; -1: never. */
  readonly expires?: number
  readonly maxDays?: number
  readonly minDays?: number
  readonly warnDays?: number
  readonly homeExists?: boolean
  readonly sshKey?: string
}

export const user = defineState({
  summary: 'Makes a user, changes one, or removes one.',
  details: 'A password goes to the host as a hash, on the standard input of `chpasswd`, never on a command line.',
  args: table,
  examples: `
- name: Have a user for the service
  become: true
  ansible.builtin.user:
    name: predictor
    system: true
    shell: /usr/sbin/nologin
    groups: [docker]
    append: true
`,
  returnDocs: {
    name: 'The user.',
    uid: 'The number.',
    group: 'The number of the own group.',
    home: 'The home folder.',
    shell: 'The login shell.',
    comment: 'The full name.',
    groups: 'As asked for.',
    ssh_public_key: 'The public key that was made.',
    ssh_key_file: 'Its file.',
  },
  check({ password, append, groups }) {
    const problems: string[] = []
    if (password !== undefined && !/^(\$|[!*]|_|[./0-9A-Za-z]{13}$|$)/.test(password)) {
      problems.push('`password` is no hash: make one with the filter `password_hash`')
    }
    if (password !== undefined && /[\n:]/.test(password)) problems.push('`password` has no line break and no colon')
    if (append && groups === undefined) problems.push('`append` needs `groups`')
    return problems
  },
  look: args =>
    lines(
      section('passwd'),
      entry('passwd', args.name),
      section('shadow'),
      sh`[ ! -r /etc/shadow ] || { ${entry('shadow', args.name)}; }`,
      section('groups'),
      sh`if command -v getent >/dev/null; then getent group; else cat /etc/group; fi`,
      section('home'),
      sh`
line=$(${entry('passwd', args.name)})
line=\${line%:*}; home=\${line##*:}
[ -n "$line" ] && [ -d "$home" ] && echo yes`,
      args.generate_ssh_key &&
        lines(section('key'), sh`[ -z "$line" ] || cat -- "$home"/${`${keyFile(args)}.pub`} 2>/dev/null`),
      sh`:`,
    ),
  read({ stdout }, args): Account | undefined {
    const parts = sections(stdout)
    const [name, , uid, gid, comment = '', home = '', shell = ''] = (parts.get('passwd') ?? '').trim().split(':')
    if (!name) return undefined
    const groups = (parts.get('groups') ?? '').split('\n').map(line => line.split(':'))
    const shadow = (parts.get('shadow') ?? '').trim().split(':')
    const [, password = ''] = shadow
    return {
      uid: Number(uid),
      gid: Number(gid),
      group: groups.find(g => g[2] === gid)?.[0] ?? gid ?? '',
      groups: groups
        .filter(g => (g[3] ?? '').split(',').includes(args.name))
        .map(g => g[0] ?? '')
        .sort(),
      comment,
      home,
      shell,
      password,
      locked: password.startsWith('!'),
      expires: shadow[7] ? Number(shadow[7]) : -1,
      minDays: Number(shadow[3] || -1),
      maxDays: Number(shadow[4] || -1),
      warnDays: Number(shadow[5] || -1),
      homeExists: parts.get('home')?.trim() === 'yes',
      sshKey: parts.get('key')?.trim() ?? '',
    }
  },
  want(args, state): Account | undefined {
    if (args.state === 'absent') return undefined
    const isNew = state === undefined
    const password =
      args.password !== undefined && (isNew || args.update_password === 'always') ? args.password : undefined
    const own =
      args.group === undefined ? {} : /^\d+$/.test(args.group) ? { gid: Number(args.group) } : { group: args.group }
    const groups = args.groups?.map(g => g.trim()).filter(g => g !== '' && g !== args.group)
    return {
      ...(args.uid === undefined ? {} : { uid: args.uid }),
      ...own,
      ...(groups === undefined
        ? {}
        : { groups: [...new Set([...groups, ...(args.append ? (state?.groups ?? []) : [])])].sort() }),
      ...(args.comment === undefined ? {} : { comment: args.comment }),
      ...(args.home === undefined ? {} : { home: args.home }),
      ...(args.shell === undefined ? {} : { shell: args.shell }),
      ...(password === undefined
        ? {}
        : { password: args.password_lock && !password.startsWith('!') ? `!${password}` : password }),
      ...(args.password_lock === undefined ? {} : { locked: args.password_lock }),
      ...(args.expires === undefined ? {} : { expires: args.expires < 0 ? -1 : Math.floor(args.expires / 86400) }),
      ...(args.password_expire_max === undefined ? {} : { maxDays: args.password_expire_max }),
      ...(args.password_expire_min === undefined ? {} : { minDays: args.password_expire_min }),
      ...(args.password_expire_warn === undefined ? {} : { warnDays: args.password_expire_warn }),
      ...(args.create_home ? { homeExists: true } : {}),
      ...(args.generate_ssh_key ? { sshKey: state?.sshKey || 'a new key' } : {}),
    }
  },
  same: {
    // Any key will do, once there is one.
    sshKey: (is, want) => is === want || (is !== undefined && is !== ''),
    groups: (is, want) => JSON.stringify(is ?? []) === JSON.stringify(want ?? []),
  },
  change(args, { from, to }) {
    if (to === undefined) {
      return {
        script: sh`if command -v userdel >/dev/null; then userdel ${args.remove ? ['-r'] : []} ${args.force ? ['-f'] : []} -- ${args.name} 2>&1; status=$?; else deluser ${args.remove ? ['--remove-home'] : []} ${args.name}; status=$?; fi
# 12: the mail spool or home was not there to remove.
[ "$status" -eq 12 ] || exit "$status"`,
      }
    }
    const setsPassword = to.password !== undefined && to.password !== from?.password
    return {
      script: lines(
        sh`command -v useradd >/dev/null || { echo 'useradd is not on this host (package passwd or shadow)' >&2; exit 127; }`,
        from === undefined ? add(args, to) : modify(args, from, to),
        setsPassword && sh`chpasswd -e || exit`,
        !setsPassword &&
          to.locked !== undefined &&
          to.locked !== (from?.locked ?? false) &&
          sh`usermod ${to.locked ? '-L' : '-U'} -- ${args.name} || exit`,
        ageing(args, from, to),
        to.homeExists === true && from !== undefined && !from.homeExists && makeHome(args),
        to.sshKey === 'a new key' && makeKey(args),
      ),
      ...(setsPassword ? { stdin: `${args.name}:${to.password}\n` } : {}),
    }
  },
  diff(_args, { from, to }) {
    const text = (account: Partial<Account> | undefined) =>
      account === undefined
        ? 'absent\n'
        : Object.keys(to ?? from ?? {})
            .filter(key => key !== 'password')
            .map(key => `${key}: ${JSON.stringify(Reflect.get(account, key) ?? null)}\n`)
            .join('')
    return { before: text(from), after: text(to) }
  },
  returns(args, { to }) {
    if (args.state === 'absent') return { name: args.name, state: 'absent', force: args.force, remove: args.remove }
    return {
      name: args.name,
      state: 'present',
      ...(to === undefined ? {} : { uid: to.uid, group: to.gid, home: to.home, shell: to.shell, comment: to.comment }),
      ...(args.groups === undefined ? {} : { groups: args.groups.join(','), append: args.append }),
      ...(args.password === undefined ? {} : { password: 'NOT_LOGGING_PASSWORD' }),
      ...(args.generate_ssh_key && to?.sshKey
        ? { ssh_public_key: to.sshKey, ssh_key_file: `${to.home}/${keyFile(args)}` }
        : {}),
    }
  },
})

function add(args: Args, to: Partial<Account>): Script {
  // A group of the user's name is the usual own group; useradd refuses to make it when it is there.
  return sh`
own=
${args.group === undefined ? sh`[ -z "$(${entry('group', args.name)})" ] || own=yes` : sh`:`}
set -- ${[...common(args, undefined, to), ...(args.create_home ? ['-m'] : ['-M']), ...(args.system ? ['-r'] : []), ...(args.skeleton === undefined ? [] : ['-k', args.skeleton]), ...(args.umask === undefined ? [] : ['-K', `UMASK=${args.umask}`])]}
[ -z "$own" ] || set -- "$@" -g ${args.name}
useradd "$@" -- ${args.name} || exit`
}

function modify(args: Args, from: Account, to: Partial<Account>): Script | undefined {
  const options = common(args, from, to)
  return options.length === 0 ? undefined : sh`usermod ${options} -- ${args.name} || exit`
}

function common(args: Args, from: Account | undefined, to: Partial<Account>): readonly string[] {
  const differs = (key: keyof Account) =>
    to[key] !== undefined && JSON.stringify(to[key]) !== JSON.stringify(from?.[key])
  return [
    ...(differs('uid') ? ['-u', String(to.uid), ...(args.non_unique ? ['-o'] : [])] : []),
    ...(differs('group') || differs('gid') ? ['-g', args.group ?? ''] : []),
    ...(differs('groups') && (from !== undefined || to.groups?.length) ? ['-G', (to.groups ?? []).join(',')] : []),
    ...(differs('comment') ? ['-c', to.comment ?? ''] : []),
    ...(differs('home') ? ['-d', to.home ?? '', ...(from !== undefined && args.move_home ? ['-m'] : [])] : []),
    ...(differs('shell') ? ['-s', to.shell ?? ''] : []),
    ...(differs('expires')
      ? ['-e', to.expires === -1 ? '' : new Date((to.expires ?? 0) * 86_400_000).toISOString().slice(0, 10)]
      : []),
  ]
}

function ageing(args: Args, from: Account | undefined, to: Partial<Account>): Script | undefined {
  const options = (
    [
      ['maxDays', '-M'],
      ['minDays', '-m'],
      ['warnDays', '-W'],
    ] as const
  ).flatMap(([key, option]) => (to[key] !== undefined && to[key] !== from?.[key] ? [option, String(to[key])] : []))
  return options.length === 0 ? undefined : sh`chage ${options} ${args.name} || exit`
}

function makeHome(args: Args): Script {
  return sh`
line=$(${entry('passwd', args.name)})
line=\${line%:*}; home=\${line##*:}
if [ ! -d "$home" ]; then
  mkdir -p -- "$home" && cp -R ${args.skeleton ?? '/etc/skel'}/. "$home" 2>/dev/null
  chmod ${args.umask === undefined ? '0755' : (0o777 & ~Number.parseInt(args.umask, 8)).toString(8)} -- "$home" && chown -R ${`${args.name}:`} -- "$home" || exit
fi`
}

function makeKey(args: Args): Script {
  return sh`
command -v ssh-keygen >/dev/null || { echo 'ssh-keygen is not on this host' >&2; exit 127; }
line=$(${entry('passwd', args.name)})
line=\${line%:*}; home=\${line##*:}
key=$home/${keyFile(args)}
folder=\${key%/*}
[ -d "$folder" ] || { mkdir -p -- "$folder" && chmod 700 -- "$folder" && chown ${`${args.name}:`} -- "$folder"; } || exit
ssh-keygen -q -t ${args.ssh_key_type} ${args.ssh_key_bits === undefined ? [] : ['-b', String(args.ssh_key_bits)]} -C ${args.ssh_key_comment} -N '' -f "$key" </dev/null && chown ${`${args.name}:`} -- "$key" "$key.pub" || exit`
}

function keyFile(args: Args): string {
  if (args.ssh_key_file?.startsWith('/')) throw new ModuleFailure('`ssh_key_file` is a path from the home folder on')
  return args.ssh_key_file ?? `.ssh/id_${args.ssh_key_type}`
}
