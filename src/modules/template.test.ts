import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attempt, type Shell, step, tmp } from './step.ts'
import { template } from './template.ts'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('rendered text is checked, placed, and then left alone', async () => {
    const dest = `${tmp()}/it's "$NONE"`
    const args = { src: 'app.conf.j2', dest, mode: '0600' }
    expect(await step(template, args, { shell, template: 'a = ü\n', check: true })).toBe('changed')
    expect(existsSync(dest)).toBe(false)
    expect(await step(template, args, { shell, template: 'a = ü\n' })).toBe('changed')
    expect(readFileSync(dest, 'utf8')).toBe('a = ü\n')
    expect(await step(template, args, { shell, template: 'a = ü\n' })).toBe('ok')
    expect(await step(template, args, { shell, template: '' })).toBe('changed')
    expect(await step(template, args, { shell, template: '' })).toBe('ok')
  })

  test('the mode of the template is kept when asked for', async () => {
    const args = { src: 'x.j2', dest: `${tmp()}/x`, mode: 'preserve' }
    expect(await step(template, args, { shell, template: 'x', templateMode: 0o750 })).toBe('changed')
    expect(statSync(args.dest).mode & 0o7777).toBe(0o750)
    expect(await step(template, args, { shell, template: 'x', templateMode: 0o750 })).toBe('ok')
    expect(await step(template, args, { shell, template: 'x', templateMode: 0o640 })).toBe('changed')
  })

  test('it keeps its name in a folder', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/in`)
    const { result } = await attempt(template, { src: 'x/app.conf.j2', dest: `${folder}/in` }, { shell, template: 'x' })
    expect(result.dest).toBe(`${folder}/in/app.conf.j2`)
  })

  test('the diff shows both texts', async () => {
    const dest = `${tmp()}/x`
    writeFileSync(dest, 'old\n')
    const { result } = await attempt(template, { src: 'x.j2', dest }, { shell, template: 'new\n', diff: true })
    expect(result.diff).toEqual([{ before_header: dest, after_header: 'x.j2', before: 'old\n', after: 'new\n' }])
  })
})
