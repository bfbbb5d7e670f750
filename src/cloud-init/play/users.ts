import type { Position } from '../../errors.ts'
import { keyText, type MapNode, type SourceNode } from '../../source/node.ts'
import { withoutSecret } from '../check.ts'
import type { Draft } from './draft.ts'
import { isFalse, isTrue, itemsOf, settingOf, textOf, wordsOf } from './values.ts'

const SUDOERS = '/etc/sudoers.d/90-cloud-init-users'

/** `groups`: names, or mappings of a name to its members. */
export function groups(node: SourceNode, draft: Draft): void {
  const members: { group: string; user: string; at: Position }[] = []
  const named = node.kind === 'scalar' ? wordsOf(node).map(name => ({ name, at: node.at })) : []
  for (const item of node.kind === 'seq' ? node.items : node.kind === 'map' ? [node] : []) {
    if (item.kind === 'map') {
      for (const { key, value } of item.entries) {
        named.push({ name: keyText(key), at: key.at })
        for (const user of wordsOf(value)) members.push({ group: keyText(key), user, at: value.at })
      }
    } else named.push({ name: textOf(item) ?? '', at: item.at })
  }
  for (const { name, at } of named) draft.task({ key: 'groups', what: name, module: 'group', args: { name }, at })
  for (const { group, user, at } of members) {
    const args = { name: user, groups: [group], append: true }
    draft.task({ key: 'groups', what: `${user} in ${group}`, module: 'user', args, at })
  }
}

/** `users`: accounts with their groups, keys and rules of sudo. */
export function users(node: SourceNode, draft: Draft): void {
  if (node.kind === 'map') {
    draft.refuse('`users` as a mapping cannot be played', node, 'write it as a list')
    return
  }
  for (const item of itemsOf(node)) {
    const name = textOf(item)
    if (name !== undefined) {
      // the image's own user, which cloud-init has made
      for (const each of name.split(',').map(word => word.trim()))
        if (each !== 'default' && each !== '')
          draft.task({ key: 'users', what: each, module: 'user', args: { name: each }, at: item.at })
    } else if (item.kind === 'map') user(item, draft)
    else draft.refuse('a list within `users` cannot be played', item)
  }
}

const HINTS: Readonly<Record<string, string>> = {
  plain_text_passwd: 'write `hashed_passwd`: mkpasswd --method=SHA-512 makes one',
  ssh_import_id: 'write the keys themselves: `ssh_authorized_keys`',
}
const UNPLAYED = [
  'plain_text_passwd',
  'ssh_import_id',
  'ssh_redirect_user',
  'snapuser',
  'doas',
  'inactive',
  'selinux_user',
]

function user(map: MapNode, draft: Draft): void {
  const name = textOf(map.get('name'))
  if (name === undefined) return
  const value = (key: string) => settingOf(map, key)
  for (const key of UNPLAYED) {
    const node = value(key)
    if (node && !(node.kind === 'scalar' && node.value === null))
      draft.refuse(`\`${key}\` of a user cannot be played`, withoutSecret(node.at), HINTS[key])
  }
  const further = value('groups')
  const primary = textOf(value('primary_group'))
  const names = further?.kind === 'map' ? further.entries.map(({ key }) => keyText(key)) : wordsOf(further)
  if (!isFalse(value('create_groups')))
    for (const group of [...names, ...(primary === undefined ? [] : [primary])])
      draft.task({
        key: 'users',
        what: `group ${group}`,
        module: 'group',
        args: { name: group },
        at: further?.at ?? map.at,
      })
  const hash = value('hashed_passwd') ?? value('passwd')
  const days = textOf(value('expiredate'))
  const args = {
    name,
    comment: textOf(value('gecos')),
    home: textOf(value('homedir')),
    shell: textOf(value('shell')),
    uid: numberOf(value('uid')),
    group: primary ?? (isTrue(value('no_user_group')) ? 'users' : undefined),
    groups: names.length > 0 ? names : undefined,
    append: names.length > 0 ? true : undefined,
    system: isTrue(value('system')) ? true : undefined,
    create_home: isTrue(value('no_create_home')) || isTrue(value('system')) ? false : undefined,
    password: textOf(hash),
    update_password: hash ? (value('hashed_passwd') ? 'always' : 'on_create') : undefined,
    // cloud-init locks the password of whom it makes, unless it is told not to
    password_lock: !isFalse(value('lock_passwd')),
    expires: days === undefined ? undefined : Date.parse(days) / 1000,
  }
  draft.task({ key: 'users', what: name, module: 'user', args, at: map.at })
  keys(name, value('ssh_authorized_keys'), draft)
  rules(name, value('sudo'), draft)
}

function keys(name: string, node: SourceNode | undefined, draft: Draft): void {
  const lines = itemsOf(node).flatMap(item => textOf(item)?.trim() ?? [])
  if (node === undefined || lines.length === 0) return
  const args = { user: name, key: lines.join('\n') }
  draft.task({ key: 'users', what: `keys of ${name}`, module: 'authorized_key', args, at: node.at })
}

/** Rules stand where cloud-init writes them, so that a server which has booted with them stays as it is. */
function rules(name: string, node: SourceNode | undefined, draft: Draft): void {
  if (node === undefined || isFalse(node)) return
  for (const item of itemsOf(node)) {
    const rule = textOf(item)
    if (rule === undefined) continue
    const args = {
      ...{ path: SUDOERS, line: `${name} ${rule}`, create: true },
      ...{ owner: 'root', group: 'root', mode: '0440', validate: '/usr/sbin/visudo -cf %s' },
    }
    draft.task({ key: 'users', what: `sudo for ${name}`, module: 'lineinfile', args, at: item.at })
  }
}

function numberOf(node: SourceNode | undefined): number | undefined {
  const text = textOf(node)
  return text === undefined ? undefined : Number(text)
}
