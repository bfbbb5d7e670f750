import { existsSync, readdirSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attempt, type Shell, tmp } from './step.ts'
import { tempfile } from './tempfile.ts'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(['file', 'directory'] as const)('makes a %s that only its owner may read', async state => {
    const folder = tmp()
    const args = { path: folder, state, prefix: `-n "$x" *`, suffix: " it's\n" }
    expect((await attempt(tempfile, args, { shell, check: true })).outcome).toBe('skipped')
    expect(readdirSync(folder)).toEqual([])
    const first = await attempt(tempfile, args, { shell })
    const second = await attempt(tempfile, args, { shell })
    expect([first.outcome, second.outcome]).toEqual(['changed', 'changed'])
    const path = String(first.result['path'])
    expect(path.startsWith(`${folder}/-n "$x" *`) && path.endsWith(" it's\n")).toBe(true)
    expect(path).not.toBe(second.result['path'])
    expect(statSync(path).mode & 0o777).toBe(state === 'file' ? 0o600 : 0o700)
    expect(readdirSync(folder)).toHaveLength(2)
  })

  test('fails in a folder that is not there', async () => {
    const { outcome } = await attempt(tempfile, { path: `${tmp()}/none` }, { shell })
    expect(outcome).toBe('failed')
    expect(existsSync(`${tmp()}/none`)).toBe(false)
  })
})
