import { lines, type Script, sh } from '../../shell/sh.ts'
import { entry } from './accounts.ts'
import type { Account, UserArgs } from './user-args.ts'
import { differs, locks, setsPassword } from './user-commands.ts'

/** Makes or changes a user with BusyBox's own tools (`adduser`, `addgroup`), or says what takes the package shadow. */
export function byBusybox(args: UserArgs, from: Account | undefined, to: Partial<Account>): Script {
  const missing = beyondBusybox(args, from, to)
  if (missing.length > 0) {
    return sh`printf '%s\n' ${`BusyBox cannot set ${missing.join(', ')} of a user${from === undefined ? '' : ' who is there'}: install the package shadow`} >&2; exit 127`
  }
  if (locks(from, to) && to.locked === false && /^!+$/.test(from?.password ?? '')) {
    return sh`printf 'without its lock, the account %s would need no password: give it one with \`password\`\n' ${args.name} >&2; exit 1`
  }
  const joins = (to.groups ?? []).filter(group => !from?.groups?.includes(group))
  const leaves = to.groups === undefined ? [] : (from?.groups ?? []).filter(group => !to.groups?.includes(group))
  return lines(
    from === undefined && add(args, to),
    ...joins.map(group => sh`addgroup ${args.name} ${group} || exit`),
    ...leaves.map(group => sh`delgroup ${args.name} ${group} || exit`),
    setsPassword(from, to) && sh`chpasswd -e || exit`,
    locks(from, to) && sh`passwd ${to.locked ? '-l' : '-u'} ${args.name} || exit`,
  )
}

function add(args: UserArgs, to: Partial<Account>): Script {
  const options = [
    ...(to.uid === undefined ? [] : ['-u', String(to.uid)]),
    ...(to.home === undefined ? [] : ['-h', to.home]),
    ...(to.shell === undefined ? [] : ['-s', to.shell]),
    ...(args.system ? ['-S'] : []),
    ...(args.create_home ? [] : ['-H']),
    ...(args.skeleton === undefined ? [] : ['-k', args.skeleton]),
  ]
  // A group of the user's name is the own group; adduser refuses to make it when it is there.
  return sh`
set -- -D -g ${to.comment ?? ''} ${options}
own=$(${entry('group', args.group ?? args.name)})
[ -z "$own" ] || set -- "$@" -G "\${own%%:*}"
${args.group === undefined ? sh`:` : sh`[ -n "$own" ] || { printf 'there is no group %s\n' ${args.group} >&2; exit 1; }`}
adduser "$@" ${args.name} || exit`
}

/** What is asked for that BusyBox has no tool for, in the names of arguments. */
function beyondBusybox(args: UserArgs, from: Account | undefined, to: Partial<Account>): readonly string[] {
  const onlyShadow = [
    ['expires', '`expires`'],
    ['maxDays', '`password_expire_max`'],
    ['minDays', '`password_expire_min`'],
    ['warnDays', '`password_expire_warn`'],
  ] as const
  const onlyAtFirst = [
    ['uid', '`uid`'],
    ['group', '`group`'],
    ['gid', '`group`'],
    ['comment', '`comment`'],
    ['home', '`home`'],
    ['shell', '`shell`'],
  ] as const
  const names = [...onlyShadow, ...(from === undefined ? [] : onlyAtFirst)].flatMap(([key, name]) =>
    differs(key, from, to) && !(from === undefined && to[key] === -1) ? [name] : [],
  )
  return [...new Set([...names, ...(args.non_unique ? ['`non_unique`' as const] : [])])]
}
