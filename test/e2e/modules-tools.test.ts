import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSshd } from '../../src/connection/sshd.rig.ts'
import { ImageShop } from '../../src/providers/docker/images.ts'
import { folder, mlops, recap } from '../rig/mlops.ts'

const own = `mlops-tools-${randomBytes(3).toString('hex')}`
const image = 'mlops/test-tools:1'
const packages = 'ufw iptables apache2-utils rsync acl libcap2-bin openssl openssh-client sudo util-linux'

/** A host with tools that modules work through, without Python and without sshd. */
beforeAll(async () => {
  const base = await new ImageShop({ onStep: () => {}, onWarning: () => {} }).base('trixie')
  const context = mkdtempSync(join(tmpdir(), 'mlops-tools-'))
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM ${base}
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages} >/dev/null && rm -rf /var/lib/apt/lists/*
`,
  )
  execFileSync('docker', ['build', '--quiet', '--network', 'host', '--tag', image, context], {
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  rmSync(context, { recursive: true })
  docker('run', '--detach', '--init', '--cap-add', 'NET_ADMIN', '--name', own, image, 'sleep', 'infinity')
})

afterAll(() => {
  docker('rm', '--force', '--volumes', own)
})

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

/** Plays tasks thrice: a check, for real, and again. Gives how many changed each time. */
async function thrice(
  tasks: string,
  files: Readonly<Record<string, string>> = {},
  inventory?: string,
): Promise<(number | undefined)[]> {
  const cwd = folder({
    ...files,
    'site.yml': `- hosts: all\n  gather_facts: false\n  vars: { secret: "it's a \\\\ $ecret" }\n  tasks:\n    ${tasks.trim().replaceAll('\n', '\n    ')}\n`,
    'hosts.ini': inventory ?? `${own} ansible_connection=docker\n`,
  })
  const changes: (number | undefined)[] = []
  for (const args of [['--check', '--diff'], [], []]) {
    const { stdout, stderr } = await mlops(['play', 'site.yml', '-i', 'hosts.ini', ...args], { cwd })
    const [counters] = Object.values(recap(stdout))
    if (counters?.failed !== 0 || counters.unreachable !== 0) throw new Error(stdout + stderr)
    expect(stdout).not.toContain('$ecret')
    changes.push(counters.changed)
  }
  return changes
}

test('a firewall of ufw is checked, set up, left alone, and loses a rule', async () => {
  const changes = await thrice(`
- ufw: rule=allow port=2222 proto=tcp comment="it is $HOME"
- community.general.ufw: { state: enabled, policy: reject, direction: routed }
- ufw: { rule: deny, interface: eth0, direction: in, proto: udp, src: 10.0.3.5, from_port: "5469" }
- ufw: { rule: allow, from: 192.168.0.0/16, to_port: "80,443", proto: tcp, insert: 0, insert_relative_to: first-ipv4 }
- ufw: { rule: reject, route: true, interface_in: eth0, interface_out: eth1, log: true, dest: "2001:db8::/32" }
- ufw: { logging: medium }
`)
  expect(changes).toEqual([6, 6, 0])
  const rules = docker('exec', own, 'ufw', 'status', 'numbered')
  expect(rules).toMatch(/\[ 1\] 80,443\/tcp +ALLOW IN +192\.168\.0\.0\/16/)
  expect(rules).toMatch(/2222\/tcp +ALLOW IN +Anywhere +# it is \$HOME/)
  expect(await thrice('- ufw: { rule: allow, to_port: "2222", proto: tcp, delete: true }')).toEqual([1, 1, 0])
  expect(docker('exec', own, 'ufw', 'status')).not.toContain('2222')
})

test('passwords, rules of sudo, access lists and capabilities are checked, made and left alone', async () => {
  const changes = await thrice(`
- htpasswd: { path: "/srv/it's $x", name: "o'neil", password: "{{ secret }}", owner: root, group: www-data, mode: "0640" }
- community.general.htpasswd: { path: /srv/b crypt, name: me, password: "{{ secret }}", crypt_scheme: bcrypt }
- sudoers: { name: "it's", user: daemon, commands: ["/usr/bin/id -u", /usr/bin/true], runas: root }
- acl: { path: /srv, entity: daemon, etype: user, permissions: rwx, state: present }
- ansible.posix.acl: { path: /srv, entry: "default:group:bin:rx", state: present }
- command: cp /bin/true "/srv/it's cap"
  args: { creates: "/srv/it's cap" }
- capabilities: { path: "/srv/it's cap", capability: CAP_NET_BIND_SERVICE+ep }
- community.crypto.openssl_privatekey: { path: "/srv/it's key", type: Ed25519 }
- community.crypto.x509_certificate: { path: /srv/crt, privatekey_path: "/srv/it's key", provider: selfsigned }
`)
  expect(changes).toEqual([9, 9, 0])
  const word = `printf '%s' "it's a \\\\ \\$ecret"`
  docker('exec', own, 'sh', '-c', `${word} | htpasswd -vi '/srv/it'"'"'s $x' "o'neil"`)
  docker('exec', own, 'sh', '-c', `${word} | htpasswd -vi '/srv/b crypt' me`)
  expect(docker('exec', own, 'sudo', '-u', 'daemon', 'sudo', '-n', '-u', 'root', '/usr/bin/id', '-u')).toBe('0')
  expect(docker('exec', own, 'getfacl', '-p', '/srv')).toMatch(/user:daemon:rwx\n.*default:group:bin:r-x/s)
  expect(docker('exec', own, 'getcap', "/srv/it's cap")).toContain('cap_net_bind_service=ep')
  expect(
    await thrice(`
- acl: { path: /srv, entity: daemon, etype: user, state: absent }
- capabilities: { path: "/srv/it's cap", capability: cap_net_bind_service, state: absent }
- htpasswd: { path: /srv/b crypt, name: me, state: absent }
- sudoers: { name: "it's", state: absent }
`),
  ).toEqual([4, 4, 0])
})

test('questions of a program are answered on a host', async () => {
  const { stdout } = await mlops(
    [
      'run',
      own,
      '-i',
      `${own},`,
      '-e',
      'ansible_connection=docker',
      '-m',
      'expect',
      '-a',
      JSON.stringify({
        command: 'passwd daemon',
        responses: { '(?i)password:': 'geheim' },
      }),
    ],
    { cwd: folder({}) },
  )
  expect(stdout).toContain('password updated successfully')
})

test('trees are pushed to a container and to a host of ssh, pulled back, and what is gone goes', async () => {
  const files = { 'files/site/a': 'one', "files/site/sub/it's $b": 'two' }
  const tasks = (dest: string, host: string) => `
- ansible.posix.synchronize: { src: site/, dest: "${dest}", delete: true, owner: false, group: false }
- synchronize: { src: "${dest}/", dest: "pulled $x/", mode: pull, rsync_opts: ["--exclude=a"] }
  when: not ansible_check_mode
- slurp: { src: /etc/hostname }
  register: name
- assert: { that: name.content | b64decode | trim == '${host}' }
- synchronize: { src: "${dest}/a", dest: "${dest}-copy", checksum: true }
  delegate_to: "{{ inventory_hostname }}"
  when: not ansible_check_mode
`
  expect(await thrice(tasks("/srv/it's", docker('exec', own, 'cat', '/etc/hostname')), files)).toEqual([1, 3, 0])
  expect(docker('exec', own, 'cat', "/srv/it's/sub/it's $b", "/srv/it's-copy")).toBe('twoone')
  docker('exec', own, 'touch', "/srv/it's/more")
  expect(
    await thrice(`- synchronize: { src: site/, dest: "/srv/it's", delete: true, owner: false, group: false }`, files),
  ).toEqual([1, 1, 0])

  const sshd = await startSshd()
  try {
    const here = `here ansible_host=127.0.0.1 ansible_port=${sshd.port} ansible_ssh_private_key_file=${sshd.key} ansible_ssh_common_args='-o UserKnownHostsFile=${sshd.folder}/known_hosts'\n`
    const target = join(sshd.folder, 'to it')
    expect(await thrice(tasks(target, readFileSync('/etc/hostname', 'utf8').trim()), files, here)).toEqual([1, 3, 0])
    expect(readFileSync(join(target, "sub/it's $b"), 'utf8')).toBe('two')
    expect(existsSync(`${target}-copy`)).toBe(true)
  } finally {
    await sshd.stop()
  }
})
