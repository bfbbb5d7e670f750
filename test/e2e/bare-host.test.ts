import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BareHosts, startBareHosts } from '../rig/bare-host.ts'
import { folder, looksAhead, mlops, type RunOptions, recap } from '../rig/mlops.ts'

let bare: BareHosts

beforeAll(async () => {
  bare = await startBareHosts(['one', 'two'])
})

afterAll(() => bare?.stop())

/** Plays a playbook on the bare hosts. */
function play(playbook: string, args: readonly string[] = [], options: RunOptions = {}) {
  const cwd = folder({
    'site.yml': playbook,
    'files/start.sh': '#!/bin/sh\necho "started with $1"\n',
    'templates/t.j2': 'host {{ inventory_hostname }}\n',
  })
  return mlops(['play', 'site.yml', '-i', bare.inventory, ...args], { cwd, ...options })
}

/** One task for every state module that a host without systemd can take. */
const modules = readFileSync(join(import.meta.dirname, 'modules.yml'), 'utf8')

test('the hosts have no Python', () => {
  for (const host of bare.hosts)
    expect(() => bare.exec(host, 'sh', '-c', 'command -v python3 || command -v python')).toThrow()
})

test.each([
  [[]],
  [['--no-look-ahead']],
])('modules on a real host without Python: check, apply, again %s', async args => {
  const host = bare.hosts[args.length]
  if (!host) throw new Error('a host for each way')
  const here = [...args, '-l', host.name]
  const before = bare.exec(
    host,
    'sh',
    '-c',
    'find / -xdev -newer /proc/1/cmdline -type f -not -path "/proc/*" -not -path "/run/*" -not -path "/home/*/.ansible/*" | sort | xargs sha1sum 2>/dev/null | sha1sum; id shop 2>&1; cat /etc/passwd | sha1sum',
  )
  const check = await play(modules, [...here, '--check'])
  expect(check.stdout + check.stderr).not.toContain('fatal')
  const changes = recap(check.stdout)[host.name]?.['changed'] ?? 0
  expect(changes).toBeGreaterThan(10)
  expect(
    bare.exec(
      host,
      'sh',
      '-c',
      'find / -xdev -newer /proc/1/cmdline -type f -not -path "/proc/*" -not -path "/run/*" -not -path "/home/*/.ansible/*" | sort | xargs sha1sum 2>/dev/null | sha1sum; id shop 2>&1; cat /etc/passwd | sha1sum',
    ),
  ).toBe(before)
  const apply = await play(modules, here)
  expect(apply.stdout).toContain('PLAY RECAP')
  expect(apply.status, apply.stdout + apply.stderr).toBe(0)
  expect(recap(apply.stdout)[host.name]?.['changed']).toBeGreaterThan(10)
  const again = await play(modules, here)
  expect(again.status, again.stdout + again.stderr).toBe(0)
  expect(recap(again.stdout)[host.name], again.stdout).toMatchObject({ changed: 0, failed: 0 })
})

test('a script of /etc/init.d is started, enabled with update-rc.d, told of, and stopped again', async () => {
  const one = bare.hosts[0]
  if (!one) throw new Error('a host')
  const playbook = `- hosts: one
  become: true
  tasks:
    - copy:
        dest: /etc/init.d/till
        mode: "0755"
        content: |
          #!/bin/sh
          ### BEGIN INIT INFO
          # Provides: till
          # Required-Start: $remote_fs
          # Required-Stop: $remote_fs
          # Default-Start: 2 3 4 5
          # Default-Stop: 0 1 6
          ### END INIT INFO
          case $1 in
          start) start-stop-daemon --start --background --make-pidfile --pidfile /run/till.pid --exec /bin/sleep -- 100000 ;;
          stop) start-stop-daemon --stop --remove-pidfile --pidfile /run/till.pid ;;
          restart) "$0" stop && "$0" start ;;
          status) start-stop-daemon --status --pidfile /run/till.pid ;;
          *) echo "usage: till start|stop|restart|status" >&2; exit 2 ;;
          esac
    - service: { name: till, state: STATE, enabled: ENABLED }
      register: done
    - service: { name: till, state: STATE, enabled: ENABLED }
      register: again
    - service_facts:
    - assert:
        that:
          - done is changed and again is not changed
          - ansible_facts.services.till.state == ('running' if STATE_ == 'started' else 'stopped')
          - ansible_facts.services.till.source == 'sysv'
    - service: { name: till, state: reloaded }
      register: reloaded
      ignore_errors: true
      when: "STATE_ == 'started'"
    - assert: { that: "reloaded is skipped or (reloaded is failed and 'usage: till' in reloaded.msg)" }
`
  for (const [state, enabled] of [
    ['started', 'true'],
    ['stopped', 'false'],
  ] as const) {
    const text = playbook.replaceAll('STATE_', `'${state}'`).replaceAll('STATE', state).replaceAll('ENABLED', enabled)
    const { status, stdout, stderr } = await play(text)
    expect(status, stdout + stderr).toBe(0)
  }
  expect(bare.exec(one, 'sh', '-c', 'ls -d /etc/rc2.d/*till')).toMatch(/^\/etc\/rc2.d\/K\d\dtill\n$/)
})

test('sudo with a password: the right one works, a wrong one is an outcome with a clear text', async () => {
  const playbook =
    '- hosts: one\n  gather_facts: false\n  become: true\n  tasks:\n    - command: id -un\n      changed_when: false\n      register: who\n    - assert: { that: who.stdout == "root" }\n'
  const right = await play(playbook, [
    '-u',
    'careful',
    '-e',
    '{"ansible_user": "careful", "ansible_become_password": "open sesame"}',
  ])
  expect(right.status, right.stdout + right.stderr).toBe(0)
  const wrong = await play(playbook, ['-e', '{"ansible_user": "careful", "ansible_become_password": "guessed-wrong"}'])
  expect(wrong.status).toBe(2)
  expect(wrong.stdout).toMatch(/password/i)
  expect(wrong.stdout + wrong.stderr).not.toContain('guessed-wrong')
  const none = await play(playbook, ['-e', 'ansible_user=guest'])
  expect(none.status).toBe(2)
  expect(none.stdout).toMatch(/sudo/)
})

test('a full disk is said as the reason why a file could not be written', async () => {
  const directory = folder({ big: 'x'.repeat(80 * 2 ** 20) })
  const { status, stdout } = await play(
    `- { hosts: one, gather_facts: false, tasks: [{ copy: { src: ${directory}/big, dest: /dev/shm/big } }] }\n`,
  )
  expect(status, stdout).toBe(2)
  expect(stdout).toContain('cannot be written: No space left on device')
})

test('a user that is no login becomes another, and files are theirs', async () => {
  const { status, stdout } = await play(
    '- hosts: one\n  gather_facts: false\n  become: true\n  become_user: guest\n  tasks:\n    - copy: { content: mine, dest: /home/guest/mine }\n    - command: stat -c %U /home/guest/mine\n      register: owner\n      changed_when: false\n    - assert: { that: owner.stdout == "guest" }\n',
  )
  expect(status, stdout).toBe(0)
})

test('a host that cannot be reached is an outcome; the others go on; the exit status is 4', async () => {
  const cwd = folder({
    'site.yml': '- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n',
    'hosts.ini': `${readFileSync(bare.inventory, 'utf8').replace('[all]', '[all]\ngone ansible_host=127.0.0.1 ansible_port=9')}`,
  })
  const { status, stdout } = await mlops(['play', 'site.yml', '-i', 'hosts.ini'], { cwd })
  expect(status).toBe(4)
  expect(recap(stdout)['gone']).toMatchObject({ ok: 0, unreachable: 1 })
  expect(recap(stdout)['one']).toMatchObject({ ok: 1, unreachable: 0 })
  expect(stdout).toMatch(/gone.*UNREACHABLE/)
})

test('a host whose key is not the pinned one is refused; without checking it is taken with a warning', async () => {
  const stranger = join(bare.directory, 'strangers')
  const [first, second] = bare.hosts
  if (!first || !second) throw new Error('two hosts')
  const [line = ''] = readFileSync(join(bare.directory, 'known_hosts'), 'utf8')
    .split('\n')
    .filter(l => l.startsWith(second.address))
  writeFileSync(stranger, `${line.replace(second.address, first.address)}\n`)
  const playbook = '- hosts: one\n  gather_facts: false\n  tasks:\n    - ping:\n'
  const vars = ['-e', `ansible_ssh_common_args='-o UserKnownHostsFile=${stranger}'`]
  const refused = await play(playbook, vars)
  expect(refused.status).toBe(4)
  expect(refused.stdout).toMatch(/another key/)
  const unknown = await play(playbook, ['-e', "ansible_ssh_common_args='-o UserKnownHostsFile=/dev/null'"], {
    env: { ANSIBLE_HOST_KEY_CHECKING: 'False' },
  })
  expect(unknown.status, unknown.stdout).toBe(0)
  expect(unknown.stderr).toMatch(/WARNING.*key of one is not known/)
})

test("the lab's way works: checking off by the environment, and the key on the command line", async () => {
  const [host] = bare.hosts
  const cwd = folder({
    'site.yml': '- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n',
    hosts: `one ansible_host=${host?.address} ansible_user=ops\n`,
  })
  const env = { ANSIBLE_HOST_KEY_CHECKING: 'False', SSH_AUTH_SOCK: '', HOME: cwd }
  for (const flag of ['--private-key', '--key-file']) {
    const ran = await mlops(['play', 'site.yml', '-i', 'hosts', `${flag}=${join(bare.directory, 'key')}`], { cwd, env })
    expect(ran.status, ran.stdout + ran.stderr).toBe(0)
  }
  const without = await mlops(['play', 'site.yml', '-i', 'hosts'], { cwd, env })
  expect(without.status).toBe(4)
})

test('Ctrl-C ends what runs on the hosts and prints a true recap', async () => {
  let sent = false
  const { status, stdout } = await play(
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo before\n      changed_when: false\n    - shell: echo $$ > /tmp/sleeper; sleep 1234 & sleep 1234\n',
    [],
    {
      onOutput: (text, child) => {
        if (sent || !text.includes('TASK [shell]')) return
        sent = true
        const wait = setInterval(() => {
          if (!bare.hosts.every(host => running(bare, host.container, 'sleep 1234'))) return
          clearInterval(wait)
          child.kill('SIGINT')
        }, 50)
      },
    },
  )
  expect(status).toBe(99)
  expect(recap(stdout)['one']).toMatchObject({ ok: 1, failed: 0 })
  await expect
    .poll(() => bare.hosts.some(host => running(bare, host.container, 'sleep 1234')), { timeout: 10_000 })
    .toBe(false)
})

test('a line that is cut while a task runs makes its host unreachable, and the others go on', async () => {
  let cut = false
  const [first] = bare.hosts
  if (!first) throw new Error('a host')
  const { status, stdout } = await play(
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - shell: test $(hostname) != one || sleep 1235\n      changed_when: false\n    - debug: { msg: goes on }\n',
    [],
    {
      onOutput: () => {
        if (cut) return
        cut = true
        const wait = setInterval(() => {
          if (!running(bare, first.container, 'sleep 1235')) return
          clearInterval(wait)
          bare.exec(first, 'pkill', '-KILL', '-f', 'sshd.*ops')
        }, 50)
      },
    },
  )
  expect(status).toBe(4)
  expect(recap(stdout)['one']).toMatchObject({ unreachable: 1 })
  expect(recap(stdout)['two']).toMatchObject({ ok: 2, unreachable: 0 })
  await expect.poll(() => running(bare, first.container, 'sleep 1235'), { timeout: 15_000 }).toBe(false)
})

test('a task has a time limit, and the line is good for the next one', async () => {
  const { status, stdout } = await play(
    '- hosts: one\n  gather_facts: false\n  tasks:\n    - command: sleep 1236\n      timeout: 1\n      ignore_errors: true\n    - ping:\n',
  )
  expect(status, stdout).toBe(0)
  expect(stdout).toMatch(/time limit/)
  const [first] = bare.hosts
  expect(first && running(bare, first.container, 'sleep 1236')).toBe(false)
})

test('fifty converged tasks cost at most eight round trips with look-ahead', async () => {
  const playbook = join(import.meta.dirname, '../../bench/playbooks/converged.yml')
  const args = ['play', playbook, '-i', bare.inventory, '-l', 'one']
  const first = await mlops(args)
  expect(first.status, first.stdout + first.stderr).toBe(0)
  const again = await mlops([...args, '--json'])
  const events = again.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const end = events.at(-1)
  expect(end.summary.one).toMatchObject({ changed: 0, failed: 0 })
  expect(end.connections.one.roundTrips).toBeLessThanOrEqual(looksAhead ? 8 : 50)
})

test('runs share connections that are kept, which end by themselves', async () => {
  const env = { MLOPS_KEEP_CONNECTIONS: '5s' }
  const seen = async () => {
    const { stdout } = await mlops(
      ['run', 'one', '-i', bare.inventory, '-m', 'shell', '-a', 'echo "=$SSH_CONNECTION="'],
      { env },
    )
    return /=([\d. ]+)=/.exec(stdout)?.[1] ?? stdout
  }
  const first = await seen()
  expect(first).toMatch(/^[\d. ]+$/)
  expect(await seen()).toBe(first)
  const [one] = bare.hosts
  const isOpen = () => one && running(bare, one.container, 'sshd.*ops.*')
  expect(isOpen()).toBe(true)
  await expect.poll(isOpen, { timeout: 60_000, interval: 500 }).toBe(false)
})

/** Whether a command runs in a container, looked at from outside. */
function running(hosts: BareHosts, container: string, command: string): boolean {
  const host = hosts.hosts.find(each => each.container === container)
  if (!host) return false
  try {
    hosts.exec(host, 'pgrep', '-x', '-f', command)
    return true
  } catch {
    return false
  }
}
