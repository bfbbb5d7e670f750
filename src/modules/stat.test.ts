import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { slurp } from './slurp.ts'
import { stat } from './stat.ts'
import { attempt, type Shell, tmp } from './step.ts'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a file is read with its checksum, in check mode too', async () => {
    const path = `${tmp()}/it's "$NONE"\n ü`
    writeFileSync(path, 'abc')
    chmodSync(path, 0o4750)
    const { outcome, result } = await attempt(stat, { path }, { shell, check: true })
    expect(outcome).toBe('ok')
    const real = statSync(path)
    expect(result.stat).toMatchObject({
      exists: true,
      path,
      mode: '4750',
      isreg: true,
      isdir: false,
      islnk: false,
      isuid: true,
      isgid: false,
      rusr: true,
      wgrp: false,
      xgrp: true,
      roth: false,
      uid: 0,
      gid: 0,
      pw_name: 'root',
      gr_name: 'root',
      size: 3,
      inode: real.ino,
      nlink: 1,
      dev: real.dev,
      readable: true,
      writeable: true,
      executable: true,
      checksum: 'a9993e364706816aba3e25717850c26c9cd0d89d',
    })
    expect(result.stat).toHaveProperty('mtime', expect.closeTo(real.mtimeMs / 1000, 3))
  })

  test('the checksum can be another, or none', async () => {
    const path = `${tmp()}/x`
    writeFileSync(path, 'abc')
    expect((await attempt(stat, { path, checksum_algorithm: 'md5' }, { shell })).result.stat).toMatchObject({
      checksum: '900150983cd24fb0d6963f7d28e17f72',
    })
    expect((await attempt(stat, { path, get_checksum: false }, { shell })).result.stat).not.toHaveProperty('checksum')
  })

  test('a link is read itself, or what it points to', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/real`)
    symlinkSync('real', `${folder}/link`)
    expect((await attempt(stat, { path: `${folder}/link` }, { shell })).result.stat).toMatchObject({
      islnk: true,
      isdir: false,
      lnk_target: 'real',
      lnk_source: `${folder}/real`,
    })
    expect((await attempt(stat, { path: `${folder}/link`, follow: true }, { shell })).result.stat).toMatchObject({
      islnk: false,
      isdir: true,
    })
    symlinkSync('none', `${folder}/broken`)
    expect((await attempt(stat, { path: `${folder}/broken` }, { shell })).result.stat).toMatchObject({ islnk: true })
    expect((await attempt(stat, { path: `${folder}/broken`, follow: true }, { shell })).result.stat).toEqual({
      exists: false,
    })
  })

  test('with a slash behind it, a link is the folder that it leads to', async () => {
    const folder = tmp()
    symlinkSync(folder, `${folder}/link`)
    const { result } = await attempt(stat, { path: `${folder}/link/` }, { shell })
    expect(result.stat).toMatchObject({ path: `${folder}/link/`, isdir: true, islnk: false })
  })

  test('what is not there does not exist', async () => {
    expect(await attempt(stat, { path: '/no/such' }, { shell })).toEqual({
      outcome: 'ok',
      result: { changed: false, stat: { exists: false } },
    })
  })

  test('a device is told from a file', async () => {
    expect((await attempt(stat, { path: '/dev/null' }, { shell })).result.stat).toMatchObject({
      ischr: true,
      isreg: false,
      device_type: 259,
    })
  })

  test('bytes are read whole', async () => {
    const path = `${tmp()}/it's\n`
    writeFileSync(path, Buffer.from([0, 255, 10, 10]))
    expect((await attempt(slurp, { src: path }, { shell, check: true })).result).toEqual({
      changed: false,
      content: Buffer.from([0, 255, 10, 10]).toString('base64'),
      encoding: 'base64',
      source: path,
    })
    expect((await attempt(slurp, { src: '/no/such' }, { shell })).result.msg).toBe('file not found: /no/such')
    expect((await attempt(slurp, { src: '/etc' }, { shell })).outcome).toBe('failed')
  })
})
