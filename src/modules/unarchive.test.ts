import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attempt, type Shell, step, tmp } from './step.ts'
import { unarchive } from './unarchive.ts'

/** A folder with an archive of some odd names, and an empty folder to unpack in. */
function archive(kind: string): { src: string; dest: string } {
  const folder = `${tmp()}/it's "$x" *`
  mkdirSync(`${folder}/from/-sub dir`, { recursive: true })
  mkdirSync(`${folder}/to`)
  writeFileSync(`${folder}/from/a'b.txt`, 'a')
  writeFileSync(`${folder}/from/-sub dir/run.sh`, '#!/bin/sh\n', { mode: 0o755 })
  const src = `${folder}/x.${kind}`
  const cwd = { cwd: `${folder}/from` }
  if (kind === 'zip') execFileSync('zip', ['-q', '-r', src, '.'], cwd)
  else execFileSync('tar', [`-c${{ tar: '', gz: 'z', bz2: 'j', xz: 'J' }[kind]}f`, src, '.'], cwd)
  return { src, dest: `${folder}/to` }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  for (const remote_src of [false, true]) {
    test.each(['tar', 'gz', 'bz2', 'xz', 'zip'])(`a .%s is unpacked once (remote_src ${remote_src})`, async kind => {
      const { src, dest } = archive(kind)
      const args = { src, dest, remote_src }
      expect(await step(unarchive, args, { shell, check: true })).toBe('changed')
      expect(readdirSync(dest)).toEqual([])
      expect(await step(unarchive, args, { shell })).toBe('changed')
      expect(readdirSync(dest).sort()).toEqual(['-sub dir', "a'b.txt"])
      expect(statSync(`${dest}/-sub dir/run.sh`).mode & 0o777).toBe(0o755)
      expect(statSync(dest).mode & 0o777).toBe(0o755)
      expect(await step(unarchive, args, { shell, check: true })).toBe('ok')
      expect(await step(unarchive, args, { shell })).toBe('ok')
      expect(existsSync(src)).toBe(true)
      rmSync(`${dest}/a'b.txt`)
      expect(await step(unarchive, args, { shell })).toBe('changed')
      expect(readFileSync(`${dest}/a'b.txt`, 'utf8')).toBe('a')
    })
  }

  test.each(['gz', 'zip'])('names of a .%s are listed, chosen and left out', async kind => {
    const { src, dest } = archive(kind)
    const name = kind === 'zip' ? "a'b.txt" : "./a'b.txt"
    const one = await attempt(unarchive, { src, dest, include: [name], list_files: true }, { shell })
    expect([one.outcome, String(one.result['files']).replace('./', '')]).toEqual(['changed', "a'b.txt"])
    expect(readdirSync(dest)).toEqual(["a'b.txt"])
    rmSync(`${dest}/a'b.txt`)
    expect(await step(unarchive, { src, dest, exclude: [name] }, { shell })).toBe('changed')
    expect(readdirSync(dest)).toEqual(['-sub dir'])
    expect(await step(unarchive, { src, dest, exclude: [name] }, { shell })).toBe('ok')
  })

  test.each(['gz', 'zip'])('owner and mode are set on what came out of a .%s', async kind => {
    const { src, dest } = archive(kind)
    const args = { src, dest, owner: 'nobody', mode: 'u=rwX,g=,o=' }
    expect(await step(unarchive, args, { shell })).toBe('changed')
    const { mode, uid } = statSync(`${dest}/a'b.txt`)
    expect([mode & 0o777, uid]).toEqual([0o600, 65534])
    expect(statSync(`${dest}/-sub dir/run.sh`).mode & 0o777).toBe(0o700)
    expect(await step(unarchive, args, { shell })).toBe('ok')
    expect(await step(unarchive, { ...args, owner: '1' }, { shell })).toBe('changed')
  })

  test('an archive is unpacked once without its outer folder, too', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/tool-1.0/bin`, { recursive: true })
    mkdirSync(`${folder}/to`)
    writeFileSync(`${folder}/tool-1.0/bin/run`, 'x')
    execFileSync('tar', ['-czf', `${folder}/x.tgz`, '-C', folder, 'tool-1.0'])
    const args = { src: `${folder}/x.tgz`, dest: `${folder}/to`, extra_opts: ['--strip-components=1'] }
    expect(await step(unarchive, args, { shell })).toBe('changed')
    expect(readFileSync(`${folder}/to/bin/run`, 'utf8')).toBe('x')
    expect(await step(unarchive, args, { shell, check: true })).toBe('ok')
    expect(await step(unarchive, args, { shell })).toBe('ok')
    rmSync(`${folder}/to/bin/run`)
    expect(await step(unarchive, args, { shell })).toBe('changed')
  })

  test('what is there already, missing or no archive is said', async () => {
    const { src, dest } = archive('gz')
    expect((await attempt(unarchive, { src, dest, creates: dest }, { shell })).result).toMatchObject({
      skipped: true,
      msg: `skipped, since ${dest} exists`,
    })
    expect((await attempt(unarchive, { src, dest: `${dest}/none` }, { shell })).result.msg).toBe(
      `Destination '${dest}/none' is not a directory`,
    )
    expect((await attempt(unarchive, { src: `${dest}/none`, dest, remote_src: true }, { shell })).result.msg).toBe(
      `Source '${dest}/none' does not exist`,
    )
    writeFileSync(`${src}.text`, 'no archive at all')
    expect((await attempt(unarchive, { src: `${src}.text`, dest }, { shell })).outcome).toBe('failed')
    expect(readdirSync(dest)).toEqual([])
  })
})

test('the handler and the folder are registered', async () => {
  const { src, dest } = archive('gz')
  const { result } = await attempt(unarchive, { src, dest, copy: false })
  expect(result).toMatchObject({ handler: 'TgzArchive', src, dest, state: 'directory', extract_results: { rc: 0 } })
})
