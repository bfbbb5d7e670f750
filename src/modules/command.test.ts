import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { command } from './command.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

const hostile = [`it's "q"`, '$(id)`id`', 'a\nb', '-n', '*', '\\t', 'ünï', '']

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('the words of a list reach the program whole', async () => {
    const { result } = await attempt(command, { argv: ['printf', '<%s>', ...hostile] }, { shell })
    expect(result.stdout).toBe(hostile.map(word => `<${word}>`).join(''))
    expect(result).toMatchObject({ changed: true, rc: 0, stderr: '', cmd: ['printf', '<%s>', ...hostile] })
  })

  test('the text is split into words, and nothing but variables and ~ is opened', async () => {
    const cmd = `printf '%s|' "a b" c\\ d *.* $WHO \${WHO}s $NOBODY ~/x > ;`
    const { result } = await attempt(command, { cmd }, { shell, environment: { WHO: 'me "too"', HOME: '/home/it me' } })
    expect(result.stdout).toBe(`a b|c d|*.*|me "too"|me "too"s|$NOBODY|/home/it me/x|>|;|`)
  })

  test('variables stay closed when asked', async () => {
    const { result } = await attempt(command, { cmd: 'printf %s $HOME', expand_argument_vars: false }, { shell })
    expect(result.stdout).toBe('$HOME')
  })

  test('the echo that runs is the program, not that of the shell', async () => {
    const { result } = await attempt(command, { argv: ['echo', 'a\\tb'] }, { shell })
    expect(result.stdout).toBe('a\\tb')
  })

  test('stdin is given with a line break, and output loses the last ones', async () => {
    expect((await attempt(command, { cmd: 'cat', stdin: '1\n2' }, { shell })).result).toMatchObject({
      stdout: '1\n2',
      stdout_lines: ['1', '2'],
    })
    const exact = { cmd: 'cat', stdin: 'x', stdin_add_newline: false, strip_empty_ends: false }
    expect((await attempt(command, exact, { shell })).result.stdout).toBe('x')
    expect((await attempt(command, { cmd: 'cat' }, { shell })).result).toMatchObject({ stdout: '', stdout_lines: [] })
  })

  test('`creates` and `removes` look for files and patterns, from the folder to run in', async () => {
    const chdir = `${tmp()}/it's "$here"`
    mkdirSync(chdir)
    const touch = { argv: ['touch', 'made 1'], chdir, creates: 'made ?' }
    expect(await step(command, touch, { shell, check: true })).toBe('changed')
    expect(existsSync(`${chdir}/made 1`)).toBe(false)
    expect(await step(command, touch, { shell })).toBe('changed')
    expect(await attempt(command, touch, { shell })).toMatchObject({
      outcome: 'ok',
      result: {
        changed: false,
        rc: 0,
        stdout: 'skipped, since made ? exists',
        msg: "Did not run command since 'made ?' exists",
      },
    })
    const remove = { argv: ['rm', 'made 1'], chdir, removes: `${chdir}/made 1` }
    expect(await step(command, remove, { shell })).toBe('changed')
    expect((await attempt(command, remove, { shell, check: true })).result.msg).toBe(
      `Would not run command since '${chdir}/made 1' does not exist`,
    )
  })

  test('a status that is not 0 fails', async () => {
    expect(await attempt(command, { cmd: "sh -c 'echo out; echo err >&2; exit 3'" }, { shell })).toMatchObject({
      outcome: 'failed',
      result: { rc: 3, stdout: 'out', stderr: 'err', msg: 'non-zero return code' },
    })
  })

  test('a program that is not there, and one that may not run, fail as in Python', async () => {
    expect((await attempt(command, { cmd: 'no-such-program -x' }, { shell })).result).toMatchObject({
      rc: 2,
      msg: "[Errno 2] No such file or directory: b'no-such-program'",
      stderr: '',
    })
    const plain = `${tmp()}/plain`
    writeFileSync(plain, '', { mode: 0o644 })
    expect((await attempt(command, { argv: [plain] }, { shell })).result).toMatchObject({
      rc: 13,
      msg: `[Errno 13] Permission denied: b'${plain}'`,
    })
  })

  test('a folder that is not there is named', async () => {
    expect((await attempt(command, { cmd: 'true', chdir: '/no/such' }, { shell })).result.msg).toBe(
      'Unable to change directory before execution: /no/such',
    )
  })
})

test('without `creates`, check mode skips', async () => {
  expect(await step(command, { cmd: 'false' }, { check: true })).toBe('skipped')
})

test.each([{}, { cmd: '' }, { argv: [] }])('%j is no command', async args => {
  expect(await attempt(command, args)).toMatchObject({ outcome: 'failed', result: { msg: 'no command given' } })
})

test('a command that a check does not run has empty outputs, and fails where its folder is missing', async () => {
  expect((await attempt(command, { cmd: 'echo a' }, { check: true })).result).toMatchObject({
    skipped: true,
    changed: false,
    cmd: ['echo', 'a'],
    rc: 0,
    stdout: '',
    stdout_lines: [],
    start: null,
  })
  const chdir = `${tmp()}/none`
  expect(await attempt(command, { cmd: 'echo a', chdir }, { check: true })).toMatchObject({
    outcome: 'failed',
    result: { cmd: ['echo', 'a'], rc: null },
  })
})
