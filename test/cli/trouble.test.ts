import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startSshd } from '../../src/connection/sshd.rig.ts'
import { folder, mlops, root } from '../rig/mlops.ts'

const bin = join(root, 'bin/mlops')
const site = '- hosts: all\n  gather_facts: no\n  tasks:\n    - command: "true"\n'

test.each([
  ['abc', 'h1: the port `abc` is no number'],
  ['99999', '127.0.0.1: there is no port 99999'],
])('a host whose port is %s is unreachable, with the reason', async (port, reason) => {
  const cwd = folder({ 'site.yml': site, hosts: `h1 ansible_host=127.0.0.1 ansible_port=${port}\n` })
  const { stdout, stderr, status } = await mlops(['play', 'site.yml', '-i', 'hosts'], { cwd })
  expect([stderr, status]).toEqual(['', 4])
  expect(stdout).toContain(`h1 could not be reached at: command\n  --> site.yml:4:7\n  ${reason}\n`)
})

const local = ['play', 'site.yml', '-i', 'h1,', '-c', 'local']

test('a tree that finds no room leaves nothing behind, and names the file', async () => {
  const cwd = folder({
    // no file may be larger than 200 blocks, as on a disk that is nearly full
    small: '#!/bin/sh\ntrap "" XFSZ; ulimit -f 200; exec /bin/sh "$@"\n',
    'site.yml':
      '- hosts: all\n  gather_facts: no\n  tasks: [{ copy: { src: tree/, dest: "{{ playbook_dir }}/to/" } }]\n',
    'tree/a': 'a\n',
    'tree/b': 'b'.repeat(110_000),
    'tree/c': 'c'.repeat(300_000),
    'to/kept': '',
  })
  chmodSync(join(cwd, 'small'), 0o755)
  const shell = ['-e', `ansible_shell_executable=${join(cwd, 'small')}`]
  const ways: [file: string, problem: RegExp][] = [
    ['b', /b: cannot be written/],
    ['c', /c: cannot be written: File too large/],
  ]
  for (const [file, problem] of ways) {
    const { stdout, status } = await mlops([...local, ...shell], { cwd })
    expect([stdout, status]).toEqual([expect.stringMatching(problem), 2])
    expect(readdirSync(join(cwd, 'to'))).toEqual(['kept'])
    rmSync(join(cwd, 'tree', file))
  }
})

test('of a file whose receiver is killed nothing is left', async () => {
  const cwd = folder({
    'bin/dd':
      '#!/bin/sh\ncase "$*" in "bs=65536 count="*) head -c 1000; kill -9 $PPID ;; *) exec /bin/dd "$@" ;; esac\n',
    'site.yml': '- hosts: all\n  gather_facts: no\n  tasks: [{ copy: { src: c, dest: "{{ playbook_dir }}/to/" } }]\n',
    c: 'c'.repeat(300_000),
    'to/kept': '',
  })
  chmodSync(join(cwd, 'bin/dd'), 0o755)
  const { stdout, status } = await mlops(local, { cwd, env: { PATH: `${join(cwd, 'bin')}:${process.env['PATH']}` } })
  expect([stdout, status]).toEqual([expect.stringContaining('what receives files there ended'), 2])
  expect(readdirSync(join(cwd, 'to'))).toEqual(['kept'])
})

const project = 'name: p\nprovider: static\nservers: { s: { address: 192.0.2.1 } }\n'

test('a project whose state cannot be written is told in words', async () => {
  const cwd = folder({ 'mlops.yml': project, '.mlops': 'no folder' })
  const { status, stderr } = await mlops(['keys', 'init'], { cwd })
  expect([status, stderr]).toEqual([
    1,
    `error: ${cwd}/.mlops cannot be written: it is there already\nhint: mlops keeps what it knows of a project in \`.mlops\` beside its mlops.yml\n`,
  ])
})

test('a play that cannot be written down ends as it ended on the hosts, with a warning', async () => {
  const cwd = folder({ 'site.yml': site, 'mlops.yml': project, '.mlops/journal.jsonl/taken': '' })
  const { status, stderr } = await mlops(local, { cwd })
  const journal = join(cwd, '.mlops/journal.jsonl')
  expect([status, stderr]).toEqual([
    0,
    `[WARNING]: the journal does not know of this run: ${journal} cannot be read: it is a folder\n`,
  ])
})

test('who only looks leaves no folder behind', async () => {
  const cwd = folder({ 'mlops.yml': project })
  expect((await mlops(['status'], { cwd })).stderr).toContain('error: the servers of this project are not made yet\n')
  expect(readdirSync(cwd)).toEqual(['mlops.yml'])
})

test.each([
  [['init', '--name', 'p', 'sub'], []],
  [
    ['keys', 'init'],
    ['.mlops', 'mlops.yml'],
  ],
])('%j on a full disk leaves nothing half done', (args, left) => {
  const cwd = folder(args[0] === 'init' ? {} : { 'mlops.yml': project })
  const words = [bin, ...args]
  // as on a disk without room, files are made and stay empty
  const { status, stderr } = spawnSync('sh', ['-c', 'ulimit -f 0; exec "$@"', 'sh', ...words], {
    cwd,
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^error: .* cannot be written: it may not become that large\nhint: /)
  expect(readdirSync(cwd)).toEqual(left)
  expect(left.flatMap(name => (name === '.mlops' ? readdirSync(join(cwd, name)) : []))).toEqual([])
})

test('a play whose output is lost goes on to its end, and says that it is', () => {
  const cwd = folder({ 'site.yml': site.replace('"true"', 'touch done') })
  const words = [bin, ...local]
  const { status, stderr } = spawnSync('sh', ['-c', '"$@" >/dev/full', 'sh', ...words], { cwd, encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, 'error: the output cannot be written: there is no space left\n'])
  expect(existsSync(join(cwd, 'done'))).toBe(true)
})

test('a trace without room for it is told before anything is played', async () => {
  const { status, stderr } = await mlops([...local, '--trace', '/dev/full'], { cwd: folder({ 'site.yml': site }) })
  expect([status, stderr]).toEqual([1, 'error: the trace cannot be written to /dev/full: there is no space left\n'])
})

test('a home below which no folder can ever be made stops no play', async () => {
  const cwd = folder({ 'site.yml': site.replace('true', 'false') })
  const { status, stderr } = await mlops(local, { cwd, env: { HOME: '/proc', XDG_STATE_HOME: '', XDG_CACHE_HOME: '' } })
  expect(status).toBe(2)
  expect(stderr).toMatch(
    /^\[WARNING\]: --resume will not know of this run: .* cannot be written: there is no such file/,
  )
})

test.each([
  [['play', '--plan', 'site.yml'], 'error: site.yml is no plan that this version can apply\n'],
  [['play', '--plan', 'none.plan'], 'error: the plan none.plan cannot be read: there is no such file or folder\n'],
  [['vault', 'view', 'none.yml', '--vault-password-file', 'x'], 'error: cannot read none.yml: there is no such file'],
  [['vault', 'encrypt_string', 'x'], 'hint: give the password with --vault-password-file FILE or '],
  [['play', 'site.yml', '-i', 'h1,', '-c', 'local', '--step'], 'hint: leave out --step\n'],
  [['inventory', '-i', 'script', '--list'], 'hint: there is no such file or folder\n'],
])('%j says in words what is not there', async (args, words) => {
  const cwd = folder({ 'site.yml': site, script: '#!/none\n' })
  chmodSync(join(cwd, 'script'), 0o755)
  const { status, stderr } = await mlops(args, { cwd })
  expect(status).toBe(1)
  expect(stderr).toContain(words)
})

test.each([
  [['inventory', '-i', 'h1,', '--list', '--output', '/none/hosts'], '/none/hosts cannot be written: there is no such'],
  [
    ['measure', 'downtime', '--url', 'http://127.0.0.1:1', '--report', '/none/page.html', '--', 'touch', 'ran'],
    '/none/page.html cannot be written: there is no such',
  ],
  [
    ['measure', 'downtime', '--url', 'http://127.0.0.1:1', '--', 'no-such-program', '-x'],
    "no-such-program cannot be started: there is no such file or folder\nhint: what only a shell knows needs one: -- sh -c 'no-such-program -x'\n",
  ],
])('%j says what cannot be done, before anything is', async (args, words) => {
  const cwd = folder({})
  const { status, stderr } = await mlops(args, { cwd })
  expect([status, stderr]).toEqual([1, expect.stringContaining(`error: ${words}`)])
  expect(readdirSync(cwd)).toEqual([])
})

test('a key whose passphrase nobody is there to type leaves its host unreachable', async () => {
  const sshd = await startSshd()
  onTestFinished(() => sshd.stop())
  const key = sshd.authorize('locked', '-t', 'ed25519', '-N', 'open sesame')
  const reach = `ansible_host=127.0.0.1 ansible_port=${sshd.port} ansible_ssh_private_key_file=${key}`
  const cwd = folder({ 'site.yml': site, hosts: `h1 ${reach}\n` })
  const env = { ANSIBLE_HOST_KEY_CHECKING: 'False', SSH_AUTH_SOCK: '' }
  const { status, stdout } = await mlops(['play', 'site.yml', '-i', 'hosts'], { cwd, env })
  expect([status, stdout]).toEqual([4, expect.stringContaining('(has a passphrase, which was not given))')])
})

test('who has no name and no home plays all the same', async () => {
  // what Node.js finds in a container that runs as any number
  const nobody = `const os = require('node:os')
const none = () => { throw new Error('uv_os_get_passwd returned ENOENT (no such file or directory)') }
os.userInfo = none
os.homedir = () => process.env.HOME || none()
`
  const cwd = folder({ 'site.yml': site.replace('true', 'false'), 'nobody.cjs': nobody })
  const env = {
    NODE_OPTIONS: `--require ${join(cwd, 'nobody.cjs')}`,
    HOME: '',
    XDG_STATE_HOME: cwd,
    XDG_CACHE_HOME: cwd,
  }
  const played = await mlops(local, { cwd, env })
  expect([played.status, played.stderr]).toEqual([2, ''])
  const reached = await mlops(['play', 'site.yml', '-i', '127.0.0.1:1,'], { cwd, env })
  expect([reached.status, reached.stdout]).toEqual([4, expect.stringContaining('127.0.0.1:1 refused the connection')])
})

test('a folder that is gone is told in words', () => {
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
  const words = ['-c', script, 'sh', bin, 'inventory', '-i', 'h1,', '--list']
  const { status, stderr } = spawnSync('sh', words, { cwd: folder({}), encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, 'error: the folder in which this was called is not there any more\n'])
})

test('a terminal that goes away ends what runs on hosts, as Ctrl-C does', async () => {
  const sleep = `sh -c 'echo $$ >pid; exec sleep 600'\n      args: { chdir: "{{ playbook_dir }}" }`
  const cwd = folder({ 'site.yml': site.replace('"true"', () => sleep), pid: '' })
  const pid = () => readFileSync(join(cwd, 'pid'), 'utf8').trim()
  const { status } = await mlops(local, {
    cwd,
    onStart: async child => {
      while (pid() === '') await wait(50)
      child.kill('SIGHUP')
      child.kill('SIGHUP')
    },
  })
  expect(status).toBe(99)
  while (isAlive(pid())) await wait(50)
})

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
