import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, playLocally, recap, root } from '../rig/mlops.ts'

const head = '- hosts: all\n  gather_facts: false\n'

/** Plays on a terminal of its own, and types a command each time that the debugger asks for one. */
function debug(
  playbook: string,
  commands: readonly string[],
  { hosts = ['one'], env = {} }: { hosts?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<{ status: number | null; shown: string; left: readonly string[] }> {
  const inventory = hosts.map(host => `${host} ansible_connection=local\n`).join('')
  const cwd = folder({ 'site.yml': playbook, 'hosts.ini': inventory })
  const words = [process.execPath, join(root, 'bin/mlops'), 'play', 'site.yml', '-i', 'hosts.ini', '--output', 'plain']
  const command = words.map(word => `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: {
      ...process.env,
      NO_COLOR: '1',
      ANSIBLE_CONFIG: '',
      TERM: 'xterm',
      XDG_STATE_HOME: cwd,
      COLUMNS: '200',
      ...env,
    },
  })
  const left = [...commands]
  let shown = ''
  let read = 0
  return new Promise((done, fail) => {
    child.stdout.setEncoding('utf8').on('data', chunk => {
      shown += chunk
      const at = shown.indexOf('(debug)> ', read)
      if (at === -1) return
      read = at + 1
      child.stdin.write(`${left.shift() ?? 'quit'}\r`)
    })
    child.on('error', fail)
    child.on('close', status => done({ status, shown, left }))
  })
}

test('a failed task is looked into, mended and done again', async () => {
  const { status, shown, left } = await debug(
    `${head}  vars: { word: wrong }
  tasks:
    - name: say
      shell: test {{ word }} = right && echo "{{ word }} $EXTRA"
      args: { chdir: / }
      environment: { EXTRA: "{{ extra | default('none') }}" }
      register: said
      debugger: on_failed
    - debug: { msg: "<{{ said.stdout }}>" }
`,
    [
      'p task.args.chdir',
      "p task_vars['word']",
      'p result._result.rc',
      'print 1 + 1',
      'p nowhere',
      'nonsense',
      "task_vars['word'] = 'right'",
      'task_vars.extra = 7',
      'r',
    ],
  )
  expect(shown).toContain('[one] TASK: say (debug)> ')
  expect(shown).toContain('one: failed: non-zero return code')
  expect(shown).toMatch(/^\/\r?$/m)
  expect(shown).toMatch(/^wrong\r?$/m)
  expect(shown).toMatch(/^1\r?$/m)
  expect(shown).toMatch(/^2\r?$/m)
  expect(shown).toContain("*** 'nowhere' is undefined")
  expect(shown).toContain('*** unknown command: nonsense')
  expect(shown).toContain('<right 7>')
  expect(shown).toMatch(/one +: ok=2 +changed=1 +unreachable=0 +failed=0/)
  expect(left).toEqual([])
  expect(status).toBe(0)
})

test('arguments are set, taken back, and a task that still fails asks again', async () => {
  const { status, shown } = await debug(
    `${head.replace('gather', 'strategy: debug\n  gather')}  tasks:
    - command: /bin/false
    - debug: { msg: after }
`,
    [
      "task.args['cmd'] = '/bin/true'",
      'u',
      'r',
      "task.args['cmd'] = '/bin/echo fine'",
      "del task.args['nothing']",
      'redo',
    ],
  )
  expect(shown.match(/\(debug\)> /g)?.length, shown).toBe(6)
  expect(shown).toMatch(/one +: ok=2 +changed=1 +unreachable=0 +failed=0/)
  expect(status).toBe(0)
})

test('two hosts are asked for one after the other, continue lets a failure stand, quit ends the play', async () => {
  const playbook = `${head}  tasks:\n    - command: /bin/false\n    - debug: { msg: after }\n`
  const env = { ANSIBLE_ENABLE_TASK_DEBUGGER: '1' }
  const stood = await debug(playbook, ['c', 'c'], { hosts: ['one', 'two'], env })
  expect(stood.shown.match(/\[(one|two)\] TASK: command \(debug\)> /g)?.length).toBe(2)
  expect(stood.shown).toMatch(/one +: ok=0 .*failed=1/)
  expect(stood.status).toBe(2)
  const left = await debug(playbook, ['q'], { hosts: ['one', 'two'], env })
  expect(left.status).toBe(99)
})

test('it is asked when the keyword says so, and an ignored failure or never is no reason', async () => {
  const { shown, status } = await debug(
    `${head}  debugger: on_failed
  tasks:
    - { name: ignored, command: /bin/false, ignore_errors: true }
    - { name: silent, command: /bin/false, debugger: never, failed_when: false }
    - { name: skipped, command: /bin/false, when: false, debugger: on_skipped }
    - { name: fine, command: /bin/true, debugger: always }
    - { name: secret, command: /bin/echo geheim, no_log: true, debugger: always }
`,
    ['c', 'c', 'p result', 'c'],
  )
  expect([...shown.matchAll(/TASK: (\w+) \(debug\)> /g)].map(([, name]) => name)).toEqual([
    'skipped',
    'fine',
    'secret',
    'secret',
  ])
  expect(shown).not.toContain('geheim')
  expect(status).toBe(0)
})

test('without a terminal it is said that nobody is asked', async () => {
  const { stdout, stderr, status } = await playLocally(
    `${head}  tasks:\n    - command: /bin/true\n      debugger: always\n`,
  )
  expect(stderr).toContain('the debugger needs a terminal')
  expect(stderr).toContain('site.yml:5')
  expect(recap(stdout)['one']).toMatchObject({ ok: 1, changed: 1 })
  expect(status).toBe(0)
})
