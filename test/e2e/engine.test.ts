import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BareHosts, startBareHosts } from '../rig/bare-host.ts'
import { folder, mlops, recap } from '../rig/mlops.ts'

let bare: BareHosts

beforeAll(async () => {
  bare = await startBareHosts(['engine'])
})

afterAll(() => bare?.stop())

function play(playbook: string, args: readonly string[] = []) {
  return mlops(['play', 'site.yml', '-i', bare.inventory, ...args], { cwd: folder({ 'site.yml': playbook }) })
}

const head = '- hosts: all\n  gather_facts: false\n'

test('a job outlives the run that began it: a later run asks for it', async () => {
  const started = await play(`${head}  tasks:
    - shell: until [ -e /tmp/go ]; do sleep 0.1; done; whoami
      async: 300
      poll: 0
      become: true
      register: job
    - debug: { msg: "job={{ job.ansible_job_id }}=" }
`)
  expect(started.status, started.stdout).toBe(0)
  const [, id = ''] = /job=(.*)=/.exec(started.stdout) ?? []
  const asked = `${head}  become: true
  tasks:
    - async_status: { jid: "{{ id }}" }
      register: job
      until: "job.finished == want"
      retries: 200
      delay: 0.2
    - debug: { msg: "said={{ job.stdout }}={{ job.rc | default('none') }}=" }
`
  const early = await play(asked, ['-e', `{"id": "${id}", "want": 0}`])
  expect(early.stdout).toContain('said==none=')
  const [host] = bare.hosts
  if (host) bare.exec(host, 'touch', '/tmp/go')
  const late = await play(asked, ['-e', `{"id": "${id}", "want": 1}`])
  expect(late.stdout).toContain('said=root=0=')
})

test('a task that is waited for as a job goes on when its line is lost', async () => {
  const { stdout, stderr, status } = await play(`${head}  become: true
  tasks:
    - shell: |
        pkill -f '^sshd.*: ops' || exit; sleep 1; echo survived
      async: 120
      poll: 1
      register: job
    - debug: { msg: "{{ job.stdout }}" }
    - apt: { name: hostname, state: present }
      async: 300
      poll: 1
`)
  expect(stdout + stderr).toContain('"msg": "survived"')
  expect(recap(stdout)['engine']).toMatchObject({ ok: 3, changed: 1, unreachable: 0 })
  expect(status).toBe(0)
})

test('after a line was lost, a task that may not reach its host leaves it to the next one', async () => {
  const { stdout, status } = await play(`${head}  tasks:
    - command: pkill -f '^sshd.*ops'
      become: true
      ignore_unreachable: true
      register: lost
    - command: echo back
      register: next
    - debug: { msg: "{{ lost.unreachable }} {{ next.stdout }}" }
`)
  expect(stdout).toContain('"msg": "True back"')
  expect(status).toBe(0)
})

test('turns of one host go at a time over one line, with large files, as another user', async () => {
  const { stdout, stderr, status } = await play(
    `${head}  tasks:
    - command: id
    - shell: head -c 3000000 /dev/urandom >{{ playbook_dir }}/big
      delegate_to: localhost
      connection: local
      run_once: true
    - copy: { src: "{{ playbook_dir }}/big", dest: "/tmp/big-{{ item }}" }
      become: true
      loop: "{{ range(12) | list }}"
      loop_control: { parallel: 6 }
    - shell: |
        : >/tmp/turn-{{ item }}
        until [ -e /tmp/turn-0 ] && [ -e /tmp/turn-1 ] && [ -e /tmp/turn-2 ]; do sleep 0.05; done
      loop: [0, 1, 2]
      loop_control: { parallel: 3 }
    - shell: cat /tmp/big-* | wc -c
      register: size
    - debug: { msg: "{{ size.stdout }}" }
`,
  )
  expect(stdout + stderr).toContain('"msg": "36000000"')
  expect(recap(stdout)['engine']).toMatchObject({ unreachable: 0, failed: 0 })
  expect(status).toBe(0)
})

test('after a new line the login user has the groups that a task gave it', async () => {
  const { stdout, status } = await play(`${head}  tasks:
    - group: { name: newcomers }
      become: true
    - user: { name: ops, groups: newcomers, append: true }
      become: true
    - command: id -Gn
      register: before
    - meta: reset_connection
    - command: id -Gn
      register: after
    - debug: { msg: "{{ 'newcomers' in before.stdout }} {{ 'newcomers' in after.stdout }}" }
`)
  expect(stdout).toContain('"msg": "False True"')
  expect(status).toBe(0)
})
