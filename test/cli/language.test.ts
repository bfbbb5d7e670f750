import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mlops, playLocally, recap } from '../rig/mlops.ts'

const head = '- hosts: all\n  gather_facts: false\n'
const zero = { unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 }

/** Both ways must agree: every playbook here is played with and without look-ahead. */
const ways = [[], ['--no-look-ahead']]

test.each(ways)('a failure in a block is rescued, and always runs %s', async (...args) => {
  const { status, stdout } = await playLocally(
    `${head}  tasks:
    - block:
        - { name: step, command: /bin/false }
        - debug: { msg: never }
      rescue:
        - debug: { msg: "{{ ansible_failed_task.name }} gave {{ ansible_failed_result.rc }}" }
      always:
        - debug: { msg: at the end }
    - debug: { msg: goes on }
`,
    { args },
  )
  expect(stdout).toContain('step gave 1')
  expect(stdout).toContain('at the end')
  expect(stdout).toContain('goes on')
  expect(stdout).not.toContain('never')
  expect(recap(stdout)).toEqual({ one: { ...zero, ok: 3, changed: 0, rescued: 1 } })
  expect(status).toBe(0)
})

test.each(ways)('a handler runs once at the end of the play, in the order of the handlers %s', async (...args) => {
  const { stdout, directory } = await playLocally(
    `${head}  tasks:
    - copy: { content: "{{ item }}", dest: "{{ playbook_dir }}/{{ item }}" }
      loop: [a, b]
      notify: [second, first]
    - copy: { content: c, dest: "{{ playbook_dir }}/c" }
      notify: a topic
  handlers:
    - name: first
      shell: echo first >> log
      args: { chdir: "{{ playbook_dir }}" }
    - name: second
      shell: echo second >> log
      args: { chdir: "{{ playbook_dir }}" }
      listen: a topic
`,
    { args },
  )
  expect(readFileSync(join(directory, 'log'), 'utf8')).toBe('first\nsecond\n')
  expect(recap(stdout)).toEqual({ one: { ...zero, ok: 4, changed: 4 } })
})

test.each(ways)('a second play changes nothing, and its handlers do not run %s', async (...args) => {
  const playbook = `${head}  tasks:
    - file: { path: "{{ home }}/d", state: directory, mode: "0750" }
    - copy: { content: "{{ text }}\\n", dest: "{{ home }}/d/f" }
      notify: told
    - lineinfile: { path: "{{ home }}/d/lines", line: more, create: true }
    - template: { src: t.j2, dest: "{{ home }}/d/t" }
  handlers:
    - name: told
      shell: echo told >> {{ home }}/log
`
  const files = { 'templates/t.j2': 'port={{ port | default(80) }}\n' }
  const first = await playLocally(playbook, { args: [...args, '-e', 'home={{ playbook_dir }} text=one'], files })
  expect(recap(first.stdout)).toEqual({ one: { ...zero, ok: 5, changed: 5 } })
  const again = await mlops(
    ['play', 'site.yml', '-i', 'hosts.ini', ...args, '-e', 'home={{ playbook_dir }} text=one'],
    { cwd: first.directory },
  )
  expect(recap(again.stdout)).toEqual({ one: { ...zero, ok: 4, changed: 0 } })
  expect(readFileSync(join(first.directory, 'log'), 'utf8')).toBe('told\n')
  expect(readFileSync(join(first.directory, 'd/t'), 'utf8')).toBe('port=80\n')
})

test('check mode changes nothing and says what would change', async () => {
  const { stdout, directory, status } = await playLocally(
    `${head}  tasks:
    - copy: { content: new, dest: "{{ playbook_dir }}/f" }
    - command: touch {{ playbook_dir }}/g
`,
    { args: ['--check', '--diff'] },
  )
  expect(status).toBe(0)
  expect(recap(stdout)).toEqual({ one: { ...zero, ok: 1, changed: 1, skipped: 1 } })
  expect(stdout).toContain('+new')
  expect(() => readFileSync(join(directory, 'f'))).toThrow('ENOENT')
})

test.each(ways)('register, when, until, changed_when and failed_when work together %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}  tasks:
    - shell: echo x >> {{ playbook_dir }}/count && wc -l < {{ playbook_dir }}/count
      register: turns
      until: turns.stdout | int >= 3
      retries: 5
      delay: 0
      changed_when: false
    - debug: { msg: "after {{ turns.attempts }} turns" }
      when: turns is succeeded and turns.attempts == 3
    - command: /bin/false
      register: result
      failed_when: result.rc > 1
    - fail: { msg: not reached }
      when: result is failed
    - command: /bin/false
      ignore_errors: true
`,
    { args },
  )
  expect(status).toBe(0)
  expect(stdout).toContain('after 3 turns')
  expect(recap(stdout)).toEqual({ one: { ...zero, ok: 4, changed: 2, skipped: 1, ignored: 1 } })
})

test.each(ways)('hosts have their own variables, and one can read another %s', async (...args) => {
  const { stdout } = await playLocally(
    `${head}  vars: { greeting: "hello {{ who }}" }
  tasks:
    - set_fact: { mine: "{{ inventory_hostname }}-{{ who }}" }
    - debug: { msg: "{{ greeting }}; the other is {{ hostvars[other].mine }}" }
      run_once: "{{ once | default(false) }}"
`,
    {
      hosts: ['one', 'two'],
      files: { 'host_vars/one.yml': 'who: Ada\nother: two\n', 'host_vars/two.yml': 'who: Bob\nother: one\n' },
      args,
    },
  )
  expect(stdout).toContain('hello Ada; the other is two-Bob')
  expect(stdout).toContain('hello Bob; the other is one-Ada')
})

test('a host that fails stops, the others go on, and the exit status is 2', async () => {
  const { stdout, status } = await playLocally(
    `${head}  tasks:
    - command: test {{ inventory_hostname }} = two
      changed_when: false
    - debug: { msg: here }
`,
    { hosts: ['one', 'two'] },
  )
  expect(status).toBe(2)
  expect(recap(stdout)).toEqual({ one: { ...zero, ok: 0, changed: 0, failed: 1 }, two: { ...zero, ok: 2, changed: 0 } })
})

test('roles bring defaults, tasks, handlers, templates and files; includes and imports find theirs', async () => {
  const { stdout, directory, status } = await playLocally(
    `${head}  roles:
    - { role: web, web_port: 81 }
  tasks:
    - include_tasks: more.yml
      loop: [1, 2]
    - import_tasks: more.yml
      vars: { item: 3 }
`,
    {
      files: {
        'more.yml': '- debug: { msg: "turn {{ item }}" }\n',
        'roles/web/defaults/main.yml': 'web_port: 80\nname: web\n',
        'roles/web/tasks/main.yml':
          '- template: { src: conf.j2, dest: "{{ playbook_dir }}/conf" }\n  notify: told\n- copy: { src: plain, dest: "{{ playbook_dir }}/plain.out" }\n',
        'roles/web/handlers/main.yml': '- name: told\n  debug: { msg: "told {{ web_port }}" }\n',
        'roles/web/templates/conf.j2': '{{ name }} {{ web_port }}\n',
        'roles/web/files/plain': 'as it is {{ no }}\n',
      },
    },
  )
  expect(status).toBe(0)
  expect(readFileSync(join(directory, 'conf'), 'utf8')).toBe('web 81\n')
  expect(readFileSync(join(directory, 'plain.out'), 'utf8')).toBe('as it is {{ no }}\n')
  for (const text of ['turn 1', 'turn 2', 'turn 3', 'told 81']) expect(stdout).toContain(text)
})

test('serial goes batch by batch, and delegation works elsewhere', async () => {
  const { stdout, directory } = await playLocally(
    `${head}  serial: [1, 2]
  tasks:
    - shell: echo {{ inventory_hostname }} >> {{ playbook_dir }}/log
    - shell: echo for {{ inventory_hostname }} >> {{ playbook_dir }}/log
      delegate_to: one
      run_once: true
`,
    { hosts: ['one', 'two', 'three'] },
  )
  const log = readFileSync(join(directory, 'log'), 'utf8').split('\n')
  expect(log.slice(0, 2)).toEqual(['one', 'for one'])
  expect(log.slice(2, 4).sort()).toEqual(['three', 'two'])
  expect(log[4]).toBe('for two')
  expect(stdout).toContain('changed: [two -> one]')
})

test('tags choose tasks', async () => {
  const playbook = `${head}  tasks:
    - { debug: { msg: alpha }, tags: a }
    - { debug: { msg: beta }, tags: [b, c] }
    - { debug: { msg: gamma }, tags: always }
    - { debug: { msg: delta }, tags: never }
    - { debug: { msg: epsilon } }
`
  const shown = async (...args: string[]) =>
    [...(await playLocally(playbook, { args })).stdout.matchAll(/"msg": "(\w+)"/g)].map(m => m[1])
  expect(await shown()).toEqual(['alpha', 'beta', 'gamma', 'epsilon'])
  expect(await shown('-t', 'a')).toEqual(['alpha', 'gamma'])
  expect(await shown('--skip-tags', 'b')).toEqual(['alpha', 'gamma', 'epsilon'])
  expect(await shown('-t', 'never')).toEqual(['gamma', 'delta'])
})

test('an undefined name fails its host with the place and a near name', async () => {
  const { stdout, stderr, status } = await playLocally(`${head}  vars: { port: 80 }
  tasks:
    - debug: { msg: "{{ prot }}" }
`)
  expect(status).toBe(2)
  expect(stdout + stderr).toContain("'prot' is undefined")
  expect(stdout + stderr).toContain('site.yml:5')
  expect(stdout + stderr).toContain('did you mean `port`?')
})

test('the free strategy brings every host to the end', async () => {
  const { stdout } = await playLocally(
    `${head}  strategy: free
  tasks:
    - command: echo {{ inventory_hostname }}
      changed_when: false
    - debug: { msg: done }
`,
    { hosts: ['one', 'two', 'three'] },
  )
  expect(recap(stdout)).toEqual(
    Object.fromEntries(['one', 'two', 'three'].map(host => [host, { ...zero, ok: 2, changed: 0 }])),
  )
})

test('no_log hides a result from every output', async () => {
  const { stdout, stderr } = await playLocally(
    `${head}  tasks:
    - command: echo s3cr3t-w0rd
      no_log: true
      register: hidden
    - command: /bin/sh -c 'echo s3cr3t-w0rd; exit 1'
      no_log: true
      ignore_errors: true
`,
    { args: ['-vvv'] },
  )
  expect(stdout).toContain('censored')
  expect(stdout + stderr).not.toContain('s3cr3t-w0rd')
})

test.each([
  [['--private-key', 'gone.pem'], 'there is no private key gone.pem'],
  [['--become-method', 'pbrun'], '--become-method pbrun is not supported'],
])('a flag that cannot be followed is refused before a host is touched: %j', async (args, text) => {
  const { status, stdout, stderr } = await playLocally(`${head}  tasks:\n    - debug: { msg: never }\n`, { args })
  expect(status).toBe(1)
  expect(stderr).toContain(text)
  expect(stdout).not.toContain('never')
})

test.each(ways)('a file that includes itself without end fails the play, with its place %s', async (...args) => {
  const { status, stdout, stderr } = await playLocally(`${head}  tasks: [{ include_tasks: again.yml }]\n`, {
    args,
    files: { 'again.yml': '- include_tasks: again.yml\n' },
  })
  expect([status, stderr]).toEqual([2, ''])
  expect(stdout).toContain('again.yml is included within includes 500 deep')
  expect(stdout).toContain('hint: a file that includes itself needs a `when` that ends it')
})
