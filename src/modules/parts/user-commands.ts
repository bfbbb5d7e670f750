import { lines, type Script, sh } from '../../shell/sh.ts'
import { entry } from './accounts.ts'
import type { Account, UserArgs } from './user-args.ts'

/** Makes or changes a user with the tools of the package shadow (`useradd`, `usermod`). */
export function byShadow(args: UserArgs, from: Account | undefined, to: Partial<Account>): Script {
  return lines(
    from === undefined ? add(args, to) : modify(args, from, to),
    setsPassword(from, to) && sh`chpasswd -e || exit`,
    locks(from, to) && sh`usermod ${to.locked ? '-L' : '-U'} -- ${args.name} || exit`,
    ageing(args, from, to),
  )
}

/** Whether a hash goes to `chpasswd`, which reads it on its standard input. */
export function setsPassword(from: Account | undefined, to: Partial<Account>): boolean {
  return to.password !== undefined && to.password !== from?.password
}

/** Whether the password is locked or unlocked by itself: one that is set brings its own mark. */
export function locks(from: Account | undefined, to: Partial<Account>): boolean {
  return !setsPassword(from, to) && to.locked !== undefined && to.locked !== (from?.locked ?? false)
}

export function differs(key: keyof Account, from: Account | undefined, to: Partial<Account>): boolean {
  return to[key] !== undefined && JSON.stringify(to[key]) !== JSON.stringify(from?.[key])
}

/** Removes a user with the tools of shadow, or of BusyBox. */
export function removeUser({ name, remove, force }: UserArgs): Script {
  return sh`if command -v userdel >/dev/null; then userdel ${remove ? ['-r'] : []} ${force ? ['-f'] : []} -- ${name} 2>&1; status=$?; else deluser ${remove ? ['--remove-home'] : []} ${name}; status=$?; fi
# 12: the mail spool or home was not there to remove.
[ "$status" -eq 12 ] || exit "$status"`
}

function add(args: UserArgs, to: Partial<Account>): Script {
  const options = [
    ...common(args, undefined, to),
    args.create_home ? '-m' : '-M',
    ...(args.system ? ['-r'] : []),
    ...(args.skeleton === undefined ? [] : ['-k', args.skeleton]),
    ...(args.umask === undefined ? [] : ['-K', `UMASK=${args.umask}`]),
  ]
  // A group of the user's name is the usual own group; useradd refuses to make it when it is there.
  return sh`
own=
${args.group === undefined ? sh`[ -z "$(${entry('group', args.name)})" ] || own=yes` : sh`:`}
set -- ${options}
[ -z "$own" ] || set -- "$@" -g ${args.name}
useradd "$@" -- ${args.name} || exit`
}

function modify(args: UserArgs, from: Account, to: Partial<Account>): Script | undefined {
  const options = common(args, from, to)
  return options.length === 0 ? undefined : sh`usermod ${options} -- ${args.name} || exit`
}

function common(args: UserArgs, from: Account | undefined, to: Partial<Account>): readonly string[] {
  const changes = (key: keyof Account) => differs(key, from, to)
  return [
    ...(changes('uid') ? ['-u', String(to.uid), ...(args.non_unique ? ['-o'] : [])] : []),
    ...(changes('group') || changes('gid') ? ['-g', args.group ?? ''] : []),
    ...(changes('groups') && (from !== undefined || to.groups?.length) ? ['-G', (to.groups ?? []).join(',')] : []),
    ...(changes('comment') ? ['-c', to.comment ?? ''] : []),
    ...(changes('home') ? ['-d', to.home ?? '', ...(from !== undefined && args.move_home ? ['-m'] : [])] : []),
    ...(changes('shell') ? ['-s', to.shell ?? ''] : []),
    ...(changes('expires')
      ? ['-e', to.expires === -1 ? '' : new Date((to.expires ?? 0) * 86_400_000).toISOString().slice(0, 10)]
      : []),
  ]
}

function ageing(args: UserArgs, from: Account | undefined, to: Partial<Account>): Script | undefined {
  const options = (
    [
      ['maxDays', '-M'],
      ['minDays', '-m'],
      ['warnDays', '-W'],
    ] as const
  ).flatMap(([key, option]) => (to[key] !== undefined && to[key] !== from?.[key] ? [option, String(to[key])] : []))
  return options.length === 0 ? undefined : sh`chage ${options} ${args.name} || exit`
}
