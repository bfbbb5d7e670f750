import { afterAll, beforeAll, expect, test } from 'vitest'
import { folder, mlops, recap } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

let servers: Servers

beforeAll(async () => {
  servers = await startServers({ name: 'reboot', images: ['debian-13'] })
})

afterAll(() => servers?.stop())

function play(playbook: string) {
  const cwd = folder({ 'site.yml': playbook })
  return mlops(['play', 'site.yml', '-i', servers.inventory], { cwd })
}

test('a server is restarted, waited for, and the play goes on there', async () => {
  const { status, stdout, stderr } = await play(`
- hosts: all
  become: true
  tasks:
    - copy: { content: "", dest: /run/before-the-boot }
    - command: cat /proc/sys/kernel/random/boot_id
      changed_when: false
      register: before
    - copy:
        dest: /etc/systemd/system/slow.service
        content: |
          [Service]
          Type=oneshot
          ExecStart=/bin/sh -c 'sleep 2; touch /run/slow-is-done'
          [Install]
          WantedBy=multi-user.target
    - systemd: { name: slow.service, enabled: true, daemon_reload: true }
    - reboot: { reboot_timeout: 300, test_command: test -e /run/slow-is-done, msg: "It's a \\"test\\" $HOME" }
      register: boot
    - assert: { that: [boot is changed, boot.rebooted, boot.elapsed >= 2, boot.elapsed < 300] }
    - stat: { path: /run/before-the-boot }
      register: mark
    - stat: { path: /run/slow-is-done }
      register: slow
    - command: cat /proc/sys/kernel/random/boot_id
      changed_when: false
      register: after
    - assert: { that: [not mark.stat.exists, slow.stat.exists, before.stdout != after.stdout] }
    - setup: { gather_subset: [hardware] }
    - assert: { that: ansible_facts.uptime_seconds > 0 }
  post_tasks:
    - command: id -un
      changed_when: false
      register: who
    - assert: { that: who.stdout == 'root' }
`)
  expect(status, stdout + stderr).toBe(0)
  expect(recap(stdout)['prodserver']).toMatchObject({ ok: 15, failed: 0, unreachable: 0 })
})

test('a restart needs root, and a check only says that it would be', async () => {
  const { status, stdout } = await play(`
- hosts: all
  gather_facts: false
  tasks:
    - command: cat /proc/sys/kernel/random/boot_id
      changed_when: false
      register: before
    - reboot:
      check_mode: true
      become: true
      register: would
    - reboot:
      ignore_errors: true
      register: denied
    - command: cat /proc/sys/kernel/random/boot_id
      changed_when: false
      register: after
    - assert:
        that:
          - would is changed
          - denied is failed and not denied.rebooted
          - denied.msg == 'only root may restart the host: set become'
          - before.stdout == after.stdout
`)
  expect(status, stdout).toBe(0)
})

// Leaves the server without sshd.
test('a server that does not come back within reboot_timeout has failed, and the play ends there', async () => {
  const { status, stdout } = await play(`
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - reboot: { reboot_command: systemctl disable --now ssh.socket ssh.service; systemctl reboot, reboot_timeout: 5 }
    - debug: { msg: not reached }
`)
  expect(status).toBe(2)
  expect(stdout).toMatch(/prodserver.*FAILED/)
  expect(stdout).toMatch(/Timed out waiting for the host to come back: /)
  expect(stdout).not.toContain('not reached')
  expect(recap(stdout)['prodserver']).toMatchObject({ failed: 1, unreachable: 0 })
})
