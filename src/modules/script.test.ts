import { readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { script } from './script.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a script of the controller runs with its arguments and leaves nothing behind', async () => {
    const file = `${tmp()}/it is.sh`
    writeFileSync(file, '#!/bin/sh\nprintf "<%s>" "$@"; pwd; exit 5\n')
    const before = readdirSync('/tmp').filter(name => name.startsWith('.mlops-'))
    const chdir = tmp()
    const { outcome, result } = await attempt(script, { cmd: `'${file}' 'a b' '$x'`, chdir }, { shell })
    expect(outcome).toBe('failed')
    expect(result).toMatchObject({ rc: 5, stdout: `<a b><$x>${chdir}\n` })
    expect(readdirSync('/tmp').filter(name => name.startsWith('.mlops-'))).toEqual(before)
  })

  test('another program can run it, unless what it makes is there', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/x`, 'echo ran > made')
    const args = { cmd: `${folder}/x`, executable: 'sh -e', chdir: folder, creates: 'made' }
    expect(await step(script, args, { shell, check: true })).toBe('changed')
    expect(await step(script, args, { shell })).toBe('changed')
    expect(await step(script, args, { shell })).toBe('skipped')
  })
})
