import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { looksAhead, mlops, playLocally, recap } from '../rig/mlops.ts'

const head = '- hosts: all\n  gather_facts: false\n'
/** Both ways must agree. */
const ways = [[], ['--no-look-ahead']]

test.each(ways)('a block is done for each item, its rescue and always with it %s', async (...args) => {
  const { stdout, status } = await playLocally(
    `${head}  tasks:
    - name: each
      block:
        - command: test {{ word }} != b
        - file: { path: "{{ playbook_dir }}/{{ word }}", state: touch }
      rescue:
        - debug: { msg: "rescued {{ word }} {{ n }} {{ ansible_loop.last }}" }
      always:
        - debug: { msg: "always {{ word }}" }
      loop: [a, b, c]
      loop_control: { loop_var: word, index_var: n, extended: true }
      when: word != 'c'
    - debug: { msg: "after {{ word | default('nothing') }}" }
`,
    { args },
  )
  const said = [...stdout.matchAll(/^ +"msg": "(.*)"/gm)].map(([, text]) => text)
  expect(said).toEqual(['always a', 'rescued b 1 False', 'always b', 'after nothing'])
  expect(recap(stdout)['one']).toMatchObject({ ok: 6, changed: 2, rescued: 1, failed: 0, skipped: 3 })
  expect(status).toBe(0)
})

test('a block is repeated by with_… too, each host has its own items, and one that fails has no further turn', async () => {
  const { stdout, status } = await playLocally(
    `${head}  tasks:
    - block:
        - command: test {{ item }} != 2
          register: tested
        - debug: { msg: "{{ inventory_hostname }} {{ item }} {{ inner }}" }
          loop: [x]
          loop_control: { loop_var: inner }
      with_items: "{{ items }}"
`,
    { hosts: ['one items="[1,2,3]"', 'two items="[1,4]"', 'three items="[]"'] },
  )
  const said = [...stdout.matchAll(/"msg": "(.* x)"/g)].map(([, text]) => text)
  expect(said).toEqual(['one 1 x', 'two 1 x', 'two 4 x'])
  expect(recap(stdout)['one']).toMatchObject({ ok: 2, failed: 1 })
  expect(recap(stdout)['two']).toMatchObject({ ok: 4, failed: 0 })
  expect(status).toBe(2)
})

test('turns of one host go at a time, each on a shell of its own, and are told in the order of the items', async () => {
  const { stdout, status } = await playLocally(
    `${head}  tasks:
    - shell: |
        : >{{ playbook_dir }}/{{ item }}
        until [ -e {{ playbook_dir }}/a ] && [ -e {{ playbook_dir }}/b ] && [ -e {{ playbook_dir }}/c ]; do sleep 0.05; done
        [ {{ item }} = c ] || until [ -e {{ playbook_dir }}/c-done ]; do sleep 0.05; done
        [ {{ item }} != c ] || : >{{ playbook_dir }}/c-done
        echo {{ item }}; exit {{ 7 if item == 'b' else 0 }}
      loop: [a, b, c]
      loop_control: { parallel: 3 }
      register: all
      ignore_errors: true
    - debug: { msg: "{{ all.results | map(attribute='stdout') | join }} {{ all.results | map(attribute='rc') | join(' ') }} {{ all.failed }}" }
`,
  )
  expect(stdout.match(/\(item=\w\)/g)).toEqual(['(item=a)', '(item=b)', '(item=c)'])
  expect(stdout).toContain('"msg": "abc 0 7 0 True"')
  expect(recap(stdout)['one']).toMatchObject({ ok: 2, changed: 1, ignored: 1 })
  expect(status).toBe(0)
})

test('turns that go at a time are retried each for itself, and keep their secrets', async () => {
  const { stdout } = await playLocally(
    `${head}  tasks:
    - shell: echo x >>{{ playbook_dir }}/{{ item }}; wc -l <{{ playbook_dir }}/{{ item }}
      loop: [a, b, c, d]
      loop_control: { parallel: 2 }
      register: tried
      until: tried.stdout | int == (2 if item in 'ac' else 1)
      delay: 0
    - debug: { msg: "{{ tried.results | map(attribute='attempts') | join(' ') }}" }
    - command: echo geheim-{{ item }}
      loop: [a, b]
      loop_control: { parallel: 6 }
      no_log: true
    - file: { path: "{{ playbook_dir }}/{{ item }}", state: absent }
      loop: [a, b, c, d, e]
      loop_control: { parallel: "{{ 2 + 1 }}" }
      register: gone
    - debug: { msg: "{{ gone.results | map(attribute='changed') | join(' ') }}" }
`,
  )
  expect(stdout).toContain('"msg": "2 1 2 1"')
  expect(stdout).not.toContain('geheim')
  expect(stdout).toContain('"msg": "True True True True False"')
})

test('where turns cannot go at a time is told before anything runs', async () => {
  const { stderr, status } = await playLocally(`${head}  tasks:
    - debug: { msg: x }
      loop: [1]
      loop_control: { parallel: 9 }
    - debug: { msg: x }
      loop: [1]
      loop_control: { parallel: 2, pause: 1 }
    - block:
        - debug: { msg: x }
      loop: [1]
      loop_control: { parallel: 2 }
`)
  expect(stderr).toContain('`parallel` must be a number from 1 to 6')
  expect(stderr).toContain('`pause` has no meaning where turns go at a time')
  expect(stderr).toContain('`parallel` is for loops of tasks')
  expect(status).toBe(1)
})

test('lint knows the items of a block', async () => {
  const { directory } = await playLocally(
    `${head}  tasks:\n    - name: Say\n      block:\n        - name: It\n          debug: { msg: "{{ word }}" }\n      loop: [a]\n      loop_control: { loop_var: word }\n`,
  )
  const { stdout, stderr } = await mlops(['lint', 'site.yml', '-i', 'hosts.ini'], { cwd: directory })
  expect(stdout + stderr).not.toContain('word')
})

test('turns that change something share a trip, and do what they do one by one', async () => {
  const playbook = `${head}  vars: { top: "{{ playbook_dir }}/top" }
  tasks:
    - file: { path: "{{ top }}", state: directory }
    - file: { path: "{{ top }}/{{ item.at }}", state: "{{ item.is }}", mode: "0750" }
      loop:
        - { at: a, is: directory }
        - { at: a/b, is: directory }
        - { at: none/x, is: file }
        - { at: a/c d', is: directory }
        - { at: a/c d', is: directory }
        - { at: a, is: absent }
        - { at: a/b/c, is: directory }
        - { at: skipped, is: directory }
        - { at: g, is: directory }
      when: item.at != 'skipped'
      ignore_errors: true
      register: made
    - copy: { dest: "{{ top }}/{{ item }}", content: "{{ item }}\\n" }
      loop: [one, two, nowhere/x, three, one]
      ignore_errors: true
      register: copied
    - lineinfile: { path: "{{ top }}/one", line: "{{ item }}" }
      loop: [a, b, one, a]
      register: lines
    - template: { src: t.j2, dest: "{{ top }}/t{{ item }}", mode: "0600" }
      loop: [1, 2, 3]
      loop_control: { extended: true, index_var: n }
      register: templated
    - copy:
        dest: "{{ playbook_dir }}/said"
        content: "{{ [made, copied, lines, templated] | map(attribute='results') | flatten | map('combine', {'was': 1}) | map('dict2items') | map('selectattr', 'key', 'in', ['changed', 'failed', 'skipped', 'msg', 'state', 'mode', 'checksum', 'was']) | map('items2dict') | to_nice_json }}"
`
  const files = { 't.j2': '{{ item }} of {{ ansible_loop.length }} at {{ n }}\n' }
  const trips: number[] = []
  const told: unknown[] = []
  for (const args of ways) {
    const { stdout, stderr, status, directory } = await playLocally(playbook, {
      args: [...args, '--output', 'json'],
      files,
    })
    expect(status, stdout + stderr).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    trips.push(events.at(-1).connections.one.roundTrips)
    const outcomes = events.filter(({ type }) => type === 'item-finished').map(({ label, outcome }) => [label, outcome])
    const tree = execFileSync('sh', ['-c', 'find top -printf "%y %m %s %p\\n" | sort; cat top/one said'], {
      cwd: directory,
      encoding: 'utf8',
    })
    told.push([outcomes, tree.replaceAll(directory, ''), events.at(-1).summary])
  }
  expect(told[0]).toEqual(told[1])
  expect(JSON.stringify(told[0])).toMatch(/"failed".*"changed"/)
  if (looksAhead) expect(trips[0]).toBeLessThan(trips[1] ?? 0)
})

test('a turn is done on its own when the one before it made what it saw untrue', async () => {
  const playbook = `${head}  tasks:
    - file: { path: "{{ playbook_dir }}/{{ item.path }}", src: "{{ item.src | default(omit) }}", state: "{{ item.state }}", mode: "{{ item.mode | default(omit) }}", force: true }
      loop:
        - { path: real, state: touch, mode: "0600" }
        - { path: link, src: real, state: link }
        - { path: hard, src: real, state: hard }
        - { path: real, state: file, mode: "0640" }
        - { path: hard, state: file, mode: "0640" }
      register: all
    - debug: { msg: "{{ all.results | map(attribute='changed') | join(' ') }}" }
`
  for (const args of ways) {
    const { stdout, status } = await playLocally(playbook, { args })
    expect(status, stdout).toBe(0)
    expect(stdout).toContain('"msg": "True True True True False"')
  }
})

test('a loop of thirty changes costs a trip for the looks and one for the changes', async () => {
  const { stdout, status } = await playLocally(
    `${head}  tasks:
    - copy: { dest: "{{ playbook_dir }}/{{ item }}", content: "{{ item }}" }
      loop: "{{ range(30) | list }}"
`,
    { args: ['--output', 'json'] },
  )
  expect(status, stdout).toBe(0)
  const { connections, summary } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  expect(summary.one).toMatchObject({ ok: 1, changed: 1 })
  expect(connections.one.roundTrips).toBeLessThanOrEqual(looksAhead ? 3 : 60)
})

test('keywords whose text knows the item hold for its turn, and the loop has what all of them say', async () => {
  const { stdout, status } = await playLocally(
    `${head}  tasks:
    - command: echo {{ item.word }}
      no_log: "{{ item.secret }}"
      notify: "tell {{ item.word }}"
      changed_when: item.word == 'plain'
      when: item.word != 'none'
      loop: [{ word: plain, secret: false }, { word: covered, secret: true }, { word: none, secret: false }]
    - command: test {{ item }} = 0
      ignore_errors: "{{ item == 1 }}"
      loop: [0, 1]
    - command: test {{ item }} = 0
      ignore_errors: "{{ item == 1 }}"
      loop: [1, 2]
  handlers:
    - name: tell plain
      command: echo handled plain
    - name: tell covered
      command: echo handled covered
    - name: tell none
      command: echo never
`,
    { args: ['--force-handlers', '-v'] },
  )
  expect(stdout).not.toContain('"stdout": "covered"')
  expect([...stdout.matchAll(/^RUNNING HANDLER \[(.*)\]/gm)].map(([, name]) => name)).toEqual([
    'tell plain',
    'tell ********',
  ])
  expect(recap(stdout)['one'], stdout).toMatchObject({ ok: 4, changed: 4, failed: 1, ignored: 1 })
  expect(status).toBe(2)
})
