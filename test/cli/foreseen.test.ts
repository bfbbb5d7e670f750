import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, playLocally, recap, root } from '../rig/mlops.ts'

const head = '- hosts: all\n  gather_facts: false\n'
const tasks = `${head}  tasks:
    - { name: Install it, debug: { msg: install }, tags: packages }
    - { name: Start it, debug: { msg: start }, tags: [service, never] }
    - { name: "Look at [it]", debug: { msg: look } }
`

test('a task to start at that nobody has is told before any host is reached, with near names', async () => {
  const { stdout, stderr, status } = await playLocally(tasks.replace('gather_facts: false', 'gather_facts: true'), {
    args: ['--start-at-task', 'Instal it'],
  })
  expect(stdout).not.toContain('TASK')
  expect(stderr).toContain('no task matches --start-at-task Instal it')
  expect(stderr).toContain('did you mean `Install it`?')
  expect(status).toBe(1)
})

test.each(['Look*', 'Look at [it]', '?ook at*'])('a play starts at %s', async name => {
  const { stdout, status } = await playLocally(tasks, { args: ['--start-at-task', name] })
  expect(recap(stdout)['one']).toMatchObject({ ok: 1 })
  expect(status).toBe(0)
})

test('where an include may bring the task to start at, it is looked for while playing', async () => {
  const files = { 'more.yml': '- { name: Later, debug: { msg: later } }\n' }
  const play = `${head}  tasks:\n    - include_tasks: more.yml\n`
  const found = await playLocally(play, { files, args: ['--start-at-task', 'Later'] })
  expect(found.stdout).toContain('"msg": "later"')
  const lost = await playLocally(play, { files, args: ['--start-at-task', 'Never'] })
  expect(lost.stderr).toContain('no task matches --start-at-task Never')
})

test('a tag that no task has is a warning with near names, and words of tags are none', async () => {
  const { stderr, status } = await playLocally(tasks, {
    args: ['-t', 'package,all,tagged', '--skip-tags', 'servise,never'],
  })
  expect(stderr).toContain('--tags package: no task has this tag; did you mean `packages`?')
  expect(stderr).toContain('--skip-tags servise: no task has this tag; did you mean `service`?')
  expect(stderr.match(/no task has this tag/g)).toHaveLength(2)
  expect(status).toBe(0)
})

const stats = `${head}  tasks:
    - set_stats: { data: { n: 1, l: [1], s: a, d: { x: 1 } } }
      run_once: true
    - set_stats: { data: { n: 2, l: [2], s: b, d: { y: 2 } } }
      run_once: true
    - set_stats: { data: { host: "{{ inventory_hostname }}" }, per_host: true }
    - set_stats: { data: { n: text, z: "{{ item }}" }, aggregate: false }
      loop: [1, 2]
      when: item == 2
      run_once: true
`

test('what set_stats gathers is shown at the end as Ansible shows it, when it is asked for', async () => {
  const { stdout, directory } = await playLocally(stats, { hosts: ['one', 'two'] })
  expect(stdout).not.toContain('CUSTOM STATS')
  const shown = await mlops(['play', 'site.yml', '-i', 'hosts.ini'], {
    cwd: directory,
    env: { ANSIBLE_SHOW_CUSTOM_STATS: '1' },
  })
  expect(shown.stdout).toContain(
    [
      '',
      `CUSTOM STATS: ${'*'.repeat(66)}`,
      '\tone: { "host": "one"}',
      '\ttwo: { "host": "two"}',
      '',
      '\tRUN: { "d": {  "x": 1,  "y": 2 }, "l": [  1,  2 ], "n": "text", "s": "ab", "z": 2}',
      '',
    ].join('\n'),
  )
  const json = await mlops(['play', 'site.yml', '-i', 'hosts.ini', '--json'], { cwd: directory })
  const last = JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '')
  expect(last.stats.two).toEqual({ host: 'two' })
})

test('a plan that is played asks for its variables once', async () => {
  const cwd = folder({
    'site.yml': `${head}  vars_prompt:\n    - { name: who, prompt: Who, private: false }\n  tasks:\n    - command: echo {{ who }}\n`,
    'hosts.ini': 'one ansible_connection=local\n',
  })
  const terminal = (args: string) => {
    const command = `'${process.execPath}' '${join(root, 'bin/mlops')}' ${args}`
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ANSIBLE_CONFIG: '', TERM: 'xterm', XDG_STATE_HOME: cwd },
    })
    let shown = ''
    return new Promise<{ status: number | null; shown: string }>((done, fail) => {
      child.stdout.setEncoding('utf8').on('data', chunk => {
        if (chunk.includes('Who: ')) child.stdin.write('alice\r')
        shown += chunk
      })
      child.on('error', fail)
      child.on('close', status => done({ status, shown }))
    })
  }
  const plan = await terminal('plan site.yml -i hosts.ini --out saved.json')
  expect(plan.shown).toContain('1 unknown until applied')
  const { status, shown } = await terminal('play --plan saved.json --output plain')
  expect(shown.match(/Who: /g)).toHaveLength(1)
  expect(shown).toContain('changed=1')
  expect(status).toBe(0)
})
