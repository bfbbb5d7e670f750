import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mlops, playLocally, recap } from '../rig/mlops.ts'

const head = '- hosts: all\n  gather_facts: false\n'
const jobs = '  environment: { ANSIBLE_ASYNC_DIR: "{{ playbook_dir }}/jobs" }\n'

test('tasks that are not waited for run beside each other, and async_status brings their results', async () => {
  const { status, stdout, directory } = await playLocally(
    `${head}${jobs}  tasks:
    - shell: |
        until [ -e {{ playbook_dir }}/{{ item }} ]; do sleep 0.1; done
        echo {{ item }}; echo e >&2; exit {{ 3 if item == 'b' else 0 }}
      async: 100
      poll: 0
      loop: [a, b]
      register: started
    - async_status: { jid: "{{ started.results[0].ansible_job_id }}" }
      register: first
    - debug: { msg: "first {{ first.finished }} {{ first is finished }} {{ started.results[1].started }}" }
    - file: { path: "{{ playbook_dir }}/{{ item }}", state: touch }
      loop: [a, b]
    - async_status: { jid: "{{ item.ansible_job_id }}" }
      loop: "{{ started.results }}"
      register: ended
      until: ended.finished
      retries: 100
      delay: 0.1
      ignore_errors: true
    - debug: { msg: "{{ ended.results | map(attribute='stdout') | join(' ') }} {{ ended.results[1].rc }} {{ ended.results[1].cmd is search('exit 3') }}" }
    - async_status: { jid: "{{ item.ansible_job_id }}", mode: cleanup }
      loop: "{{ started.results }}"
      loop_control: { label: x }
`,
  )
  expect(stdout).toContain('"msg": "first 0 False 1"')
  expect(stdout).toContain('"msg": "a b 3 True"')
  expect(recap(stdout)['one']).toMatchObject({ ok: 7, changed: 3, failed: 0, ignored: 1 })
  expect(readdirSync(join(directory, 'jobs'))).toEqual([])
  expect(status).toBe(0)
})

test('a task with a time is waited for, and its job is forgotten', async () => {
  const { stdout, directory } = await playLocally(`${head}${jobs}  tasks:
    - shell: echo done; cat
      args: { stdin: "it's read" }
      async: 100
      poll: 1
      register: said
    - debug: { msg: "{{ said.stdout_lines }} {{ said.finished }} {{ said.start is defined }}" }
    - copy: { content: "x\\n", dest: "{{ playbook_dir }}/made" }
      async: 100
      register: made
    - debug: { msg: "{{ made.dest | basename }} {{ made.changed }} {{ made.ansible_job_id is match('j') }}" }
    - copy: { content: "x\\n", dest: "{{ playbook_dir }}/made" }
      async: 100
    - command: sleep 600
      async: 1
      poll: 1
      ignore_errors: true
      register: late
    - debug: { msg: "{{ late.msg }}" }
`)
  expect(stdout).toContain(`"msg": "['done', \\"it's read\\"] 1 True"`)
  expect(stdout).toContain('"msg": "made True True"')
  expect(stdout).toContain('"msg": "async task did not complete within the requested time - 1s"')
  expect(recap(stdout)['one']).toMatchObject({ ok: 7, changed: 2, ignored: 1 })
  expect(readdirSync(join(directory, 'jobs'))).toHaveLength(1)
})

test('a module that brings a state is looked at first: its job is only the change, and nothing when it is there', async () => {
  const playbook = `${head}${jobs}  tasks:
    - file: { path: "{{ playbook_dir }}/made", state: directory, mode: "0700" }
      async: 100
      poll: 0
      register: making
    - async_status: { jid: "{{ making.ansible_job_id }}" }
      register: made
      until: made.finished
      retries: 100
      delay: 0.1
    - debug: { msg: "{{ made.mode }} {{ made.state }} {{ made.results_file == making.results_file }}" }
`
  const first = await playLocally(playbook)
  expect(first.stdout).toContain('"msg": "0700 directory True"')
  expect(recap(first.stdout)['one']).toMatchObject({ ok: 3, changed: 2 })
  const again = await mlops(['play', 'site.yml', '-i', 'hosts.ini'], { cwd: first.directory })
  expect(again.stdout).toContain('"msg": "0700 directory True"')
  expect(recap(again.stdout)['one']).toMatchObject({ ok: 3, changed: 0 })
})

test('in check mode no job is begun, and who asks for it hears what would become of it', async () => {
  const { stdout, status, directory } = await playLocally(
    `${head}${jobs}  tasks:
    - file: { path: "{{ playbook_dir }}/made", state: directory }
      async: 100
      poll: 0
      register: making
    - async_status: { jid: "{{ making.ansible_job_id }}" }
      register: made
      until: made.finished
    - command: echo
      async: 100
      poll: 0
      register: running
    - async_status: { jid: "{{ running.ansible_job_id }}" }
`,
    { args: ['-C'] },
  )
  expect(recap(stdout)['one']).toMatchObject({ ok: 2, changed: 2, skipped: 2, failed: 0 })
  expect(existsSync(join(directory, 'jobs'))).toBe(false)
  expect(status).toBe(0)
})

test('what cannot run as a job is told before anything runs, each with its place', async () => {
  const { stderr, status } = await playLocally(`${head}  tasks:
    - debug: { msg: x }
      async: 10
    - reboot:
      async: 10
      poll: 0
    - async_status: { jid: ../x }
    - debug: { msg: x }
      async: 0
`)
  expect(stderr).toContain('site.yml:5:7')
  expect(stderr).toContain('site.yml:7:7')
  expect(stderr).toContain('`jid` is not the name of a job')
  expect(stderr.match(/this module cannot run asynchronously/g)).toHaveLength(2)
  expect(status).toBe(1)
})

test('a task that reaches its time limit says which one it was', async () => {
  const { stdout } = await playLocally(`${head}  tasks:
    - shell: echo before; sleep 600
      timeout: 1
      register: late
      ignore_errors: true
    - debug: { msg: "{{ late.timedout.period }} {{ late.stdout | trim }} {{ late.failed }}" }
`)
  expect(stdout).toContain('"msg": "1 before True"')
})
