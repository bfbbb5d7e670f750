import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'

/** Arguments of the module `user`. */
export const userArgs = {
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

export type UserArgs = ArgsOf<typeof userArgs>

/** A user as the files of accounts tell of it. */
export type Account = {
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
  readonly fingerprint?: string
}
