import type { MapNode, SourceNode } from '../../source/node.ts'
import { commandsOf } from '../commands.ts'
import type { Draft } from './draft.ts'
import { isFalse, isTrue, itemsOf, textOf } from './values.ts'

/** `hostname`, `fqdn` and `manage_etc_hosts`. */
export function hostname(root: MapNode, draft: Draft): void {
  if (isTrue(root.get('preserve_hostname'))) return
  const node = root.get('hostname') ?? root.get('fqdn')
  const fqdn = textOf(root.get('fqdn'))
  const whole = isTrue(root.get('prefer_fqdn_over_hostname')) ? (fqdn ?? textOf(node)) : textOf(node)
  const hosts = root.get('manage_etc_hosts')
  const wantsLine = textOf(hosts) === 'localhost'
  if (hosts && !wantsLine && !isFalse(hosts))
    draft.refuse('`manage_etc_hosts` as a template of the image cannot be played', hosts, 'write `localhost`')
  if (node === undefined || whole === undefined) return
  const name = isTrue(root.get('prefer_fqdn_over_hostname')) ? whole : (whole.split('.')[0] ?? whole)
  draft.task({ key: 'hostname', what: name, module: 'hostname', args: { name }, at: node.at })
  if (hosts === undefined || !wantsLine) return
  const short = name.split('.')[0] ?? name
  const args = { path: '/etc/hosts', regexp: '^127\\.0\\.1\\.1\\s', line: `127.0.1.1 ${fqdn ?? name} ${short}` }
  draft.task({ key: 'manage_etc_hosts', what: '/etc/hosts', module: 'lineinfile', args, at: hosts.at })
}

export function timezone(node: SourceNode, draft: Draft): void {
  const name = textOf(node)
  if (name !== undefined) draft.task({ key: 'timezone', what: name, module: 'timezone', args: { name }, at: node.at })
}

export function locale(node: SourceNode, draft: Draft): void {
  const name = textOf(node)
  if (name === undefined || isFalse(node)) return
  if (!/^(?:C|POSIX)(?:\.|$)/i.test(name))
    draft.task({ key: 'locale', what: name, module: 'locale_gen', args: { name: [name] }, at: node.at })
  const args = { path: '/etc/default/locale', regexp: '^LANG=', line: `LANG=${name}`, create: true, mode: '0644' }
  draft.task({ key: 'locale', what: `LANG=${name}`, module: 'lineinfile', args, at: node.at })
}

const BYOBU: Readonly<Record<string, boolean>> = {
  system: true,
  'enable-system': true,
  enable: true,
  'disable-system': false,
  disable: false,
}

/** `byobu_by_default`, for all users: Debian's package asks a question, and a file in /etc/profile.d is the answer. */
export function byobu(node: SourceNode, draft: Draft): void {
  const wanted = BYOBU[textOf(node) ?? '']
  if (wanted === undefined) {
    draft.refuse('byobu for one user cannot be played', node, 'write `system`, or `disable-system`')
    return
  }
  const { at } = node
  const task = (what: string, module: string, args: Record<string, unknown>) =>
    draft.task({ key: 'byobu_by_default', what, module, args, at })
  task('byobu', 'apt', { name: ['byobu'] })
  const question = 'byobu/launch-by-default'
  task('the answer', 'debconf', { name: 'byobu', question, vtype: 'boolean', value: wanted ? 'true' : 'false' })
  task(wanted ? 'for all users' : 'for no user', 'command', {
    argv: ['dpkg-reconfigure', '--frontend=noninteractive', 'byobu'],
    [wanted ? 'creates' : 'removes']: '/etc/profile.d/Z97-byobu.sh',
  })
}

/** `ssh_authorized_keys` of the image's own user: the one that we log in as. */
export function loginKeys(node: SourceNode, draft: Draft): void {
  const keys = itemsOf(node).flatMap(item => textOf(item)?.trim() ?? [])
  if (keys.length === 0) return
  const user = {
    template: '{{ ansible_user | default(ansible_facts.env.SUDO_USER) | default(ansible_facts.user_id) }}',
  }
  const args = { user, key: keys.join('\n') }
  draft.task({
    key: 'ssh_authorized_keys',
    what: 'keys of the login user',
    module: 'authorized_key',
    args,
    at: node.at,
  })
}

/** `ssh_pwauth`, where cloud-init writes it. */
export function passwordLogin(node: SourceNode, draft: Draft): void {
  if (textOf(node) === 'unchanged' || textOf(node) === undefined) return
  const args = {
    ...{ path: '/etc/ssh/sshd_config.d/50-cloud-init.conf', regexp: '^PasswordAuthentication ', create: true },
    ...{ line: `PasswordAuthentication ${isTrue(node) ? 'yes' : 'no'}`, mode: '0600' },
  }
  draft.task({
    key: 'ssh_pwauth',
    what: 'sshd',
    module: 'lineinfile',
    args,
    at: node.at,
    notify: 'sshd reads its settings',
  })
  const service = { name: 'ssh', state: 'reloaded' }
  draft.handler({ key: 'ssh_pwauth', what: 'sshd reads its settings', module: 'service', args: service, at: node.at })
}

/** `ca_certs`: certificates that are trusted beside those of the image. */
export function certificates(node: SourceNode, draft: Draft): void {
  if (node.kind !== 'map') return
  const remove = node.get('remove_defaults') ?? node.get('remove-defaults')
  if (remove && isTrue(remove)) draft.refuse('`remove_defaults` cannot be played', remove)
  for (const [i, item] of itemsOf(node.get('trusted')).entries()) {
    const dest = `/usr/local/share/ca-certificates/cloud-init-ca-cert-${i + 1}.crt`
    const args = { dest, content: `${textOf(item)?.trimEnd()}\n`, owner: 'root', group: 'root', mode: '0644' }
    draft.task({ key: 'ca_certs', what: dest, module: 'copy', args, at: item.at, notify: 'certificates' })
  }
  draft.handler({
    ...{ key: 'ca_certs', what: 'certificates', module: 'command' },
    ...{ args: { argv: ['update-ca-certificates'] }, at: node.at },
  })
}

/** `runcmd` or `bootcmd`: run where these commands are not the ones that ran last. */
export function commands(key: string, node: SourceNode, draft: Draft, { force }: { readonly force: boolean }): void {
  const { script, lines } = commandsOf(node)
  const last = lines.findLast(({ text }) => text.trim() !== '' && !text.trimStart().startsWith('#'))
  if (last === undefined) return
  const { file, line } = last.at
  const said = `the commands of ${key} failed; the last of them is \`${last.text}\` (${file}:${line})`
  const args = { key, script, last: said, force }
  const number = itemsOf(node).length
  draft.task({
    key,
    what: number === 1 ? '1 command' : `${number} commands`,
    module: 'cloud_init_commands',
    args,
    at: node.at,
  })
}
