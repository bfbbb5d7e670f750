import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { archive } from './archive.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

function tree(): string {
  const folder = `${tmp()}/it's "$x"`
  mkdirSync(`${folder}/from/-sub`, { recursive: true })
  writeFileSync(`${folder}/from/a'b.txt`, 'a')
  writeFileSync(`${folder}/from/-sub/c`, 'c')
  return folder
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(['tar', 'gz', 'bz2', 'xz', 'zip'])('a folder is packed as %s, once', async format => {
    // busybox has no zip of its own: that of the machine does it
    const folder = tree()
    const args = { path: `${folder}/from`, dest: `${folder}/out`, format }
    if (shell === 'busybox' && format === 'xz') {
      expect((await attempt(archive, args, { shell })).result.msg).toBe('the xz of this host cannot pack')
      return
    }
    expect(await step(archive, args, { shell, check: true })).toBe('changed')
    expect(existsSync(args.dest)).toBe(false)
    const { outcome, result } = await attempt(archive, args, { shell })
    expect([outcome, result['dest_state'], result['archived'], result['arcroot']]).toEqual([
      'changed',
      'archive',
      [args.path],
      `${folder}/`,
    ])
    mkdirSync(`${folder}/to`)
    if (format === 'zip') execFileSync('unzip', ['-q', args.dest, '-d', `${folder}/to`])
    else execFileSync('tar', ['-xf', args.dest, '-C', `${folder}/to`])
    expect(readFileSync(`${folder}/to/from/-sub/c`, 'utf8')).toBe('c')
    expect(await step(archive, args, { shell })).toBe('ok')
    expect(await step(archive, args, { shell, check: true })).toBe('ok')
    writeFileSync(`${folder}/from/a'b.txt`, 'bb')
    expect(await step(archive, args, { shell })).toBe('changed')
  })

  test('a file alone is packed beside itself, and removed when asked', async () => {
    const folder = tree()
    const path = `${folder}/from/a'b.txt`
    const { outcome, result } = await attempt(archive, { path, mode: '0600', remove: true }, { shell })
    expect([outcome, result['dest'], result['dest_state']]).toEqual(['changed', `${path}.gz`, 'compress'])
    expect(execFileSync('gzip', ['-dc', `${path}.gz`], { encoding: 'utf8' })).toBe('a')
    expect([existsSync(path), statSync(`${path}.gz`).mode & 0o777]).toEqual([false, 0o600])
  })

  test('patterns are opened, and what is missing is told', async () => {
    const folder = tree()
    const path = [`${folder}/from/*.txt`, `${folder}/none`]
    const { result } = await attempt(archive, { path, dest: `${folder}/out.tgz`, force_archive: true }, { shell })
    expect(result).toMatchObject({
      changed: true,
      dest_state: 'incomplete',
      archived: [`${folder}/from/a'b.txt`],
      missing: [`${folder}/none`],
    })
    const inside = await attempt(archive, { path: `${folder}/from`, dest: `${folder}/from/x.tgz` }, { shell })
    expect(inside.result.msg).toMatch(/would be a part of itself/)
    const none = await attempt(archive, { path: `${folder}/none`, dest: `${folder}/no.tgz` }, { shell })
    expect([none.outcome, none.result['dest_state'], existsSync(`${folder}/no.tgz`)]).toEqual(['ok', 'absent', false])
  })
})
