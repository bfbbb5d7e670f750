import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, playLocally, recap } from '../rig/mlops.ts'

/** What roles in the wild are written like. */
const head = '- hosts: all\n  gather_facts: false\n'

test('an include stands under the name of its role, and under its own where it has one', async () => {
  const { status, stdout, stderr } = await playLocally(
    `${head}  vars: { what: web }\n  roles: [site]\n  tasks:\n    - include_role: { name: empty }\n`,
    {
      files: {
        'roles/site/tasks/main.yml': `
- ansible.builtin.include_tasks: more.yml
- name: Install {{ what }}
  include_tasks: more.yml
`,
        'roles/site/tasks/more.yml': '- ping:\n',
        'roles/empty/tasks/main.yml': '- ping:\n',
      },
    },
  )
  expect(status, stderr + stdout).toBe(0)
  expect([...stdout.matchAll(/^TASK \[(.*?)\]/gm)].map(([, name]) => name)).toEqual([
    'site : ansible.builtin.include_tasks',
    'site : ping',
    'site : Install web',
    'site : ping',
    'include_role : empty',
    'empty : ping',
  ])
})

test('a user who is not there yet fails his own tasks, not those before them', async () => {
  const { stdout } = await playLocally(
    `${head}  tasks:
    - { name: own, file: { path: /tmp, state: directory }, ignore_errors: true }
    - { name: of nobody, file: { path: /tmp, state: directory }, become: true, become_user: mlops-nobody-there }
`,
  )
  expect(recap(stdout)['one']).toMatchObject({ ok: 1, failed: 1, ignored: 0 })
  expect(stdout).toMatch(/one failed at: of nobody/)
})

test('set_fact opens the names that it sets', async () => {
  const playbook = `${head}  vars: { __app_port: 80, __app_user: web }
  tasks:
    - set_fact: { "app_{{ item }}": "{{ lookup('vars', '__app_' ~ item) }}" }
      loop: [port, user]
      when: ('app_' ~ item) not in vars
    - file: { path: "{{ playbook_dir }}/{{ app_user }}-{{ app_port }}", state: directory }
`
  const { status, stdout, stderr, directory } = await playLocally(playbook)
  expect(status, stderr + stdout).toBe(0)
  expect(existsSync(join(directory, 'web-80'))).toBe(true)
})

test('lint wants a command to say when it changes something, but not that of a handler', async () => {
  const cwd = folder({
    'site.yml': `${head}  tasks:
    - { name: Ask, command: uptime, notify: Tell }
  handlers:
    - { name: Tell, command: supervisorctl update }
`,
  })
  const { stdout, stderr } = await mlops(['lint', 'site.yml'], { cwd })
  expect([...(stdout + stderr).matchAll(/reports a change.*\n.*site.yml:(\d+)/g)].map(([, line]) => line)).toEqual([
    '4',
  ])
})

test('the plays of an imported playbook have its folder, and the variables beside it', async () => {
  const play = (more = '') => `- hosts: one, localhost
  gather_facts: false
${more}  tasks:
    - debug:
        msg: "{{ [playbook_dir | basename, where, of_host | default('-'), added | default('-')] | join(' ') }}"
`
  const names = '    - debug: { msg: "{{ ansible_play_role_names }} {{ ansible_dependent_role_names }}" }\n'
  const adding = '    - group_by: { key: more }\n      changed_when: false\n'
  const { stdout, status, directory } = await playLocally(
    `${play()}${adding}- import_playbook: sub/web.yml\n${play()}`,
    {
      files: {
        'sub/web.yml': `${play('  roles: [r]\n')}${names}    - copy: { src: f.txt, dest: "{{ playbook_dir }}/copied" }\n`,
        'sub/files/f.txt': 'f\n',
        'sub/group_vars/all.yml': 'where: sub\n',
        'sub/group_vars/more.yml': 'added: more\n',
        'sub/host_vars/one.yml': 'of_host: one\n',
        'sub/roles/r/meta/main.yml': 'dependencies: [base]\n',
        'sub/roles/base/tasks/main.yml': '[]\n',
        'group_vars/all.yml': 'where: top\n',
      },
    },
  )
  expect(status, stdout).toBe(0)
  expect(existsSync(join(directory, 'sub/copied'))).toBe(true)
  expect([...stdout.matchAll(/"msg": "(.*)"/g)].map(([, text]) => text).sort()).toEqual(
    [
      ...['case - -', 'case - -', 'case - -', 'case - -'],
      ...['sub sub one more', 'sub sub - -'],
      ...["['r'] ['base']", "['r'] ['base']"],
    ]
      .map(text => text.replace(/^case/, `${basename(directory)} top`))
      .sort(),
  )
})
