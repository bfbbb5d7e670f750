import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { entry } from './parts/accounts.ts'
import { type Account, userArgs } from './parts/user-args.ts'
import { byBusybox } from './parts/user-busybox.ts'
import { byShadow, differs, removeUser, setsPassword } from './parts/user-commands.ts'
import { homeOf, keyFile, makeHome, makeKey } from './parts/user-home.ts'

export const user = defineState({
  summary: 'Makes a user, changes one, or removes one.',
  details:
    'Works with the tools of shadow, or with those of BusyBox, which can make a user, but change only groups and password of one. A password goes to the host as a hash, on the standard input of `chpasswd`, never on a command line.',
  args: userArgs,
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
    ssh_fingerprint: 'Its fingerprint.',
    system: 'As asked for, of a new user.',
    create_home: 'As asked for, of a new user.',
    append: 'As asked for.',
    move_home: 'As asked for.',
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
      homeOf(args.name),
      section('passwd'),
      sh`printf '%s\n' "$account"`,
      section('shadow'),
      sh`[ ! -r /etc/shadow ] || { ${entry('shadow', args.name)}; }`,
      section('groups'),
      sh`if command -v getent >/dev/null; then getent group; else cat /etc/group; fi`,
      section('home'),
      sh`[ -n "$account" ] && [ -d "$home" ] && echo yes`,
      args.generate_ssh_key &&
        lines(
          section('key'),
          sh`[ -z "$account" ] || cat -- "$home"/${`${keyFile(args)}.pub`} 2>/dev/null`,
          section('fingerprint'),
          sh`[ -z "$account" ] || ssh-keygen -l -f "$home"/${`${keyFile(args)}.pub`} 2>/dev/null`,
        ),
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
        // BusyBox lists users in their own group, too
        .filter(g => g[2] !== gid && (g[3] ?? '').split(',').includes(args.name))
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
      fingerprint: parts.get('fingerprint')?.trim() ?? '',
    }
  },
  want(args, state): Account | undefined {
    if (args.state === 'absent') return undefined
    const isNew = state === undefined
    const password =
      args.password !== undefined && (isNew || args.update_password === 'always') ? args.password : undefined
    const own =
      args.group === undefined ? {} : /^\d+$/.test(args.group) ? { gid: Number(args.group) } : { group: args.group }
    const groups = args.groups?.map(g => g.trim()).filter(g => g !== '' && g !== (args.group ?? state?.group))
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
    if (to === undefined) return { script: removeUser(args) }
    return {
      light: true,
      script: lines(
        sh`if command -v useradd >/dev/null; then :`,
        byShadow(args, from, to),
        sh`elif command -v adduser >/dev/null; then :`,
        byBusybox(args, from, to),
        sh`else echo 'neither useradd (package passwd or shadow) nor adduser is on this host' >&2; exit 127; fi`,
        to.homeExists === true &&
          from !== undefined &&
          (!from.homeExists || differs('home', from, to)) &&
          makeHome(args),
        to.sshKey === 'a new key' && makeKey(args),
      ),
      ...(setsPassword(from, to) ? { stdin: `${args.name}:${to.password}\n` } : {}),
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
  returns(args, { from, to, changed }, { checkMode }) {
    // of a check: what is there
    const seen = checkMode && changed ? from : to
    if (args.state === 'absent') return { name: args.name, state: 'absent', force: args.force, remove: args.remove }
    return {
      name: args.name,
      state: 'present',
      ...(seen === undefined
        ? {}
        : { uid: seen.uid, group: seen.gid, home: seen.home, shell: seen.shell, comment: seen.comment }),
      ...(from === undefined
        ? { system: args.system, create_home: args.create_home }
        : { append: args.append, move_home: args.move_home }),
      ...(args.groups === undefined ? {} : { groups: args.groups.join(',') }),
      ...(args.password === undefined ? {} : { password: 'NOT_LOGGING_PASSWORD' }),
      ...(args.generate_ssh_key && to?.sshKey
        ? { ssh_public_key: to.sshKey, ssh_key_file: `${to.home}/${keyFile(args)}`, ssh_fingerprint: to.fingerprint }
        : {}),
    }
  },
})
