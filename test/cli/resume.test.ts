import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, recap } from '../rig/mlops.ts'

/** A folder in which `site.yml` is played on hosts that are all this machine, with a state of its own. */
function stage(playbook: string, hosts: readonly string[] = ['one', 'two']) {
  const cwd = folder({
    'site.yml': playbook,
    'hosts.ini': hosts.map(host => `${host} ansible_connection=local\n`).join(''),
  })
  const log = join(cwd, 'log')
  return {
    cwd,
    play: (...args: string[]) =>
      mlops(['play', 'site.yml', '-i', 'hosts.ini', ...args], { cwd, env: { XDG_STATE_HOME: join(cwd, 'state') } }),
    /** What tasks have written since the last time, in order. */
    said: () => {
      const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
      writeFileSync(log, '')
      return text.split('\n').filter(line => line !== '')
    },
    let: (name: string) => writeFileSync(join(cwd, name), ''),
    states: () => (existsSync(join(cwd, 'state/mlops/resume')) ? readdirSync(join(cwd, 'state/mlops/resume')) : []),
  }
}

const say = (text: string) => `shell: echo {{ inventory_hostname }} ${text} >> {{ playbook_dir }}/log`

test('each host goes on at the task that failed, with what it had registered', async () => {
  const {
    play,
    said,
    states,
    let: allow,
    cwd,
  } = stage(`
- hosts: all
  gather_facts: false
  tasks:
    - ${say('first')}
    - shell: echo found-{{ inventory_hostname }}
      register: found
    - set_fact: { mine: "{{ found.stdout }}!" }
    - name: Needs a file
      shell: test {{ inventory_hostname }} = one || test -e {{ playbook_dir }}/ready
    - ${say('got {{ found.stdout }} {{ mine }}')}
- hosts: all
  gather_facts: false
  tasks:
    - ${say('second play')}
`)
  const first = await play()
  expect(first.status).toBe(2)
  expect(said().sort()).toEqual(['one first', 'one got found-one found-one!', 'one second play', 'two first'])
  expect(states().length).toBe(1)
  expect(statSync(join(cwd, 'state/mlops/resume', states()[0] ?? '')).mode & 0o777).toBe(0o600)
  const still = await play('--resume')
  expect(still.status).toBe(2)
  expect(recap(still.stdout)).toEqual({ two: expect.objectContaining({ ok: 0, failed: 1 }) })
  allow('ready')
  const again = await play('--resume')
  expect(again.status).toBe(0)
  expect(said()).toEqual(['two got found-two found-two!', 'two second play'])
  expect(Object.keys(recap(again.stdout))).toEqual(['two'])
  expect(states()).toEqual([])
  const none = await play('--resume')
  expect(none.stderr).toContain('there is nothing to resume')
  expect(none.status).toBe(1)
})

const withHandler = `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { content: x, dest: "{{ playbook_dir }}/{{ inventory_hostname }}" }
      notify: restart it
    - command: test -e {{ playbook_dir }}/ready
      when: inventory_hostname == 'two'
  handlers:
    - name: restart it
      ${say('restarted')}
`

test.each([['--resume'], []])('handlers that were notified and did not run, run later %s', async (...args) => {
  const { play, said, let: allow } = stage(withHandler)
  await play()
  expect(said()).toEqual(['one restarted'])
  allow('ready')
  const again = await play(...args)
  expect(again.stderr).toContain(
    'handler `restart it` was notified in the last run and did not run: it runs in this one, on two',
  )
  expect(again.status).toBe(0)
  expect(said()).toEqual(['two restarted'])
  const third = await play()
  expect(third.stderr).toBe('')
  expect(said()).toEqual([])
})

test('a handler that failed runs again', async () => {
  const {
    play,
    said,
    let: allow,
  } = stage(withHandler.replace('echo', 'test -e {{ playbook_dir }}/well && echo'), ['one'])
  expect((await play()).status).toBe(2)
  allow('well')
  expect((await play('--resume')).status).toBe(0)
  expect(said()).toEqual(['one restarted'])
})

test('includes, loops, blocks and rescues are found again', async () => {
  const {
    play,
    said,
    cwd,
    let: allow,
  } = stage(
    `
- hosts: all
  gather_facts: false
  tasks:
    - include_tasks: part.yml
      loop: [1, 2, 3]
    - block:
        - ${say('block')}
        - command: test -e {{ playbook_dir }}/block
      rescue:
        - ${say('rescue')}
        - command: test -e {{ playbook_dir }}/rescue
      always:
        - ${say('always')}
    - ${say('end')}
`,
    ['one'],
  )
  writeFileSync(
    join(cwd, 'part.yml'),
    `- ${say('part {{ item }}')}\n- command: test {{ item }} -ne 2 -o -e {{ playbook_dir }}/part\n`,
  )
  await play()
  expect(said()).toEqual(['one part 1', 'one part 2'])
  allow('part')
  await play('--resume')
  expect(said()).toEqual(['one part 3', 'one block', 'one rescue', 'one always'])
  allow('rescue')
  await play('--resume')
  expect(said()).toEqual(['one rescue', 'one always', 'one end'])
})

test('secrets are not kept, and that is said', async () => {
  const { play, states, cwd } = stage(
    `
- hosts: all
  gather_facts: false
  tasks:
    - command: echo s3cr3t-w0rd
      no_log: true
      register: hidden
    - set_fact: { copied: "{{ hidden.stdout }}" }
    - command: echo plain
      register: open
    - command: /bin/false
`,
    ['one'],
  )
  await play()
  const text = readFileSync(join(cwd, 'state/mlops/resume', states()[0] ?? ''), 'utf8')
  expect(text).toContain('plain')
  expect(text).not.toContain('s3cr3t')
  expect((await play('--resume')).stderr).toContain('one goes on without hidden, copied: what is secret')
})

test('hosts that others brought to a stop go on after their last task; a task that is gone is an error', async () => {
  const {
    play,
    said,
    cwd,
    let: allow,
  } = stage(`
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - name: Both do this
      ${say('first')}
    - name: One fails
      shell: test {{ inventory_hostname }} = two || test -e {{ playbook_dir }}/ready
    - ${say('last')}
`)
  await play()
  expect(said().sort()).toEqual(['one first', 'two first'])
  const before = readFileSync(join(cwd, 'site.yml'), 'utf8')
  writeFileSync(join(cwd, 'site.yml'), before.replace('One fails', 'Renamed'))
  const renamed = await play('--resume')
  expect(renamed.stderr).toContain('one stopped at `One fails`, and this task is not met any more')
  expect(renamed.status).toBe(1)
  expect(said()).toEqual([])
  writeFileSync(join(cwd, 'site.yml'), before.replace('tasks:', 'tasks:\n    - debug: { msg: new }'))
  allow('ready')
  expect((await play('--resume')).status).toBe(0)
  expect(said().sort()).toEqual(['one last', 'two last'])
})

test('what is interrupted goes on with the task that was at work', async () => {
  const {
    play,
    said,
    cwd,
    let: allow,
  } = stage(
    `
- hosts: all
  gather_facts: false
  tasks:
    - ${say('before')}
    - name: Wait for it
      shell: echo waiting; until test -e {{ playbook_dir }}/ready; do sleep 0.1; done
    - ${say('after')}
`,
    ['one'],
  )
  const args = ['play', 'site.yml', '-i', 'hosts.ini', '--json']
  let isWaiting = false
  const { status } = await mlops(args, {
    cwd,
    env: { XDG_STATE_HOME: join(cwd, 'state') },
    onOutput: (text, child) => {
      if (isWaiting || !text.includes('waiting\\n')) return
      isWaiting = true
      child.kill('SIGINT')
    },
  })
  expect(status).toBe(99)
  allow('ready')
  expect((await play('--resume')).status).toBe(0)
  expect(said()).toEqual(['one before', 'one after'])
})

test('with serial, hosts of later batches begin anew, those of earlier ones are passed over', async () => {
  const {
    play,
    said,
    let: allow,
  } = stage(
    `
- hosts: all
  gather_facts: false
  serial: 1
  tasks:
    - ${say('first')}
      notify: told
    - name: Needs a file
      shell: test {{ inventory_hostname }} != two || test -e {{ playbook_dir }}/ready
    - ${say('last')}
  handlers:
    - name: told
      ${say('handler')}
`,
    ['one', 'two', 'three'],
  )
  expect((await play()).status).toBe(2)
  expect(said()).toEqual(['one first', 'one last', 'one handler', 'two first'])
  allow('ready')
  const again = await play('--resume')
  expect(again.status, again.stdout + again.stderr).toBe(0)
  expect(said()).toEqual(['two last', 'two handler', 'three first', 'three last', 'three handler'])
})

test.each([
  'free',
  'linear',
])('with several hosts and the strategy %s each is remembered for itself', async strategy => {
  const {
    play,
    said,
    let: allow,
    cwd,
  } = stage(
    `
- hosts: all
  gather_facts: false
  strategy: ${strategy}
  tasks:
    - ${say('first')}
      notify: "told {{ inventory_hostname }}"
    - include_tasks: more.yml
    - name: Needs a file
      shell: test {{ inventory_hostname }} = one || test -e {{ playbook_dir }}/ready
    - ${say('last')}
      notify: both
  handlers:
    - name: told two
      ${say('handler two')}
    - name: told three
      ${say('handler three')}
    - name: told one
      ${say('handler one')}
    - name: both
      include_tasks: both.yml
`,
    ['one', 'two', 'three'],
  )
  writeFileSync(join(cwd, 'more.yml'), `- ${say('more')}\n`)
  writeFileSync(
    join(cwd, 'both.yml'),
    `- shell: test {{ inventory_hostname }} != two || test -e {{ playbook_dir }}/open\n- ${say('both')}\n`,
  )
  expect((await play()).status).toBe(2)
  expect(said().sort()).toEqual(
    ['one', 'two', 'three']
      .flatMap(host => [`${host} first`, `${host} more`])
      .concat('one last', 'one handler one', 'one both')
      .sort(),
  )
  allow('ready')
  const again = await play('--resume')
  expect(again.status, again.stdout).toBe(2)
  expect(said().sort()).toEqual(['three both', 'three handler three', 'three last', 'two handler two', 'two last'])
  allow('open')
  const third = await play('--resume')
  expect(third.status, third.stdout).toBe(0)
  expect(third.stderr).toContain('handler `both` was notified in the last run')
  expect(said()).toEqual(['two both'])
})

test('hosts that the failure of another one ended run what they were told of later', async () => {
  const { play, said, cwd } = stage(`
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - ${say('first')}
      notify: told
    - shell: test {{ inventory_hostname }} != two || test -e {{ playbook_dir }}/log.2
    - file: { path: "{{ playbook_dir }}/log.2", state: touch }
  handlers:
    - name: told
      ${say('handler')}
`)
  expect((await play()).status).toBe(2)
  expect(said().sort()).toEqual(['one first', 'two first'])
  writeFileSync(join(cwd, 'log.2'), '')
  const again = await play('--resume')
  expect(again.status, again.stdout).toBe(0)
  expect(said().sort()).toEqual(['one handler', 'two handler'])
})

test('a handler that failed waits for the tasks, which may mend what made it fail', async () => {
  const { play, said } = stage(
    `
- hosts: all
  gather_facts: false
  pre_tasks:
    - ${say('before')}
  tasks:
    - copy: { content: "{{ text | default('broken') }}", dest: "{{ playbook_dir }}/conf" }
      notify: restart it
  handlers:
    - name: restart it
      shell: grep -q mended {{ playbook_dir }}/conf && echo restarted >> {{ playbook_dir }}/log
`,
    ['one'],
  )
  expect((await play()).status).toBe(2)
  const again = await play('-e', 'text=mended')
  expect(again.status, again.stdout).toBe(0)
  expect(said()).toEqual(['one before', 'one before', 'restarted'])
})
