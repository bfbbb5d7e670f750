import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Result } from '../modules/module.ts'
import { MemoryOutput } from './memory-output.ts'
import { Recorded } from './recorded.ts'
import { type ReporterOptions, reporterFor } from './reporter.ts'

const echo = {
  changed: true,
  cmd: ['echo'],
  msg: '',
  rc: 0,
  stderr: '',
  stderr_lines: [],
  stdout: '',
  stdout_lines: [],
}
const broken = { ...echo, cmd: ['false'], msg: 'non-zero return code', rc: 1, failed: true }
const brokenJson =
  '{"changed": true, "cmd": ["false"], "msg": "non-zero return code", "rc": 1, "stderr": "", "stderr_lines": [], "stdout": "", "stdout_lines": []}'

/** Results hold more in `msg` than its type says: `debug` shows any data. */
function data(value: object): Result {
  return { ...value }
}

function shown(run: Recorded, options: ReporterOptions = { env: {} }): { out: string; err: string } {
  const [out, err] = [new MemoryOutput(), new MemoryOutput()]
  const reporter = reporterFor(options, out, err)
  for (const event of run.events) reporter.on(event)
  void reporter.close()
  return { out: out.text, err: err.text }
}

/** Recorded with ansible-playbook (core 2.14) from a playbook of these tasks. */
test('a play looks as with ansible-playbook', () => {
  const run = new Recorded()
    .startPlay('First play', ['h1', 'h2'])
    .startTask('plain command')
    .finish('h2', 'ok', { changed: false })
    .finish('h1', 'changed', echo)
    .startTask('debug', { module: 'debug' })
    .finish('h1', 'ok', data({ changed: false, msg: ['a', { b: 1 }] }))
    .finish('h2', 'ok', { changed: false, inventory_hostname: 'h2' })
    .startTask('items')
    .item('h2', 'ok', '1')
    .item('h1', 'changed', 'two', echo)
    .item('h1', 'skipped', '3')
    .finish('h2', 'ok', { results: [] }, { items: 1 })
    .finish('h1', 'changed', { results: [] }, { items: 2 })
    .startTask('all skipped')
    .item('h1', 'skipped', '1')
    .finish('h1', 'skipped', { results: [] }, { items: 1 })
    .finish('h2', 'skipped')
    .startTask('debug items', { module: 'debug' })
    .item('h1', 'ok', 'L 1', data({ changed: false, msg: 1, item: 1, ansible_loop_var: 'item' }))
    .finish('h1', 'ok', { results: [] }, { items: 1 })
    .startTask('fails ignored')
    .finish('h1', 'failed', broken, { ignored: true })
    .startTask('fails item ignored')
    .item('h1', 'changed', 'true', echo)
    .item('h1', 'failed', 'false', broken)
    .finish('h1', 'failed', { results: [], msg: 'One or more items failed' }, { items: 2, ignored: true })
    .startTask('include_tasks')
    .include('/srv/inc.yml', ['h1', 'h2'])
    .startTask('retry')
    .retry('h1', 2)
    .retry('h1', 1)
    .finish('h1', 'ok', {})
    .startTask('delegated')
    .finish('h1', 'changed', echo, { delegatedTo: 'h2' })
    .startTask('the handler', { handler: true })
    .finish('h1', 'changed', echo)
    .startTask('mlong a very long name that is longer than the width of the terminal so that stars are few in number')
    .finish('h1', 'ok', {})
    .noHosts('nope')
    .end({
      h1: { ok: 25, changed: 11, skipped: 2, rescued: 1, ignored: 3 },
      'a-rather-long-host-name.example': { ok: 1 },
    })
  expect(shown(run).out).toBe(`
PLAY [First play] **************************************************************

TASK [plain command] ***********************************************************
ok: [h2]
changed: [h1]

TASK [debug] *******************************************************************
ok: [h1] => {
    "msg": [
        "a",
        {
            "b": 1
        }
    ]
}
ok: [h2] => {
    "inventory_hostname": "h2"
}

TASK [items] *******************************************************************
ok: [h2] => (item=1)
changed: [h1] => (item=two)
skipping: [h1] => (item=3)${' '}

TASK [all skipped] *************************************************************
skipping: [h1] => (item=1)${' '}
skipping: [h1]
skipping: [h2]

TASK [debug items] *************************************************************
ok: [h1] => (item=L 1) => {
    "msg": 1
}

TASK [fails ignored] ***********************************************************
fatal: [h1]: FAILED! => ${brokenJson}
...ignoring

TASK [fails item ignored] ******************************************************
changed: [h1] => (item=true)
failed: [h1] (item=false) => ${brokenJson}
...ignoring

TASK [include_tasks] ***********************************************************
included: /srv/inc.yml for h1, h2

TASK [retry] *******************************************************************
FAILED - RETRYING: [h1]: retry (2 retries left).
FAILED - RETRYING: [h1]: retry (1 retries left).
ok: [h1]

TASK [delegated] ***************************************************************
changed: [h1 -> h2]

RUNNING HANDLER [the handler] **************************************************
changed: [h1]

TASK [mlong a very long name that is longer than the width of the terminal so that stars are few in number] ***
ok: [h1]

PLAY [nope] ********************************************************************
skipping: no hosts matched

PLAY RECAP *********************************************************************
a-rather-long-host-name.example : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   
h1                         : ok=25   changed=11   unreachable=0    failed=0    skipped=2    rescued=1    ignored=3   

`)
})

/** The 2021 revision of the lab's playbook on its two servers: 6 tasks for all, 10 more for production, 3 more for development. */
test('the recap of the lab reads as in its report', () => {
  const run = new Recorded().end({
    prodserver: { ok: 16, changed: 8 },
    devserver: { ok: 9, changed: 3 },
  })
  expect(shown(run).out).toBe(`
PLAY RECAP *********************************************************************
devserver                  : ok=9    changed=3    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   
prodserver                 : ok=16   changed=8    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   

`)
})

test('a headline is said again when the lines of another task came between', () => {
  const run = new Recorded().startPlay('p', ['a', 'b']).startTask('one')
  const one = new Recorded().startPlay('p', ['a', 'b']).startTask('one').finish('b', 'ok').events.at(-1)
  run.finish('a', 'ok').startTask('two').finish('a', 'ok')
  if (one) run.events.push(one)
  expect(shown(run).out).toBe(`
PLAY [p] ***********************************************************************

TASK [one] *********************************************************************
ok: [a]

TASK [two] *********************************************************************
ok: [a]

TASK [one] *********************************************************************
ok: [b]
`)
})

test('from -v on results are shown, but the facts of a host are not', () => {
  const run = new Recorded()
    .startTask('Gathering Facts', { module: 'setup' })
    .finish('h', 'ok', { ansible_facts: { a: 1 } })
    .startTask('ping', { module: 'ping', at: { file: 'site.yml', line: 4, column: 7 } })
    .finish('h', 'ok', { ping: 'pong', changed: false, invocation: {}, skipped: false })
    .startTask('no')
    .finish('h', 'skipped', { changed: false, skip_reason: 'Conditional result was False', skipped: true })
  expect(shown(run, { verbosity: 1, env: {} }).out).toContain(`
TASK [Gathering Facts] *********************************************************
ok: [h]

TASK [ping] ********************************************************************
ok: [h] => {"changed": false, "ping": "pong"}

TASK [no] **********************************************************************
skipping: [h] => {"changed": false, "skip_reason": "Conditional result was False"}
`)
  expect(shown(run, { verbosity: 2, env: {} }).out).toContain('*\ntask path: site.yml:4\nok: [h]')
})

test('differences are shown before the line of their host, as unified diffs', () => {
  const run = new Recorded()
    .startTask('diffs')
    .finish('h', 'changed', { diff: { before_header: '/d1', after_header: '/d1', before: 'a\nb\n', after: 'a\nc' } })
    .startTask('new')
    .finish('h', 'changed', {
      diff: [
        { before: '', after: 'b\nc\n' },
        { before: 'same', after: 'same' },
      ],
    })
  expect(shown(run).out).toBe(`
TASK [diffs] *******************************************************************
--- before: /d1
+++ after: /d1
@@ -1,2 +1,2 @@
 a
-b
+c
\\ No newline at end of file

changed: [h]

TASK [new] *********************************************************************
--- before
+++ after
@@ -0,0 +1,2 @@
+b
+c

changed: [h]
`)
})

test('a diff without end is not looked for', () => {
  const lines = (prefix: string) => Array.from({ length: 5000 }, (_, i) => `${prefix}${i}\n`).join('')
  const run = new Recorded().startTask('t').finish('h', 'changed', { diff: { before: lines('a'), after: lines('b') } })
  expect(shown(run).out).toContain('--- before\n+++ after\n@@ over 2000 lines differ @@\n\nchanged: [h]\n')
})

test('after the recap stands what went wrong, where, and what the command said; hosts that failed alike stand together', () => {
  const at = { file: 'site.yml', line: 7, column: 9 }
  const failure = {
    ...broken,
    cmd: 'make all',
    rc: 2,
    stderr: 'cc: \x1b[31mno input\x1b[0m files\n\nmake: *** [all] Error 1\n',
  }
  const run = new Recorded()
    .startTask('build', { at })
    .finish('a', 'failed', failure)
    .finish('b', 'failed', failure)
    .finish('c', 'unreachable', { msg: 'connection refused', hint: 'is sshd running?' })
    .startTask('rescued', { at })
    .finish('d', 'failed', broken, { rescued: true })
    .finish('e', 'failed', broken, { ignored: true })
    .startTask('items', { at })
    .item('f', 'failed', 'x', { msg: 'no such package x', failed: true })
    .finish('f', 'failed', { msg: 'One or more items failed', results: [] }, { items: 1 })
    .end({ a: { failed: 1 } })
  const out = shown(run).out
  expect(out.slice(out.indexOf('ignored=0   \n'))).toBe(`ignored=0   

a, b failed at: build
  --> site.yml:7:9
  non-zero return code (status 2)
  command: make all
  stderr:
    cc: no input files
    make: *** [all] Error 1

c could not be reached at: build
  --> site.yml:7:9
  connection refused
  hint: is sshd running?

f failed at: items
  --> site.yml:7:9
  no such package x

`)
})

test('an unreachable host says so in the result', () => {
  const run = new Recorded().startTask('t').finish('h', 'unreachable', { changed: false, msg: 'refused' })
  expect(shown(run).out).toContain(
    'fatal: [h]: UNREACHABLE! => {"changed": false, "msg": "refused", "unreachable": true}\n',
  )
})

test('warnings go to the error output, and an interrupted run says so', () => {
  const { out, err } = shown(new Recorded().warn('host keys are not checked').end({}, true))
  expect(err).toBe('[WARNING]: host keys are not checked\n[WARNING]: interrupted: later tasks were not done\n')
  expect(out).not.toContain('WARNING')
})

test('control characters of hosts reach no terminal', () => {
  const evil = '\x1b[2J\x1b]0;title\x07\x9b31mred\x08\u202e'
  const run = new Recorded()
    .startPlay(evil, [])
    .startTask(evil, { module: 'debug' })
    .item('h', 'ok', evil, { msg: evil })
    .finish('h', 'failed', { msg: evil, stderr: evil })
    .warn(evil)
    .end({ h: { failed: 1 } })
  const { out, err } = shown(run)
  expect(out + err).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
})

test('colours come on a terminal or when they are forced, and never against NO_COLOR', () => {
  const run = new Recorded()
    .startTask('t')
    .finish('h', 'changed')
    .end({ h: { ok: 1, changed: 1 } })
  const forced = shown(run, { env: { FORCE_COLOR: '1' } }).out
  expect(forced).toContain('\x1b[33mchanged: [h]\x1b[39m\n')
  expect(forced).toContain(
    '\x1b[33mh\x1b[39m                          : \x1b[32mok=1   \x1b[39m \x1b[33mchanged=1   \x1b[39m unreachable=0    failed=0',
  )
  for (const env of [{}, { NO_COLOR: '1', FORCE_COLOR: '1' }, { FORCE_COLOR: '0' }, { ANSIBLE_NOCOLOR: 'True' }]) {
    expect(shown(run, { env }).out).not.toContain('\x1b')
  }
})

test('--json gives each event as a line that can be read back', () => {
  const run = new Recorded()
    .startPlay('p', ['h'])
    .startTask('t')
    .finish('h', 'ok', { big: 2n ** 60n, map: new Map([[1, 'x']]) })
  const { out } = shown(run, { json: true, env: {} })
  const lines = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.slice(0, 2)).toEqual(run.events.slice(0, 2))
  expect(lines[2].result).toEqual({ big: '1152921504606846976', map: { 1: 'x' } })
})

test('a reader that goes away in the middle is no error', async () => {
  const gone = new PassThrough()
  const reporter = reporterFor({ env: {} }, gone, new MemoryOutput())
  gone.destroy(new Error('write EPIPE'))
  for (const event of new Recorded().startPlay('p', ['h']).startTask('t').finish('h', 'ok').end({}).events)
    reporter.on(event)
  await reporter.close()
  expect(gone.destroyed).toBe(true)
})
