import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, playLocally, root } from '../rig/mlops.ts'

const playbook = `- hosts: all
  gather_facts: false
  vars_prompt:
    - { name: who, prompt: Who, private: false, default: bob }
    - { name: password, prompt: Secret, confirm: true }
  tasks:
    - debug: { msg: "hello {{ who }}, {{ password | length }}" }
`

/** Runs `mlops play` on a terminal of its own and types an answer each time that its question stands there. */
function onTerminal(
  answers: readonly (readonly [question: string, typed: string])[],
  args: readonly string[] = [],
  site = playbook,
): Promise<{ status: number | null; shown: string }> {
  const cwd = folder({ 'site.yml': site, 'hosts.ini': 'one ansible_connection=local\n' })
  const command = [process.execPath, join(root, 'bin/mlops'), 'play', 'site.yml', '-i', 'hosts.ini', ...args]
  const quoted = command.map(word => `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', quoted, '/dev/null'], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ANSIBLE_CONFIG: '', TERM: 'xterm' },
  })
  const left = [...answers]
  let shown = ''
  let read = 0
  return new Promise((done, fail) => {
    child.stdout.setEncoding('utf8').on('data', chunk => {
      shown += chunk
      const [next] = left
      const at = next === undefined ? -1 : shown.indexOf(next[0], read)
      if (next === undefined || at === -1) return
      left.shift()
      read = at + next[0].length
      child.stdin.write(next[1])
    })
    child.on('error', fail)
    child.on('close', status => done({ status, shown }))
  })
}

test('questions are asked on the terminal, secrets are not shown, and a wrong repetition is asked again', async () => {
  const { status, shown } = await onTerminal([
    ['Who [bob]: ', 'alice\r'],
    ['Secret: ', 'open sesame\r'],
    ['confirm Secret: ', 'shut sesame\r'],
    ['Secret: ', 'open sesame\r'],
    ['confirm Secret: ', 'open sesame\r'],
  ])
  expect(status, shown).toBe(0)
  expect(shown).toContain('hello alice, 11')
  expect(shown).toContain('VALUES ENTERED DO NOT MATCH')
  expect(shown).not.toContain('sesame')
})

test.each([
  ['Ctrl-C at a question', [['Who [bob]: ', '\x03']]],
  ['Ctrl-D at a question', [['Who [bob]: ', '\x04']]],
  [
    'Ctrl-C at a secret',
    [
      ['Who [bob]: ', '\r'],
      ['Secret: ', '\x03'],
    ],
  ],
] as const)('%s ends the run as interrupted', async (_, answers) => {
  const { status, shown } = await onTerminal(answers)
  expect(status, shown).toBe(99)
  expect(shown).toContain('interrupted')
  expect(shown).not.toContain('has a bug')
})

test('Ctrl-C at a step ends the run as interrupted', async () => {
  const vars = ['-e', 'who=x', '-e', 'password=y']
  const { status, shown } = await onTerminal([['(N)o/(y)es/(c)ontinue: ', '\x03']], ['--step', ...vars])
  expect(status, shown).toBe(99)
  expect(shown).not.toContain('has a bug')
})

test('an answer is hashed as it is asked for, and one that is unsafe is no template', async () => {
  const site = `- hosts: all
  gather_facts: false
  vars: { what: Word }
  vars_prompt:
    - { name: hash, prompt: "{{ what }}", encrypt: sha256_crypt, salt: salt, private: false }
    - { name: raw, prompt: Raw, private: false, unsafe: true }
    - { name: opened, prompt: Opened, private: false, default: "{{ what }}s" }
  tasks:
    - debug: { msg: "{{ hash }} {{ raw }} {{ opened }}" }
`
  const answers = [
    ['Word: ', 'secret\n'],
    ['Raw: ', '{{ what }}\n'],
    ['Opened [Words]: ', '\n'],
  ] as const
  const { shown } = await onTerminal(answers, [], site)
  expect(shown).toContain('$5$salt$')
  expect(shown).toContain(' {{ what }} Words"')
})

test('where there is no terminal the defaults answer', async () => {
  const site = `- hosts: all
  gather_facts: false
  vars_prompt: [{ name: who, prompt: Who, default: bob }]
  tasks: [{ debug: { msg: "hello {{ who }}" } }]
`
  expect((await playLocally(site)).stdout).toContain('hello bob')
})
