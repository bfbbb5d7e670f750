import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { playLocally } from '../rig/mlops.ts'

const head = '- hosts: all\n  gather_facts: false\n  vars: { here: "{{ playbook_dir }}" }\n  tasks:\n'
/** Both ways must agree. */
const ways = [[], ['--no-look-ahead']]

function said(stdout: string): string[] {
  return [...stdout.matchAll(/^ +"msg": "(.*)"/gm)].map(([, text]) => text ?? '')
}

test.each(ways)('what is waited for is looked at anew each time, and so is what comes after it %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}    - stat: { path: "{{ here }}/none" }
    - stat: { path: "{{ here }}/first" }
      register: before
    - command: mkfifo {{ here }}/go
    - command: sh -c "setsid sh -c 'read x < go; touch second first' >/dev/null 2>&1 </dev/null & echo"
      args: { chdir: "{{ here }}" }
    - stat: { path: "{{ here }}/first" }
    - stat: { path: "{{ here }}/first" }
      register: first
      until: first.stat.exists or lookup('pipe', 'test -e ' ~ here ~ '/second || echo > ' ~ here ~ '/go')
      retries: 500
      delay: 0.02
    - stat: { path: "{{ here }}/second" }
      register: second
    - debug: { msg: "{{ before.stat.exists }} {{ first.stat.exists }} {{ second.stat.exists }}" }
`,
    { args },
  )
  expect(status, stdout).toBe(0)
  expect(said(stdout)).toEqual(['False True True'])
})

test.each(ways)('what a task does elsewhere may concern its host %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}    - stat: { path: "{{ here }}/none" }
    - stat: { path: "{{ here }}/made" }
      register: before
    - command: touch {{ here }}/made
      delegate_to: localhost
    - stat: { path: "{{ here }}/made" }
      register: after
    - debug: { msg: "{{ before.stat.exists }} {{ after.stat.exists }}" }
    - fetch: { src: "{{ here }}/made", dest: "{{ here }}/fetched", flat: true }
    - stat: { path: "{{ here }}/fetched" }
      register: fetched
    - debug: { msg: "fetched {{ fetched.stat.exists }}" }
- hosts: all
  gather_facts: false
  vars: { here: "{{ playbook_dir }}" }
  tasks:
    - stat: { path: "{{ here }}/none" }
    - stat: { path: "{{ here }}/later" }
- hosts: localhost
  gather_facts: false
  tasks:
    - file: { path: "{{ playbook_dir }}/later", state: touch }
- hosts: all
  gather_facts: false
  tasks:
    - stat: { path: "{{ playbook_dir }}/later" }
      register: later
    - debug: { msg: "later {{ later.stat.exists }}" }
`,
    { args },
  )
  expect(status, stdout).toBe(0)
  expect(said(stdout)).toEqual(['False True', 'fetched True', 'later True'])
})

test.each(ways)('hosts that had nothing to do see what another one did for them %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}    - stat: { path: "{{ here }}/none" }
    - command: touch {{ here }}/shared
      when: inventory_hostname == 'one'
    - stat: { path: "{{ here }}/shared" }
      register: shared
    - assert: { that: shared.stat.exists }
`,
    { args, hosts: ['one', 'two'] },
  )
  expect(status, stdout).toBe(0)
})

test.each(ways)('a task that takes another line to its host is not looked at over this one %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}    - file: { path: "{{ here }}/shell", mode: "0755" }
    - stat: { path: "{{ here }}/none" }
    - stat: { path: "$HOME/mark" }
      register: other
      vars: { ansible_shell_executable: "{{ here }}/shell" }
    - stat: { path: "$HOME/mark" }
      register: usual
    - file: { path: "{{ item }}/mark", state: absent }
      vars: { ansible_shell_executable: "{{ '/bin/sh' if item == here else here ~ '/shell' }}" }
      loop: ["{{ here }}", "$HOME"]
    - debug: { msg: "{{ other.stat.exists }} {{ usual.stat.exists }}" }
`,
    {
      args,
      files: { shell: '#!/bin/sh\nHOME=$(dirname "$0")/home; export HOME\nexec /bin/sh "$@"\n', 'home/mark': '' },
    },
  )
  expect(status, stdout).toBe(0)
  expect(said(stdout)).toEqual(['True False'])
})

test.each(ways)('a turn of a loop that is only a check changes nothing with the turn before it %s', async (...args) => {
  const { stdout, status, directory } = await playLocally(
    `${head}    - file: { path: "{{ here }}/top", state: directory }
    - file: { path: "{{ here }}/top/{{ item.name }}", state: directory }
      check_mode: "{{ item.check }}"
      loop: [{ name: a, check: false }, { name: b, check: false }, { name: c, check: true }, { name: d, check: true }]
`,
    { args },
  )
  expect(status, stdout).toBe(0)
  expect(readdirSync(join(directory, 'top'))).toEqual(['a', 'b'])
})

test.each(ways)('a condition sees what an earlier turn wrote here, and nothing of a later one %s', async (...args) => {
  const { stdout, status, directory } = await playLocally(
    `${head}    - copy: { dest: "{{ here }}/{{ item }}", content: new }
      loop: [a, b, c]
    - stat: { path: "{{ here }}/{{ item }}" }
      loop: [1, 2, 3, 4, 5, 6]
    - copy: { dest: "{{ here }}/{{ item }}", content: newer }
      loop: [a, b, c]
      when: item == 'a' or lookup('file', here ~ '/a') != 'newer'
    - stat: { path: "{{ here }}/{{ item }}" }
      loop: [1, 2, 3, 4, 5, 6]
    - copy: { dest: "{{ here }}/{{ item }}", content: newest }
      loop: [c, d, b]
      when: item != 'b' or (here ~ '/d') is not exists
`,
    { args },
  )
  expect(status, stdout).toBe(0)
  const content = (name: string) => readFileSync(join(directory, name), 'utf8')
  expect(['a', 'b', 'c', 'd'].map(content)).toEqual(['newer', 'new', 'newest', 'newest'])
})

test.each(ways)('what a turn is made of is read when it comes, and a command of it runs once %s', async (...args) => {
  const { stdout, status, directory } = await playLocally(
    `${head}    - stat: { path: "{{ here }}/{{ item }}" }
      loop: [1, 2, 3, 4, 5, 6]
    - lineinfile: { path: "{{ here }}/{{ item }}", line: "{{ text }}", create: true }
      vars: { text: "{{ lookup('file', here ~ '/a') | default('none', true) }}" }
      loop: [a, b]
    - stat: { path: "{{ here }}/{{ item }}" }
      loop: [1, 2, 3, 4, 5, 6]
    - copy: { src: "{{ here }}/{{ item.from }}", dest: "{{ here }}/{{ item.to }}" }
      loop: [{ from: one/, to: two }, { from: two, to: two/in }, { from: two, to: two/in }]
    - copy: { dest: "{{ here }}/{{ item }}", content: "{{ lookup('lines', 'echo ran >>' ~ here ~ '/count; echo') }}" }
      loop: [c, d]
`,
    { args, files: { a: '', 'one/x': 'x', 'two/y': 'y' } },
  )
  expect(status, stdout).toBe(0)
  const found = execFileSync('sh', ['-c', 'cat a b count; find two | sort'], { cwd: directory, encoding: 'utf8' })
  expect(found.split('\n')).toEqual([
    ...['none', 'none', 'ran', 'ran', 'two', 'two/in', 'two/in/two', 'two/in/two/in', 'two/in/two/in/two'],
    ...['two/in/two/in/two/x', 'two/in/two/in/two/y', 'two/in/two/x', 'two/in/two/y', 'two/x', 'two/y', ''],
  ])
})

test.each(ways)('a turn that is made of what an earlier one wrote ends as one by one %s', async (...args) => {
  const { stdout, status, directory } = await playLocally(
    `${head}    - copy: { dest: "{{ here }}/{{ item.to }}", content: "{{ item.text | default(lookup('file', here ~ '/b')) }}" }
      loop: [{ to: b, text: new }, { to: c }]
`,
    { args, files: { b: 'old', c: 'new' } },
  )
  expect(status, stdout).toBe(0)
  expect(readFileSync(join(directory, 'c'), 'utf8')).toBe('new')
})

test.each(
  ways,
)('an item that comes twice, and a task that does the same again, change nothing more %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}    - copy: { dest: "{{ here }}/{{ item }}", content: same }
      loop: [a, b, b, c]
      register: made
    - copy: { dest: "{{ here }}/c", content: same }
      register: again
    - debug: { msg: "{{ made.results | map(attribute='changed') | join(' ') }}, {{ again.changed }}" }
`,
    { args },
  )
  expect(status, stdout).toBe(0)
  expect(said(stdout)).toEqual(['True True False True, False'])
})

test.each(ways)('a turn that cannot write takes nothing from those after it %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}    - copy: { dest: "{{ item }}", content: "{{ item }}" }
      loop: [/proc/none, "{{ here }}/b", "{{ here }}/c"]
      ignore_errors: true
      register: made
    - debug: { msg: "{{ made.results | map(attribute='changed') | join(' ') }}" }
`,
    { args },
  )
  expect(status, stdout).toBe(0)
  expect(said(stdout)).toEqual(['False True True'])
})

test('what a task with no_log prints while it runs is no event', async () => {
  const { stdout, status } = await playLocally(
    `${head}    - shell: printf shown; printf '%s%s' hid den
      no_log: "{{ item }}"
      loop: [false, true]
`,
    { args: ['--output', 'json'] },
  )
  expect(status, stdout).toBe(0)
  const output = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(({ type }) => type === 'output')
  expect(output.map(({ text }) => text).join('')).toBe('shownhidden')
})
