import { expect, test } from 'vitest'
import { folder, mlops, playLocally, recap } from '../rig/mlops.ts'

const head = '- hosts: all\n  gather_facts: false\n'
const zero = { changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 }
const ways = [[], ['--no-look-ahead']]

test.each(ways)('an action is named by a variable, with arguments beside it %s', async (...args) => {
  const { stdout, stderr } = await playLocally(
    `${head}  vars: { tool: { module: ansible.builtin.command }, way: debug }
  tasks:
    - action: "{{ tool.module }} echo {{ item }}"
      loop: [one, two]
      changed_when: false
      register: said
    - action: "{{ way }}"
      args: { msg: "{{ said.results | map(attribute='stdout') | join('+') }}" }
      register: shown
    - debug: { var: shown.msg }
    - { action: "{{ way }}y msg=x", ignore_errors: true }
`,
    { args },
  )
  expect(stdout).toContain('one+two')
  expect(stdout).toContain('unknown module `debugy`; did you mean `debug`?')
  expect(recap(stdout), stderr).toEqual({ one: { ...zero, ok: 4, ignored: 1 } })
})

test.each(ways)('conditions of old roles hold braces and statements %s', async (...args) => {
  const { stdout, stderr } = await playLocally(
    `${head}  tasks:
    - debug: msg=with-braces
      when: "not {{ item.there }}"
      with_items: [{ there: false }, { there: true }]
    - debug: msg=with-statements
      when: >-
        {%- set found = {'any': False} -%}
        {% for x in [1, 2] %}{% if x == 2 %}{%- set _ = found.update({'any': True}) -%}{% endif %}{% endfor %}
        {{ found.any }}
    - debug: msg=never
      when: "{% if true %}{{ 1 == 2 }}{% endif %}"
`,
    { args },
  )
  expect(stdout).toContain('with-statements')
  expect(stdout).not.toContain('"msg": "never"')
  expect(recap(stdout), stderr).toEqual({ one: { ...zero, ok: 2, skipped: 1 } })
})

test('a task for another system is skipped, or fails with what is missing if its turn comes', async () => {
  const playbook = (system: string) => `${head}  vars: { system: ${system} }
  tasks:
    - name: Install with pacman
      pacman: { name: nginx }
      when: system == 'Archlinux'
    - debug: msg=on
`
  const skipped = await playLocally(playbook('Debian'))
  expect(recap(skipped.stdout)).toEqual({ one: { ...zero, ok: 1, skipped: 1 } })
  expect(skipped.stderr).toContain('`pacman` is a module of community.general that is not here')
  const reached = await playLocally(playbook('Archlinux'))
  expect(reached.stdout).toContain('"msg": "`pacman` is a module of community.general that is not here"')
  expect(reached.status).toBe(2)
})

test('an include of the old kind hands its keywords and loop variable down', async () => {
  const { stdout, stderr } = await playLocally(
    `${head}  tasks:
    - include: inner.yml
      with_items: [a, b]
      loop_control: { loop_var: outer }
      ignore_errors: true
`,
    { files: { 'inner.yml': '- debug: msg="outer {{ outer }}"\n- command: /bin/false\n' } },
  )
  expect(stdout).toContain('outer a')
  expect(stdout).toContain('outer b')
  expect(recap(stdout), stderr).toMatchObject({ one: { failed: 0, ignored: 2 } })
})

test.each(ways)('names of facts are templates, and later plays know them %s', async (...args) => {
  const playbook = `${head}  tasks:
    - set_fact: { "port_of_{{ item }}": "{{ item | length }}" }
      loop: [web, cache]
    - { command: echo there, changed_when: false, register: said }
${head}  tasks:
    - debug: { msg: "{{ port_of_web }} {{ port_of_cache }} {{ said.stdout }}" }
`
  const { stdout, stderr, directory } = await playLocally(playbook, { args })
  expect(stdout, stderr).toContain('3 5 there')
  const linted = await mlops(['lint', 'site.yml', '-i', 'hosts.ini'], { cwd: directory })
  expect(linted.stdout).not.toContain('nothing sets')
})

test('names that an earlier play sets are known to lint', async () => {
  const files = {
    'hosts.ini': 'one ansible_connection=local\n',
    'site.yml': `${head}  tasks: [{ set_fact: { a: 1 } }, { command: ls, register: b }]\n${head}  tasks: [{ debug: { msg: "{{ a }} {{ b.rc }} {{ c }}" } }]\n`,
  }
  const { stdout } = await mlops(['lint', 'site.yml', '-i', 'hosts.ini'], { cwd: folder(files) })
  expect([...stdout.matchAll(/nothing sets `(\w+)`/g)].map(([, name]) => name)).toEqual(['c'])
})

test('a playbook for localhost needs no inventory', async () => {
  const cwd = folder({
    'local.yml': '- hosts: localhost\n  gather_facts: false\n  tasks: [{ command: "true", changed_when: false }]\n',
    'all.yml': '- hosts: all\n',
  })
  const env = { ANSIBLE_INVENTORY: '', HOME: cwd }
  const { status, stdout, stderr } = await mlops(['play', 'local.yml'], { cwd, env })
  expect(recap(stdout), stderr).toEqual({ localhost: { ...zero, ok: 1 } })
  expect(status).toBe(0)
  const all = await mlops(['play', 'all.yml'], { cwd, env })
  expect(all.stderr).toContain('error: there is no inventory')
  expect(all.status).toBe(1)
})

test('a list is filled from the variables of all hosts', async () => {
  const { stdout, stderr } = await playLocally(
    `${head}  vars:
    number: "{{ inventory_hostname | length }}"
    numbers: "{% set found = [] %}{% for h in groups['all'] %}{% set _ = found.append(hostvars[h].number) %}{% endfor %}{{ found }}"
  tasks:
    - set_fact: { number: "{{ inventory_hostname | length }}" }
    - debug: { msg: "numbers: {{ numbers }}" }
`,
    { hosts: ['one', 'three'] },
  )
  expect(stdout.match(/numbers: \[3, 5\]/g), stderr).toHaveLength(2)
})

test('a whole float keeps its point in arguments, in files and in the environment', async () => {
  const { stdout, stderr } = await playLocally(
    `${head}  environment: { VERSION: 2.0, DEBUG: yes, RATIO: "{{ 3.0 }}" }
  tasks:
    - shell: echo "env $VERSION $DEBUG $RATIO"
      register: said
    - command: { argv: [echo, args, 1.0, "{{ 4.0 }}", 5] }
      register: args
    - tempfile: { state: file }
      register: file
    - copy: { content: { a: 6.0, b: [7.0, 8] }, dest: "{{ file.path }}" }
    - lineinfile: { path: "{{ file.path }}", line: 9.0 }
    - slurp: { src: "{{ file.path }}" }
      register: read
    - file: { path: "{{ file.path }}", state: absent }
    - debug: { msg: "{{ said.stdout }}, {{ args.stdout }}, {{ read.content | b64decode | replace('\\n', ' ') }}" }
`,
  )
  expect(stdout, stderr).toContain('"msg": "env 2.0 True 3.0, args 1.0 4.0 5, {\\"a\\": 6.0, \\"b\\": [7.0, 8]} 9.0 "')
})
