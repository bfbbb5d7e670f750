import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tar } from '../../src/providers/tar.ts'
import { startBusyboxHosts } from '../rig/busybox-host.ts'
import { folder, mlops } from '../rig/mlops.ts'
import type { SshHost, SshHosts } from '../rig/ssh-hosts.ts'

let hosts: SshHosts
let host: SshHost

beforeAll(async () => {
  hosts = await startBusyboxHosts(['tiny'])
  const [first] = hosts.hosts
  if (!first) throw new Error('a host')
  host = first
  // Something to download, from BusyBox itself
  inside('mkdir /srv/www && echo hello >/srv/www/page && httpd -p 8080 -h /srv/www')
})

afterAll(() => hosts?.stop())

test('the host has BusyBox, and neither Python, bash, coreutils, apt nor systemd', () => {
  expect(inside('cat --help 2>&1')).toContain('BusyBox')
  const missing = 'for name in python3 bash systemctl apt-get dpkg getent useradd curl; do command -v $name; done; :'
  expect(inside(missing)).toBe('')
})

test('modules on a BusyBox host: a check says changed and changes nothing, a play changes all, and again nothing', async () => {
  const playbook = readFileSync(join(import.meta.dirname, 'modules-busybox.yml'), 'utf8')
  const before = traces()
  const check = await play(playbook, '--check', '--diff')
  expect(check.status, check.text).toBe(0)
  expect(check.outcomes).toEqual(all(check.outcomes, 'changed'))
  expect(traces()).toBe(before)

  const apply = await play(playbook)
  expect(apply.status, apply.text).toBe(0)
  expect(apply.outcomes).toEqual(all(check.outcomes, 'changed'))
  expect(traces()).not.toBe(before)
  expect(inside('id shop')).toBe('uid=2100(shop) gid=2100(shop) groups=2100(shop),10(wheel),100(users)\n')
  expect(
    inside(
      'tar xzOf /srv/conf.tar.gz | cmp /etc/conf.d/agetty - && cat /srv/shop-page/a /srv/started; rc-service shop status 2>&1',
    ),
  ).toBe('page\nstarted with two words\n * status: started\n')

  for (const way of [[], ['--no-look-ahead'], ['--check']]) {
    const again = await play(playbook, ...way)
    expect(again.status, again.text).toBe(0)
    // as Ansible says it of a script that has nothing to do
    expect(again.outcomes, way.join()).toEqual({ ...all(apply.outcomes, 'ok'), 'script: creates': 'skipped' })
  }
})

/** Tasks, and what becomes of them: a beginning of the message, or an outcome. */
const answers: readonly (readonly [task: string, answer: string])[] = [
  ['apt: { name: jq }', 'this host has no dpkg: apt works on Debian and its kin only'],
  [
    'package: { name: jq }',
    'this host has no dpkg: apt works on Debian and its kin only; nothing is known of this host’s package manager: gather',
  ],
  ['package: { name: less, use: apk }', 'changed'],
  ['apt_repository: { repo: "deb http://shop.example stable main" }', 'this host has no apt-get'],
  ['dpkg_selections: { name: jq, selection: hold }', 'dpkg is not on this host'],
  ['debconf: { name: tzdata, question: a/b, value: c, vtype: string }', 'debconf is not on this host'],
  ['dnf: { name: jq }', 'neither dnf nor yum is on this host'],
  ['systemd: { name: shop, state: started }', 'systemd does not run on this host'],
  ['pip: { name: requests }', 'pip is not on this host'],
  ['git: { repo: "http://127.0.0.1:8080/x.git", dest: /srv/git }', 'git is not on this host'],
  ['docker_container: { name: shop, image: shop }', 'docker is not on this host'],
  ['docker_compose: { project_src: /srv }', 'docker is not on this host'],
  ['iptables: { chain: INPUT, jump: ACCEPT }', 'iptables is not on this host'],
  ['openssh_keypair: { path: /srv/key }', 'ssh-keygen is not on this host'],
  ['openssl_privatekey: { path: /srv/key.pem }', 'openssl is not on this host'],
  ['expect: { command: cat, responses: { a: b } }', 'no terminal can be made on this host: it has no script'],
  ['acl: { path: /srv, entity: ops, etype: user, permissions: r, state: present }', 'setfacl and getfacl are not on'],
  ['npm: { name: x, global: true }', 'npm is not on this host'],
  ['ufw: { rule: allow, port: "80" }', 'ufw is not on this host'],
  ['get_url: { url: "file:///nothing", dest: /srv/y }', "Request failed: cp: can't stat '/nothing'"],
  ['timezone: { name: Europe/Berlin }', 'given timezone "Europe/Berlin" is not available'],
  ['archive: { path: /etc/conf.d, dest: /srv/conf.zip, format: zip }', 'zip is not on this host'],
  ['k8s: { name: shop, kind: Pod, api_version: v1 }', 'kubectl is not on this host'],
  ['cron: { name: tidy, job: x, user: ops, cron_file: shop }', 'there is no /etc/cron.d on this host'],
  ['get_url: { url: "http://127.0.0.1:8080/nothing", dest: /srv/x }', 'Request failed: wget: server returned error'],
  ['service: { name: nothing, state: started }', 'Could not find the requested service nothing: host'],
  ['service: { name: shop, state: reloaded }', '* shop: unknown function `reload'],
  ['service: { name: shop, state: restarted }', 'changed'],
  ['service: { name: shop, state: stopped, enabled: false }', 'changed'],
  ['service: { name: shop, state: stopped, enabled: false }', 'ok'],
  ['user: { name: shop, groups: ops }', 'changed'],
  ['user: { name: shop, groups: wheel, append: true }', 'changed'],
  ['user: { name: shop, groups: [ops, wheel] }', 'ok'],
  [
    'user: { name: shop, comment: new, shell: /bin/ash }',
    'BusyBox cannot set `comment`, `shell` of a user who is there',
  ],
  ['user: { name: other, password_expire_max: 9 }', 'BusyBox cannot set `password_expire_max` of a user'],
  ['user: { name: shop, password_lock: false }', 'without its lock, the account shop would need no password'],
  ['user: { name: shop-system, password_lock: true, create_home: false }', 'changed'],
  ['user: { name: shop-system, password_lock: false, create_home: false }', 'changed'],
  ['user: { name: shop-system, state: absent }', 'changed'],
  ['group: { name: shop, gid: 2200 }', 'BusyBox cannot set `gid` of a group that is there'],
  ['user: { name: shop, state: absent, remove: true }', 'changed'],
  ['group: { name: users, state: absent }', 'changed'],
  ['mount: { path: /mnt/shop, src: tmpfs, fstype: tmpfs, opts: size=1m, state: mounted }', 'changed'],
  ['mount: { path: /mnt/shop, src: tmpfs, fstype: tmpfs, opts: size=1m, state: mounted }', 'ok'],
  ['mount: { path: /mnt/shop, state: absent }', 'changed'],
  ['apk: { name: jq, state: absent }', 'changed'],
  ['cron: { name: tidy up, state: absent }', 'changed'],
  ['tempfile: { state: directory }', 'changed'],
]

test('what BusyBox cannot do is a failure that says why; what it can do is done and undone', async () => {
  const tasks = answers.map(([task], i) => `    - name: ${i}\n      ignore_errors: true\n      ${task}\n`)
  const { status, results, text } = await play(`- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('')}`)
  expect(status, text).toBe(0)
  const seen = answers.map(([task, answer], i) => {
    const { outcome, msg } = results[`${i}`] ?? { outcome: 'not there', msg: '' }
    return [task, outcome === 'failed' ? msg.trim().slice(0, answer.length) : outcome]
  })
  expect(seen).toEqual(answers)
})

test('a service that crashed is started anew under OpenRC, and one is enabled in another runlevel', async () => {
  inside(
    'rc-service shop start 2>&1 && kill $(cat /run/shop.pid) && until [ ! -d /proc/$(cat /run/shop.pid) ]; do :; done',
  )
  const playbook = `- hosts: all
  gather_facts: false
  tasks:
    - { name: crashed, service: { name: shop, state: started } }
    - { name: again, service: { name: shop, state: started } }
    - { name: boot, service: { name: shop, enabled: true, runlevel: boot } }
    - { name: boot again, service: { name: shop, enabled: true, runlevel: boot } }
    - { name: default, service: { name: shop, enabled: false } }
`
  const { status, outcomes, text } = await play(playbook)
  expect(status, text).toBe(0)
  expect(outcomes).toEqual({ crashed: 'changed', again: 'ok', boot: 'changed', 'boot again': 'ok', default: 'ok' })
  expect(inside('rc-service shop status 2>&1; rc-update show boot')).toMatch(/status: started\n +shop \| boot/)
})

test('the su of BusyBox makes another user, with a password and without', async () => {
  const playbook =
    '- hosts: all\n  gather_facts: false\n  become: true\n  become_method: su\n  tasks:\n    - name: who\n      command: id -un\n'
  const asOps = ['-e', 'ansible_user=ops', '-e']
  const right = await play(playbook, ...asOps, '{"ansible_become_password": "open sesame"}')
  expect(right.results['who']?.stdout, right.text).toBe('root')
  const wrong = await play(playbook, ...asOps, '{"ansible_become_password": "guessed-wrong"}')
  expect(wrong.status).toBe(2)
  expect(wrong.results['who']?.msg).toBe('su on tiny refused the password (su: incorrect password)')
  const down = await play(playbook, '-e', 'ansible_become_user=guest')
  expect(down.results['who']?.stdout, down.text).toBe('guest')
})

interface Played {
  readonly status: number | null
  /** What became of each task, by its name. */
  readonly outcomes: Readonly<Record<string, string>>
  readonly results: Readonly<
    Record<string, { readonly outcome: string; readonly msg: string; readonly stdout: string }>
  >
  /** What to read when it went wrong. */
  readonly text: string
}

async function play(playbook: string, ...args: readonly string[]): Promise<Played> {
  const cwd = folder({
    'site.yml': playbook,
    'files/start.sh': '#!/bin/sh\necho "started with $1" >/srv/started\n',
    'files/tree/a': 'a\n',
    'files/tree/sub/b': 'b\n',
    'files/parts/1': 'one\n',
    'files/parts/2': 'two\n',
    'templates/t.j2': 'host {{ inventory_hostname }}\n',
  })
  mkdirSync(join(cwd, 'files'), { recursive: true })
  writeFileSync(join(cwd, 'files/shop.tar.gz'), gzipSync(tar([{ path: 'shop-page/a', content: 'page\n' }])))
  const ran = await mlops(['play', 'site.yml', '-i', hosts.inventory, '--json', ...args], { cwd })
  const results: Record<string, { outcome: string; msg: string; stdout: string }> = {}
  const failures: string[] = [ran.stderr]
  for (const line of ran.stdout.split('\n').filter(line => line !== '')) {
    const event = JSON.parse(line)
    if (event.type !== 'task-finished') continue
    const { msg = '', stdout = '' } = event.result
    results[event.task.name] = { outcome: event.outcome === 'ignored' ? 'failed' : event.outcome, msg, stdout }
    if (/failed|unreachable/.test(event.outcome)) failures.push(`${event.task.name}: ${JSON.stringify(event.result)}`)
  }
  const outcomes = Object.fromEntries(Object.entries(results).map(([name, { outcome }]) => [name, outcome]))
  return { status: ran.status, outcomes, results, text: failures.join('\n') }
}

/** The same tasks, all with this outcome; those whose name says that they only look are ok. */
function all(outcomes: Played['outcomes'], outcome: string): Played['outcomes'] {
  const looks = (name: string) => name.startsWith('look: ') || name === 'Gathering Facts'
  return Object.fromEntries(Object.keys(outcomes).map(name => [name, looks(name) ? 'ok' : outcome]))
}

/** Digests of what a task could leave behind. */
function traces(): string {
  return inside(
    'find / -xdev -type f ! -path "/proc/*" ! -path "/sys/*" ! -path "/root/.ash_history" ! -path "/root/.ansible/*" -exec sha1sum {} + | sort; find / -xdev ! -path "/proc/*" ! -path "/sys/*" ! -path "/dev/*" | sort | xargs -d "\\n" stat -c "%n %a %U %G" | sort; hostname; rc-status -a -s -m',
  )
}

function inside(script: string): string {
  return hosts.exec(host, 'sh', '-c', script)
}
