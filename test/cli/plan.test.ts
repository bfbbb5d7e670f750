import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, recap } from '../rig/mlops.ts'

const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - name: Write a greeting
      copy: { content: "{{ text | default('hello') }}\\n", dest: "{{ playbook_dir }}/{{ inventory_hostname }}.txt" }
      notify: told
    - name: Set a mode
      file: { path: "{{ playbook_dir }}/there", mode: "0600" }
    - name: Remove what is old
      file: { path: "{{ playbook_dir }}/old", state: absent }
      run_once: true
    - name: Make some
      file: { path: "{{ playbook_dir }}/{{ inventory_hostname }}-{{ item }}", state: directory }
      loop: [a, b]
      tags: loops
    - name: Count
      shell: echo x >> {{ playbook_dir }}/count
      when: inventory_hostname == 'one'
    - name: Only look
      command: "true"
      changed_when: false
  handlers:
    - name: told
      shell: echo {{ inventory_hostname }} >> {{ playbook_dir }}/told
`

function project(files: Readonly<Record<string, string>> = {}): string {
  return folder({
    'site.yml': playbook,
    'hosts.ini': 'one ansible_connection=local\ntwo ansible_connection=local\n',
    there: '',
    old: '',
    ...files,
  })
}

const plan = (cwd: string, ...args: string[]) => mlops(['plan', 'site.yml', '-i', 'hosts.ini', ...args], { cwd })

test('a plan says what would be created, changed, removed, and what is unknown, and does nothing', async () => {
  const cwd = project()
  const { stdout, status } = await plan(cwd, '-D', '--detailed-exitcode', '--limit', 'one', '--skip-tags', 'loops')
  expect(stdout.replaceAll(cwd, '…').replace(/ {2}\[.*\]$/gm, '')).toBe(`
one
  + create  Write a greeting
      --- before: …/one.txt
      +++ after: content
      @@ -0,0 +1 @@
      +hello

  ~ change  Set a mode: mode
      --- before
      +++ after
      @@ -1 +1 @@
      -mode: 0644
      +mode: 0600

  - remove  Remove what is old
      --- before
      +++ after
      @@ -1 +1 @@
      -kind: file
      +kind: absent

  ? run     Count
  ? read    Only look
  ? run     told

plan: 1 to create, 1 to change, 1 to remove, 2 unknown until applied, 1 to read
`)
  expect(status).toBe(3)
  expect(existsSync(join(cwd, 'one.txt'))).toBe(false)
  expect(existsSync(join(cwd, 'old'))).toBe(true)
})

test('a saved plan is applied, and then there is nothing to do', async () => {
  const cwd = project()
  const made = await plan(cwd, '--out', 'it.plan')
  expect(made.status).toBe(0)
  expect(made.stdout).toContain('plan: 6 to create, 2 to change, 1 to remove, 3 unknown until applied, 2 to read\n')
  expect(statSync(join(cwd, 'it.plan')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(cwd, 'it.plan'), 'utf8')).not.toContain('hello')
  const { stdout, stderr, status } = await mlops(['play', '--plan', 'it.plan'], { cwd })
  expect(stdout + stderr).not.toContain('refused')
  expect(status).toBe(0)
  expect(recap(stdout)['one']).toMatchObject({ failed: 0 })
  expect(readFileSync(join(cwd, 'count'), 'utf8')).toBe('x\n')
  expect(readFileSync(join(cwd, 'told'), 'utf8').split('\n').sort()).toEqual(['', 'one', 'two'])
  const again = await plan(cwd, '--detailed-exitcode', '--limit', 'two')
  expect(again.stdout).toContain('plan: 0 to create, 0 to change, 0 to remove, 0 unknown until applied, 1 to read\n')
  expect(again.status).toBe(0)
})

test('a plan is refused before anything is changed when a host has moved', async () => {
  const cwd = project()
  await plan(cwd, '--out', 'it.plan')
  writeFileSync(join(cwd, 'two.txt'), 'somebody was here\n')
  const { stderr, status } = await mlops(['play', '--plan', 'it.plan'], { cwd })
  expect(status).toBe(1)
  expect(stderr).toContain('the hosts are not as they were when the plan was made')
  expect(stderr).toContain('two: `Write a greeting` would now do something else')
  expect(existsSync(join(cwd, 'one.txt'))).toBe(false)
  expect(existsSync(join(cwd, 'count'))).toBe(false)
})

test('a host that moves while the plan is applied is left alone', async () => {
  const moving = `
- hosts: all
  gather_facts: false
  tasks:
    - name: Somebody else is at work, when the plan has been made and confirmed
      shell: echo x >> looks; [ $(wc -l < looks) -lt 3 ] || touch meanwhile
      args: { chdir: "{{ playbook_dir }}" }
      check_mode: false
    - name: Make it
      copy: { content: mine, dest: "{{ playbook_dir }}/meanwhile" }
`
  const cwd = project({ 'site.yml': moving, 'hosts.ini': 'one ansible_connection=local\n' })
  await plan(cwd, '--out', 'it.plan')
  const { stdout, status } = await mlops(['play', '--plan', 'it.plan'], { cwd })
  expect(status).toBe(2)
  expect(stdout).toContain('the plan has another difference here')
  expect(readFileSync(join(cwd, 'meanwhile'), 'utf8')).toBe('')
})

test('a plan brings its own playbooks, hosts and names', async () => {
  const cwd = project()
  await plan(cwd, '-e', 'text=well', '--out', 'it.plan')
  const refused = async (...args: string[]) => (await mlops(['play', '--plan', 'it.plan', ...args], { cwd })).stderr
  expect(await refused()).toContain('the plan was made with -e text')
  expect(await refused('-e', 'text=ill')).toContain('the hosts are not as they were')
  expect(await refused('-e', 'text=well', '--skip-tags', 'x')).toContain('--plan brings its own --skip-tags')
  expect(await refused('site.yml', '-e', 'text=well')).toContain('--plan brings its own playbooks')
  expect(await refused('-e', 'text=well')).toBe('')
  expect(readFileSync(join(cwd, 'two.txt'), 'utf8')).toBe('well\n')
})

test('what a host would not take is said, and such a plan is not saved', async () => {
  const failing =
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - { name: Give up, fail: { msg: not here }, when: inventory_hostname == "two" }\n'
  const cwd = project({ 'site.yml': failing })
  const { stdout, stderr, status } = await plan(cwd, '--out', 'it.plan')
  expect(stdout).toContain('two cannot be planned beyond `Give up`: not here\n')
  expect(stderr).toContain('the plan is not saved')
  expect(status).toBe(1)
  expect(existsSync(join(cwd, 'it.plan'))).toBe(false)
  expect((await plan(cwd)).status).toBe(2)
})

test('a plan as JSON holds the steps of each host', async () => {
  const cwd = project()
  const { stdout } = await plan(cwd, '--json')
  const { hosts } = JSON.parse(stdout)
  expect(hosts.two.map((step: { effect: string; task: string }) => `${step.effect} ${step.task}`)).toEqual([
    'create Write a greeting',
    'change Set a mode',
    'create Make some',
    'create Make some',
    'read Only look',
    'run told',
  ])
})

test('handlers that an earlier run left undone are part of the plan', async () => {
  const failing = `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { content: x, dest: "{{ playbook_dir }}/made" }
      notify: told
    - command: test -e {{ playbook_dir }}/ready
  handlers:
    - name: told
      shell: echo told >> {{ playbook_dir }}/told
`
  const cwd = project({ 'site.yml': failing, 'hosts.ini': 'one ansible_connection=local\n' })
  const env = { XDG_STATE_HOME: join(cwd, 'state') }
  expect((await mlops(['play', 'site.yml', '-i', 'hosts.ini'], { cwd, env })).status).toBe(2)
  writeFileSync(join(cwd, 'ready'), '')
  const made = await mlops(['plan', 'site.yml', '-i', 'hosts.ini', '--out', 'it.plan'], { cwd, env })
  expect(made.stdout).toContain('? run     told')
  expect((await mlops(['play', '--plan', 'it.plan'], { cwd, env })).status).toBe(0)
  expect(readFileSync(join(cwd, 'told'), 'utf8')).toBe('told\n')
})

test('tasks that say themselves whether they only look are not part of the plan', async () => {
  const apart = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: Always, command: echo x, check_mode: false }
    - { name: Never, copy: { content: x, dest: "{{ playbook_dir }}/never" }, check_mode: true }
`
  const cwd = project({ 'site.yml': apart })
  const { stdout, status } = await plan(cwd, '--detailed-exitcode', '--out', 'it.plan')
  expect(stdout).toContain('one, two (2)\n')
  expect(stdout).toContain('  nothing to do\n')
  expect(status).toBe(0)
  expect((await mlops(['play', '--plan', 'it.plan'], { cwd })).status).toBe(0)
  expect(existsSync(join(cwd, 'never'))).toBe(false)
})
