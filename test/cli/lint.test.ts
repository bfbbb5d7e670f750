import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, root } from '../rig/mlops.ts'

interface Finding {
  readonly severity: string
  readonly code: string
  readonly message: string
  readonly line: number
}

async function lint(
  tasks: string,
  { files = {}, args = [] }: { files?: Record<string, string>; args?: string[] } = {},
) {
  const cwd = folder({ 'site.yml': `- hosts: all\n  gather_facts: false\n${tasks}`, hosts: 'h1 port=1\n', ...files })
  const { stdout, status } = await mlops(['lint', 'site.yml', '--json', ...args], { cwd })
  const findings: Finding[] = stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  return { findings, status, rules: findings.map(({ code, line }) => `${line} ${code}`) }
}

test("the lab's regexp for lines of /etc/hosts is told, with what to write", async () => {
  const { stdout, status } = await mlops(['lint', join(root, 'test/fixtures/lab/configuration-2021.yml')])
  expect(stdout).toContain('`.*{{ item }}$` also matches names that only end alike')
  expect(stdout).toContain(`'\\s{{ … | regex_escape }}$'`)
  expect(status).toBe(0)
})

test("the project's own playbook has nothing to be told", async () => {
  const { stdout } = await mlops(['lint', 'playbooks/configuration.yml'])
  expect(stdout).toBe('0 errors, 0 warnings\n')
})

test('what only another host reads is read', async () => {
  const { rules } = await lint(`  tasks:
    - command: id
      changed_when: false
      register: first
    - command: id
      changed_when: false
      register: second
    - debug: { msg: "{{ hostvars[groups.all | first].first.stdout }}{{ hostvars['h1']['second'].stdout }}" }
`)
  expect(rules).toEqual([])
})

test('each risky pattern is told once, at its place', async () => {
  const { rules, status } = await lint(`  tasks:
    - lineinfile: { path: /a, regexp: '^{{ x }}', line: b }
      vars: { x: a.b }
    - file: { path: /a, mode: 644 }
    - file: { path: /a, mode: 0644 }
    - file: { path: /a, mode: '0644' }
    - command: echo hi
    - command: echo hi # noqa
    - command: { cmd: echo, creates: /a }
    - shell: echo hi
      changed_when: false
    - shell: echo hi | cat
      changed_when: false
    - command: 'false'
      changed_when: false
      ignore_errors: true
    - apt: { name: nginx, state: latest }
    - get_url: { url: 'http://x/y', dest: /a }
    - get_url: { url: 'https://x/y', dest: /a, validate_certs: no }
    - uri: { url: 'https://x/y', url_username: joe, url_password: plain-text }
`)
  expect(rules).toEqual([
    '4 lint.regexp',
    '6 lint.mode',
    '9 lint.changed',
    '12 lint.shell',
    '18 lint.ignore-errors',
    '19 lint.latest',
    '20 lint.unverified',
    '21 lint.unverified',
    '22 lint.secret',
  ])
  expect(status).toBe(0)
})

test('names that nothing sets are told when there is an inventory', async () => {
  const tasks = `  vars: { known: 1 }
  roles: [base]
  tasks:
    - debug: { msg: "{{ known }} {{ port }} {{ knwon }} {{ role_default }} {{ inventory_hostname }} {{ ansible_host }}" }
    - command: echo {{ item }}
      loop: [1]
      register: result
      changed_when: false
    - debug: { msg: "{{ result.rc }} {{ maybe | default(1) }} {{ lookup('env', 'HOME') }}" }
      when: other_thing == 1
`
  const files = { 'roles/base/defaults/main.yml': 'role_default: 1\n', 'roles/base/tasks/main.yml': '[]\n' }
  const { findings } = await lint(tasks, { files, args: ['-i', 'hosts'] })
  expect(findings.map(({ message }) => message)).toEqual(['nothing sets `knwon`', 'nothing sets `other_thing`'])
  expect((await lint(tasks, { files })).findings).toEqual([])
  expect((await lint(tasks, { files, args: ['-i', 'hosts', '--strict'] })).status).toBe(1)
})

test('results that nobody reads and handlers that nobody notifies are told', async () => {
  const { findings } = await lint(
    `  tasks:
    - stat: { path: /a }
      register: unread
    - stat: { path: /a }
      register: in_template
    - stat: { path: /a }
      register: asserted
      notify: used
    - assert: { that: asserted.stat.exists }
    - template: { src: a.j2, dest: /a }
  handlers:
    - { name: used, debug: { msg: a } }
    - { name: forgotten, debug: { msg: a } }
`,
    { files: { 'templates/a.j2': '{{ in_template.stat.exists }}' } },
  )
  expect(findings.map(({ message }) => message)).toEqual([
    'nothing reads the registered `unread`',
    'nothing notifies the handler `forgotten`',
  ])
})

test('what a play would refuse is an error', async () => {
  const { findings, status } = await lint('  tasks:\n    - copy: { dst: /a }\n    - cpoy: {}\n')
  expect(findings.map(({ severity, line }) => `${severity} ${line}`)).toEqual(['error 4', 'error 4', 'error 5'])
  expect(status).toBe(1)
})

test('user data is checked beside playbooks, and its ignored keys are warnings', async () => {
  const cwd = folder({
    'site.yml': '- hosts: all\n  gather_facts: false\n',
    'prod.txt': '#cloud-config\nbyobu_default: system\nusers: # noqa\n  - { name: a, home: /home/a } # noqa\n',
    'dev.txt': 'byobu_by_default: system\n',
  })
  const { stdout, status } = await mlops(['lint', 'site.yml', 'prod.txt', 'dev.txt', '--json'], { cwd })
  const findings: Finding[] = stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  expect(findings.map(({ severity, code, line }) => `${severity} ${code} ${line}`)).toEqual([
    'error user-data.format 1',
    'warning cloud-config.unknown-key 2',
  ])
  expect(status).toBe(1)
  expect((await mlops(['lint', 'prod.txt'], { cwd })).status).toBe(0)
  expect((await mlops(['lint', 'prod.txt', '--strict'], { cwd })).status).toBe(1)
})
