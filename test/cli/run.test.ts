import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

const hosts = 'h1 ansible_connection=local\nh2 ansible_connection=local\n'

async function run(...args: string[]) {
  const cwd = folder({ hosts })
  return { cwd, ...(await mlops(['run', ...args, '-i', 'hosts'], { cwd })) }
}

/** Recorded with `ansible` (core 2.14). */
test('a command looks as with ansible', async () => {
  const { stdout, status } = await run('h1', '-a', 'echo hi there')
  expect(stdout).toBe('h1 | CHANGED | rc=0 >>\nhi there\n')
  expect(status).toBe(0)
})

test('a command that fails shows all that it said, and gives 2', async () => {
  const { stdout, status } = await run('h1', '-m', 'shell', '-a', 'echo out; echo err >&2; exit 3')
  expect(stdout).toBe('h1 | FAILED | rc=3 >>\nouterrnon-zero return code\n')
  expect(status).toBe(2)
})

test('every host of the pattern has a line with -o', async () => {
  const { stdout } = await run('all', '-o', '-a', 'printf "a\\nb"')
  expect(stdout.split('\n').sort()).toEqual([
    '',
    'h1 | CHANGED | rc=0 | (stdout) a\\nb',
    'h2 | CHANGED | rc=0 | (stdout) a\\nb',
  ])
})

test('other modules show their result as JSON', async () => {
  expect((await run('h1', '-m', 'ping')).stdout).toBe(
    'h1 | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n',
  )
  expect((await run('h1', '-m', 'debug', '-a', 'msg="hello {{ inventory_hostname }}"')).stdout).toBe(
    'h1 | SUCCESS => {\n    "msg": "hello h1"\n}\n',
  )
  expect((await run('h1', '-m', 'fail', '-a', 'msg=no')).stdout).toBe(
    'h1 | FAILED! => {\n    "changed": false,\n    "msg": "no"\n}\n',
  )
})

test('arguments may be JSON, and check mode changes nothing', async () => {
  const { cwd, stdout } = await run(
    'h1',
    '-C',
    '-m',
    'ansible.builtin.file',
    '-a',
    '{"path": "new", "state": "directory"}',
  )
  expect(stdout).toContain('h1 | CHANGED => {')
  expect(existsSync(join(cwd, 'new'))).toBe(false)
})

test('mistakes are found before a host is reached', async () => {
  const wrong = await run('h1', '-m', 'copy', '-a', 'dst=/x content=a')
  expect(wrong.stderr).toContain('did you mean `dest`?')
  expect(wrong.status).toBe(1)
  expect((await run('h1', '-m', 'import_tasks', '-a', 'x.yml')).stderr).toContain('is for playbooks')
  expect((await run('h3', '-m', 'ping')).stderr).toContain('h3')
})

test('each host has a file of its result with --tree', async () => {
  const { cwd } = await run('all', '-t', 'results', '-m', 'debug', '-a', 'msg=hi')
  expect(readFileSync(join(cwd, 'results/h1'), 'utf8')).toBe('{"msg": "hi"}')
  expect(existsSync(join(cwd, 'results/h2'))).toBe(true)
})

test('a job is waited for, or left alone with -P 0', async () => {
  const waited = await run('h1', '-m', 'shell', '-a', 'echo done', '-B', '30', '-P', '1')
  expect(JSON.parse(waited.stdout.replace('h1 | CHANGED => ', ''))).toMatchObject({
    finished: 1,
    stdout: 'done',
    rc: 0,
  })
  const left = await run('h1', '-m', 'shell', '-a', 'echo done', '-B', '30', '-P', '0')
  expect(JSON.parse(left.stdout.replace('h1 | CHANGED => ', ''))).toMatchObject({ finished: 0, started: 1 })
})

test('--output json gives event lines', async () => {
  const { stdout } = await run('h1', '-m', 'ping', '--output', 'json')
  const types = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).type)
  expect(types).toContain('task-finished')
})
