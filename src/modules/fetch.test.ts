import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fetch } from './fetch.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

const content = Buffer.from([0, 255, 10, 13, 195, 40])

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a file is fetched below the name of its host, and once', async () => {
    const folder = tmp()
    const src = `${folder}/it's "$x" *\n-n`
    writeFileSync(src, content)
    const args = { src, dest: `${folder}/kept` }
    expect(await step(fetch, args, { shell, check: true })).toBe('skipped')
    expect(existsSync(`${folder}/kept`)).toBe(false)
    const { outcome, result } = await attempt(fetch, args, { shell })
    const dest = `${folder}/kept/testhost${src}`
    expect([outcome, result['dest'], result['checksum']]).toEqual(['changed', dest, result['remote_checksum']])
    expect(readFileSync(dest)).toEqual(content)
    expect((await attempt(fetch, args, { shell })).result).toMatchObject({ changed: false, dest, file: src })
    writeFileSync(src, 'new')
    expect(await step(fetch, args, { shell })).toBe('changed')
    expect(readFileSync(dest, 'utf8')).toBe('new')
  })

  test('flat files go to the name or the folder that is given', async () => {
    const folder = tmp()
    const src = `${folder}/a`
    writeFileSync(src, content)
    expect(await step(fetch, { src, dest: `${folder}/b`, flat: true }, { shell })).toBe('changed')
    expect(await step(fetch, { src, dest: `${folder}/c/`, flat: true }, { shell })).toBe('changed')
    expect([readFileSync(`${folder}/b`), readFileSync(`${folder}/c/a`)]).toEqual([content, content])
    mkdirSync(`${folder}/d`)
    expect((await attempt(fetch, { src, dest: `${folder}/d`, flat: true }, { shell })).result.msg).toMatch(
      /^dest is an existing directory/,
    )
  })

  test('a file that is not there fails, unless told otherwise', async () => {
    const folder = tmp()
    const args = { src: `${folder}/none`, dest: `${folder}/kept` }
    expect((await attempt(fetch, args, { shell })).result).toMatchObject({
      failed: true,
      msg: 'the remote file does not exist',
    })
    expect((await attempt(fetch, { ...args, fail_on_missing: false }, { shell })).outcome).toBe('ok')
    expect((await attempt(fetch, { ...args, src: folder }, { shell })).result.msg).toMatch(/is a directory/)
  })
})
