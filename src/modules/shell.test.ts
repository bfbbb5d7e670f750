import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { raw } from './raw.ts'
import { shell } from './shell.ts'
import { attempt, step, tmp } from './step.ts'

describe.each(['dash', 'busybox'] as const)('with %s', judge => {
  test('pipes, variables and several lines work', async () => {
    const cmd = `printf 'b\\na\\n' | sort\nfor i in 1 2; do echo "$i"; done`
    expect(await attempt(shell, { cmd }, { shell: judge })).toMatchObject({
      outcome: 'changed',
      result: { cmd, rc: 0, stdout: 'a\nb\n1\n2', stdout_lines: ['a', 'b', '1', '2'] },
    })
  })

  test('another shell can be named, and it runs in the folder asked for', async () => {
    const chdir = tmp()
    const { result } = await attempt(
      shell,
      { cmd: '[[ x == x ]] && pwd', executable: '/bin/bash', chdir },
      { shell: judge },
    )
    expect(result.stdout).toBe(chdir)
  })

  test('what is there already is not made again', async () => {
    const chdir = tmp()
    const args = { cmd: 'echo x > made', chdir, creates: 'made' }
    expect(await step(shell, args, { shell: judge, check: true })).toBe('changed')
    expect(existsSync(`${chdir}/made`)).toBe(false)
    expect(await step(shell, args, { shell: judge })).toBe('changed')
    expect(await step(shell, args, { shell: judge })).toBe('ok')
  })

  test('raw text runs as it is', async () => {
    expect(await attempt(raw, { cmd: 'echo "$((1 + 1))"; exit 4' }, { shell: judge })).toMatchObject({
      outcome: 'failed',
      result: { rc: 4, stdout: '2\n', msg: 'non-zero return code' },
    })
  })
})
