import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import { copy } from './copy.ts'
import { sha1Of } from './parts/file-look.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

const hostile = `it's "$NONE" \`id\` * ünï\nline`

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8)
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('text is checked, placed, and then left alone', async () => {
    const dest = `${tmp()}/${hostile}`
    const args = { content: `${hostile}\n\\n`, dest, mode: '0640' }
    expect(await step(copy, args, { shell, check: true })).toBe('changed')
    expect(existsSync(dest)).toBe(false)
    expect(await attempt(copy, args, { shell })).toMatchObject({
      outcome: 'changed',
      result: { dest, checksum: sha1Of(args.content), mode: '0640', owner: 'root', uid: 0, state: 'file' },
    })
    expect(readFileSync(dest, 'utf8')).toBe(args.content)
    expect(await step(copy, args, { shell })).toBe('ok')
    expect(await step(copy, { ...args, content: 'other' }, { shell })).toBe('changed')
    expect(readdirSync(dest.slice(0, dest.lastIndexOf('/')))).toEqual([hostile])
  })

  test('bytes that are no text come through whole', async () => {
    const folder = tmp()
    const bytes = Buffer.from([0, 255, 10, 13, 128, 0, 39])
    writeFileSync(`${folder}/src`, bytes)
    expect(await step(copy, { src: `${folder}/src`, dest: `${folder}/dest` }, { shell })).toBe('changed')
    expect(readFileSync(`${folder}/dest`)).toEqual(bytes)
  })

  test('of a large file the content that came is registered, and another one is noticed', async () => {
    const folder = tmp()
    const [src, dest] = [`${folder}/src`, `${folder}/dest`]
    const [bytes, others] = [randomBytes(9_000_001), randomBytes(9_000_001)]
    writeFileSync(src, bytes)
    utimesSync(src, 1e9, 1e9)
    expect(await step(copy, { src, dest }, { shell, check: true })).toBe('changed')
    expect(await attempt(copy, { src, dest }, { shell })).toMatchObject({
      outcome: 'changed',
      result: { checksum: sha1Of(bytes), size: bytes.length },
    })
    expect(readFileSync(dest).equals(bytes)).toBe(true)
    expect(await step(copy, { src, dest }, { shell })).toBe('ok')
    // neither size nor time of writing tells
    writeFileSync(src, others)
    utimesSync(src, 1e9, 1e9)
    expect((await attempt(copy, { src, dest }, { shell })).result.checksum).toBe(sha1Of(others))
    expect(readFileSync(dest).equals(others)).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['dest', 'src'])
  })

  test('a file keeps its name in a folder, and folders named with a slash are made', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/a b`, 'x')
    mkdirSync(`${folder}/in`)
    expect((await attempt(copy, { src: `${folder}/a b`, dest: `${folder}/in` }, { shell })).result.dest).toBe(
      `${folder}/in/a b`,
    )
    const args = { src: `${folder}/a b`, dest: `${folder}/new/er/`, directory_mode: '0711' }
    expect(await step(copy, args, { shell, check: true })).toBe('changed')
    expect(await step(copy, args, { shell })).toBe('changed')
    expect(readFileSync(`${folder}/new/er/a b`, 'utf8')).toBe('x')
    expect([modeOf(`${folder}/new`), modeOf(`${folder}/new/er`)]).toEqual(['711', '711'])
    expect(await step(copy, args, { shell })).toBe('ok')
  })

  test('a folder that is missing is named; in a check an earlier task would have made it', async () => {
    const dest = `${tmp()}/none/x`
    expect(await step(copy, { content: 'x', dest }, { shell, check: true })).toBe('changed')
    expect((await attempt(copy, { content: 'x', dest }, { shell })).result.msg).toBe(
      `Destination directory ${dest.slice(0, -2)} does not exist`,
    )
  })

  test('only the mode is set where only the mode differs, and what nobody asks for is kept', async () => {
    const dest = `${tmp()}/x`
    writeFileSync(dest, 'x', { mode: 0o604 })
    chmodSync(dest, 0o604)
    const before = statSync(dest).ino
    expect(await step(copy, { content: 'x', dest }, { shell })).toBe('ok')
    expect(await step(copy, { content: 'x', dest, mode: 'u+x,o=' }, { shell })).toBe('changed')
    expect([modeOf(dest), statSync(dest).ino]).toEqual(['700', before])
    expect(await step(copy, { content: 'y', dest }, { shell })).toBe('changed')
    expect(modeOf(dest)).toBe('700')
  })

  test('owner and group are set by name or number', async () => {
    const dest = `${tmp()}/x`
    expect(await step(copy, { content: 'x', dest, owner: 'daemon', group: 'daemon' }, { shell })).toBe('changed')
    expect([statSync(dest).uid, statSync(dest).gid]).toEqual([1, 1])
    expect(await step(copy, { content: 'x', dest, owner: 1, group: '1' }, { shell })).toBe('ok')
    expect(await step(copy, { content: 'y', dest, group: '2', mode: '4755' }, { shell })).toBe('changed')
    expect([statSync(dest).uid, statSync(dest).gid, modeOf(dest)]).toEqual([1, 2, '4755'])
    expect((await attempt(copy, { content: 'z', dest, owner: 'no-such-user' }, { shell })).result.msg).toMatch(
      /no-such-user/,
    )
    expect(readFileSync(dest, 'utf8')).toBe('y')
  })

  test('a check that fails leaves the old file, and nothing else', async () => {
    const folder = tmp()
    const dest = `${folder}/x`
    const args = { content: 'good', dest, validate: `grep -q 'good' %s` }
    expect(await step(copy, args, { shell })).toBe('changed')
    const { outcome, result } = await attempt(copy, { ...args, content: 'bad' }, { shell })
    expect(outcome).toBe('failed')
    expect(result.msg).toMatch(/^failed to validate/)
    expect(readFileSync(dest, 'utf8')).toBe('good')
    expect(readdirSync(folder)).toEqual(['x'])
    expect((await attempt(copy, { ...args, content: 'z', validate: 'true' }, { shell })).result.msg).toMatch(/%s/)
  })

  test('a backup keeps the old content under the name that is registered', async () => {
    const dest = `${tmp()}/it's`
    writeFileSync(dest, 'old')
    const { result } = await attempt(copy, { content: 'new', dest, backup: true }, { shell })
    expect(readFileSync(String(result.backup_file), 'utf8')).toBe('old')
    expect(String(result.backup_file)).toMatch(/it's\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/)
  })

  test('without force, what is there stays as it is', async () => {
    const dest = `${tmp()}/x`
    expect(await step(copy, { content: 'a', dest, force: false }, { shell })).toBe('changed')
    expect(await step(copy, { content: 'b', dest, force: false, mode: '0600' }, { shell })).toBe('ok')
    expect(readFileSync(dest, 'utf8')).toBe('a')
  })

  test('a link is replaced, or followed when asked', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/target`, 'old')
    symlinkSync('target', `${folder}/link`)
    expect(await step(copy, { content: 'old', dest: `${folder}/link`, follow: true }, { shell })).toBe('ok')
    expect(await step(copy, { content: 'new', dest: `${folder}/link`, follow: true }, { shell })).toBe('changed')
    expect(readlinkSync(`${folder}/link`)).toBe('target')
    expect(readFileSync(`${folder}/target`, 'utf8')).toBe('new')
    expect(await step(copy, { content: 'new', dest: `${folder}/link` }, { shell })).toBe('changed')
    expect(lstatSync(`${folder}/link`).isSymbolicLink()).toBe(false)
  })

  test('a link to a folder is replaced, not entered', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/dest/real`, { recursive: true })
    symlinkSync('real', `${folder}/dest/name`)
    writeFileSync(`${folder}/name`, 'x')
    expect(await step(copy, { src: `${folder}/name`, dest: `${folder}/dest` }, { shell })).toBe('changed')
    expect(readFileSync(`${folder}/dest/name`, 'utf8')).toBe('x')
    expect(readdirSync(`${folder}/dest/real`)).toEqual([])
  })

  test('folders named with a slash are made for the owner of the file', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/x`, 'x')
    const args = { src: `${folder}/x`, dest: `${folder}/a/b/`, owner: '1', group: '2' }
    expect(await step(copy, args, { shell })).toBe('changed')
    const owners = ['a', 'a/b', 'a/b/x'].map(name => statSync(`${folder}/${name}`))
    expect(owners.map(({ uid, gid }) => [uid, gid])).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
  })

  test('a tree goes into folders that links lead to', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/from/lib`, { recursive: true })
    mkdirSync(`${folder}/to/usr`, { recursive: true })
    writeFileSync(`${folder}/from/lib/x`, 'x')
    symlinkSync('usr', `${folder}/to/lib`)
    const args = { src: `${folder}/from/`, dest: `${folder}/to`, directory_mode: '0711' }
    expect(await step(copy, args, { shell, check: true })).toBe('changed')
    expect(await step(copy, args, { shell })).toBe('changed')
    expect([readlinkSync(`${folder}/to/lib`), readFileSync(`${folder}/to/usr/x`, 'utf8')]).toEqual(['usr', 'x'])
    expect(modeOf(`${folder}/to/usr`)).toBe('711')
    expect(await step(copy, args, { shell })).toBe('ok')
  })

  test('nothing is kept of a link that leads nowhere', async () => {
    const folder = tmp()
    symlinkSync('nowhere', `${folder}/link`)
    const args = { content: 'x', dest: `${folder}/link`, backup: true }
    const { outcome, result } = await attempt(copy, args, { shell, diff: true })
    expect([outcome, result['backup_file']]).toEqual(['changed', undefined])
    expect(result.diff).toMatchObject([{ before: '', after: 'x' }, {}])
    expect(readdirSync(folder)).toEqual(['link'])
    writeFileSync(`${folder}/real`, 'old')
    symlinkSync('real', `${folder}/other`)
    const other = await attempt(copy, { content: 'x', dest: `${folder}/other` }, { shell, diff: true })
    expect(other.result.diff).toMatchObject([{ before: 'old', after: 'x' }, {}])
  })

  test('text does not take the place of a link to a folder', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/real`)
    symlinkSync('real', `${folder}/name`)
    const { outcome, result } = await attempt(copy, { content: 'x', dest: `${folder}/name` }, { shell })
    expect([outcome, result.msg]).toEqual(['failed', `${folder}/real is a folder`])
    expect(readlinkSync(`${folder}/name`)).toBe('real')
  })

  test('a folder of the host goes into what a link leads to', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/from/sub`, { recursive: true })
    mkdirSync(`${folder}/real`)
    symlinkSync('real', `${folder}/name`)
    const args = { src: `${folder}/from/`, dest: `${folder}/name`, remote_src: true }
    expect(await step(copy, args, { shell })).toBe('changed')
    expect(await step(copy, args, { shell })).toBe('ok')
    expect(readdirSync(`${folder}/real`)).toEqual(['sub'])
  })

  test('the diff shows text before and after, and attributes', async () => {
    const dest = `${tmp()}/x`
    writeFileSync(dest, 'old\n', { mode: 0o644 })
    const { result } = await attempt(copy, { content: 'new\n', dest, mode: '0600' }, { shell, diff: true, check: true })
    expect(result.diff).toEqual([
      { before_header: dest, after_header: 'content', before: 'old\n', after: 'new\n' },
      { before_header: dest, after_header: dest, before: { mode: '0644' }, after: { mode: '0600' } },
    ])
    const made = await attempt(copy, { content: 'new\n', dest: `${dest}2` }, { shell, diff: true, check: true })
    expect(made.result.diff).toMatchObject([{ before: '', after: 'new\n' }])
  })

  test('a tree goes under its own name or, with a slash, without it; only what differs is touched', async () => {
    const folder = tmp()
    const src = `${folder}/src it's`
    mkdirSync(`${src}/sub dir/deep`, { recursive: true })
    mkdirSync(`${src}/empty`)
    writeFileSync(`${src}/a`, 'a', { mode: 0o755 })
    writeFileSync(`${src}/${hostile.replaceAll('/', '')}`, 'h')
    writeFileSync(`${src}/sub dir/deep/b`, 'b')
    const args = { src: `${src}/`, dest: `${folder}/to/dest`, mode: 'preserve', directory_mode: '0750' }
    expect(await step(copy, args, { shell, check: true })).toBe('changed')
    expect(existsSync(`${folder}/to`)).toBe(false)
    expect(await step(copy, args, { shell })).toBe('changed')
    expect(readFileSync(`${folder}/to/dest/sub dir/deep/b`, 'utf8')).toBe('b')
    expect(readFileSync(`${folder}/to/dest/${hostile}`, 'utf8')).toBe('h')
    expect([modeOf(`${folder}/to/dest/a`), modeOf(`${folder}/to/dest/empty`)]).toEqual(['755', '750'])
    expect(readdirSync(folder).sort()).toEqual([`src it's`, 'to'])
    expect(await step(copy, args, { shell })).toBe('ok')
    writeFileSync(`${folder}/to/dest/own`, 'kept')
    writeFileSync(`${src}/a`, 'A')
    const before = statSync(`${folder}/to/dest/sub dir/deep/b`).ino
    expect(await step(copy, args, { shell })).toBe('changed')
    expect(readFileSync(`${folder}/to/dest/a`, 'utf8')).toBe('A')
    expect(statSync(`${folder}/to/dest/sub dir/deep/b`).ino).toBe(before)
    expect(readFileSync(`${folder}/to/dest/own`, 'utf8')).toBe('kept')
    expect(await step(copy, { src, dest: `${folder}/to`, owner: 'daemon' }, { shell })).toBe('changed')
    expect(statSync(`${folder}/to/src it's/sub dir`).uid).toBe(1)
    expect(await step(copy, { src, dest: `${folder}/to`, owner: 'daemon' }, { shell })).toBe('ok')
  })

  test('a tree of hostile names is compared name by name', async () => {
    const folder = tmp()
    const names = ['-n', '-', '--help', 'a\nb', 'back\\slash', '\\n', ' *', '$(x)', "it's", '"', 'ü', 'a\rb']
    mkdirSync(`${folder}/src`)
    for (const name of names) writeFileSync(`${folder}/src/${name}`, name)
    symlinkSync('-n', `${folder}/src/link\nto`)
    const args = { src: `${folder}/src/`, dest: `${folder}/dest` }
    expect(await step(copy, args, { shell })).toBe('changed')
    for (const name of names) expect(readFileSync(`${folder}/dest/${name}`, 'utf8')).toBe(name)
    expect(await step(copy, args, { shell })).toBe('ok')
    writeFileSync(`${folder}/dest/back\\slash`, 'other')
    rmSync(`${folder}/dest/-`)
    expect(await step(copy, args, { shell })).toBe('changed')
    for (const name of names) expect(readFileSync(`${folder}/dest/${name}`, 'utf8')).toBe(name)
  })

  test('a tree is placed by a handful of processes, and leaves nothing beside it', async () => {
    const folder = tmp()
    for (let i = 0; i < 60; i++) {
      mkdirSync(`${folder}/src/${i % 6}/deep`, { recursive: true })
      writeFileSync(`${folder}/src/${i % 6}/deep/${i}`, String(i))
    }
    mkdirSync(`${folder}/dest/3`, { recursive: true })
    const args = { src: `${folder}/src/`, dest: `${folder}/dest`, mode: '0640' }
    mkdirSync(`${folder}/bin`)
    for (const tool of ['mv', 'chmod', 'mkdir', 'rm']) {
      const real = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
      writeFileSync(`${folder}/bin/${tool}`, `#!/bin/sh\necho ${tool} >>${folder}/count\nexec ${real} "$@"\n`, {
        mode: 0o755,
      })
    }
    const environment = { PATH: `${folder}/bin:${process.env['PATH']}` }
    expect(await step(copy, args, { shell: 'dash', environment })).toBe('changed')
    expect(readFileSync(`${folder}/count`, 'utf8').trim().split('\n').length).toBeLessThan(15)
    expect(readdirSync(`${folder}/dest`).sort()).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(readdirSync(`${folder}/dest/3`)).toEqual(['deep'])
    expect([readFileSync(`${folder}/dest/5/deep/59`, 'utf8'), modeOf(`${folder}/dest/5/deep/59`)]).toEqual([
      '59',
      '640',
    ])
    expect(await step(copy, args, { shell })).toBe('ok')
  })

  test('five hundred files that are there already are compared by a handful of processes', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/src`)
    mkdirSync(`${folder}/bin`)
    for (let i = 0; i < 500; i++) writeFileSync(`${folder}/src/${i}`, String(i))
    const args = { src: `${folder}/src/`, dest: `${folder}/dest` }
    expect(await step(copy, args, { shell })).toBe('changed')
    const tools = ['sha1sum', 'stat', 'readlink', 'od', 'tr', 'cut', 'cat', 'openssl']
    for (const tool of tools) {
      const real = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
      writeFileSync(`${folder}/bin/${tool}`, `#!/bin/sh\necho ${tool} >>${folder}/count\nexec ${real} "$@"\n`, {
        mode: 0o755,
      })
    }
    const environment = { PATH: `${folder}/bin:${process.env['PATH']}` }
    expect(await step(copy, args, { shell: 'dash', environment })).toBe('ok')
    const ran = readFileSync(`${folder}/count`, 'utf8').trim().split('\n')
    expect(ran).toContain('sha1sum')
    expect(ran.length).toBeLessThan(15)
  })

  test('a file of the host is copied on the host', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/${hostile}`, 'x', { mode: 0o600 })
    const args = { src: `${folder}/${hostile}`, dest: `${folder}/y`, remote_src: true, mode: 'preserve' }
    expect(await step(copy, args, { shell, check: true })).toBe('changed')
    expect(existsSync(`${folder}/y`)).toBe(false)
    expect(await step(copy, args, { shell })).toBe('changed')
    expect([readFileSync(`${folder}/y`, 'utf8'), modeOf(`${folder}/y`)]).toEqual(['x', '600'])
    expect(await step(copy, args, { shell })).toBe('ok')
    expect((await attempt(copy, { ...args, src: `${folder}/none` }, { shell })).result.msg).toBe(
      `Source ${folder}/none not found`,
    )
  })

  test('a folder of the host is copied on the host', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/src/sub`, { recursive: true })
    writeFileSync(`${folder}/src/sub/${hostile}`, 'x')
    symlinkSync('sub', `${folder}/src/link`)
    const args = { src: `${folder}/src`, dest: `${folder}/dest`, remote_src: true }
    expect(await step(copy, args, { shell, check: true })).toBe('changed')
    expect(await step(copy, args, { shell })).toBe('changed')
    expect(readFileSync(`${folder}/dest/src/sub/${hostile}`, 'utf8')).toBe('x')
    expect(readlinkSync(`${folder}/dest/src/link`)).toBe('sub')
    expect(await step(copy, args, { shell })).toBe('ok')
    writeFileSync(`${folder}/src/sub/more`, '')
    expect(await step(copy, { ...args, src: `${folder}/src/`, dest: `${folder}/dest/src` }, { shell })).toBe('changed')
    expect(existsSync(`${folder}/dest/src/sub/more`)).toBe(true)
  })
})

test('a number and a boolean are written as Python writes them', async () => {
  const dest = `${tmp()}/x`
  for (const [content, text] of [
    [true, 'True'],
    [new Number(1), '1.0'], // as floats come
    [0.00001, '1e-05'],
    [[new Number(2), 1, null], '[2.0, 1, null]'],
  ]) {
    await step(copy, { content, dest })
    expect(readFileSync(dest, 'utf8')).toBe(text)
  }
})

test('data is written as JSON, as Python writes it', async () => {
  const dest = `${tmp()}/daemon.json`
  expect(await step(copy, { content: { mtu: 1442, dns: ['é', null], live: true }, dest })).toBe('changed')
  expect(readFileSync(dest, 'utf8')).toBe('{"mtu": 1442, "dns": ["\\u00e9", null], "live": true}')
})

test('a home folder is that of the host, and a relative path starts where the script runs', async () => {
  const home = tmp()
  const { result } = await attempt(copy, { content: 'x', dest: '~/a b' }, { environment: { HOME: home } })
  expect(result.dest).toBe(`${home}/a b`)
})

test('content with another checksum than said is refused', async () => {
  expect((await attempt(copy, { content: 'x', dest: `${tmp()}/x`, checksum: 'abc' })).outcome).toBe('failed')
})
