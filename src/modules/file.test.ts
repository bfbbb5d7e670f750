import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import { file } from './file.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

const hostile = `it's "$NONE" \`id\` * ünï\nline`

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8)
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  /** Check mode, the change, and the second run. */
  async function thrice(args: Record<string, unknown>): Promise<void> {
    expect(await step(file, args, { shell, check: true })).toBe('changed')
    expect(await step(file, args, { shell })).toBe('changed')
    expect(await step(file, args, { shell })).toBe('ok')
  }

  test('a folder is made with those above it, all alike', async () => {
    const path = `${tmp()}/${hostile}/a/b`
    expect(await step(file, { path, state: 'directory' }, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    await thrice({ path, state: 'directory', mode: '2750', owner: 'daemon', group: '1' })
    expect([modeOf(path), modeOf(`${path}/..`), statSync(`${path}/..`).uid]).toEqual(['2750', '2750', 1])
    await thrice({ path, state: 'directory', mode: '0700' })
    expect(modeOf(path)).toBe('700')
  })

  test('a folder where something else is, is refused', async () => {
    const path = `${tmp()}/x`
    writeFileSync(path, '')
    expect((await attempt(file, { path, state: 'directory' }, { shell })).result.msg).toBe(
      `${path} already exists as a file`,
    )
  })

  test('attributes of a whole tree are set where they differ', async () => {
    const path = tmp()
    mkdirSync(`${path}/sub`)
    writeFileSync(`${path}/sub/plain`, '', { mode: 0o600 })
    writeFileSync(`${path}/run`, '', { mode: 0o700 })
    symlinkSync('/etc/passwd', `${path}/link`)
    await thrice({ path, state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=', owner: 'daemon', group: 'daemon' })
    expect([modeOf(path), modeOf(`${path}/sub`), modeOf(`${path}/sub/plain`), modeOf(`${path}/run`)]).toEqual([
      '750',
      '750',
      '640',
      '750',
    ])
    expect([lstatSync(`${path}/link`).uid, statSync('/etc/passwd').uid]).toEqual([1, 0])
    await thrice({ path, recurse: true, mode: '0755' })
    expect(modeOf(`${path}/sub/plain`)).toBe('755')
    await thrice({ path, recurse: true, mode: '2775', group: '0' })
    expect([modeOf(`${path}/run`), modeOf(`${path}/sub`)]).toEqual(['2775', '2775'])
  })

  test('a file must be there, and gets its attributes', async () => {
    const path = `${tmp()}/${hostile}`
    for (const check of [true, false]) {
      expect(await attempt(file, { path, state: 'file' }, { shell, check })).toMatchObject({
        outcome: 'failed',
        result: { msg: `file (${path}) is absent, cannot continue`, state: 'absent' },
      })
    }
    writeFileSync(path, 'x', { mode: 0o644 })
    await thrice({ path, mode: '+x' })
    expect((await attempt(file, { path }, { shell })).result).toMatchObject({
      path,
      mode: '0755',
      state: 'file',
      size: 1,
    })
    expect((await attempt(file, { path, owner: 'no-such-user' }, { shell })).outcome).toBe('failed')
  })

  test('a link is made, moved and left alone', async () => {
    const folder = tmp()
    const path = `${folder}/${hostile}`
    mkdirSync(`${folder}/one`)
    mkdirSync(`${folder}/two`)
    await thrice({ path, src: 'one', state: 'link' })
    await thrice({ path, src: `${folder}/two`, state: 'link' })
    expect(readlinkSync(path)).toBe(`${folder}/two`)
    await thrice({ path, src: 'two', state: 'link', mode: '0711' })
    expect(modeOf(`${folder}/two`)).toBe('711')
    expect((await attempt(file, { path, src: 'none', state: 'link' }, { shell })).result.msg).toMatch(/force=yes/)
    await thrice({ path, src: `no $(where) '"`, state: 'link', force: true })
    expect(readlinkSync(path)).toBe(`no $(where) '"`)
    expect((await attempt(file, { path, state: 'link' }, { shell })).result).toMatchObject({ state: 'link' })
    await thrice({ path, state: 'link', owner: 'daemon', follow: false })
    writeFileSync(`${folder}/plain`, '')
    const environment = { HOME: folder, BELOW: 'plain' }
    const opened = await attempt(file, { path: '$HOME/odd', src: '~/$BELOW', state: 'link' }, { shell, environment })
    expect([opened.result['dest'], opened.result['src']]).toEqual([`${folder}/odd`, `${folder}/plain`])
    expect(readlinkSync(`${folder}/odd`)).toBe(`${folder}/plain`)
    const bare = await attempt(file, { path: `\${HOME}/bare`, src: '$BELOW', state: 'hard' }, { shell, environment })
    expect([bare.outcome, bare.result['src']]).toEqual(['changed', 'plain'])
    expect(lstatSync(path).uid).toBe(1)
  })

  test('a link takes the place of a file or an empty folder only by force', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/file`, '')
    mkdirSync(`${folder}/folder`)
    for (const name of ['file', 'folder']) {
      const args = { path: `${folder}/${name}`, src: '/etc', state: 'link' }
      expect((await attempt(file, args, { shell })).result.msg).toMatch(/^refusing to convert/)
      await thrice({ ...args, force: true })
    }
    mkdirSync(`${folder}/full/x`, { recursive: true })
    const full = { path: `${folder}/full`, src: '/etc', state: 'link', force: true }
    expect((await attempt(file, full, { shell })).result.msg).toMatch(/not empty/)
  })

  test('a hard link shares the file', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/a`, 'x')
    await thrice({ path: `${folder}/b`, src: `${folder}/a`, state: 'hard' })
    expect(statSync(`${folder}/a`).ino).toBe(statSync(`${folder}/b`).ino)
    writeFileSync(`${folder}/c`, 'other')
    const args = { path: `${folder}/c`, src: `${folder}/a`, state: 'hard' }
    expect((await attempt(file, args, { shell })).outcome).toBe('failed')
    await thrice({ ...args, force: true })
    expect(readFileSync(`${folder}/c`, 'utf8')).toBe('x')
  })

  test('whatever is there goes', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/-rf ${hostile}/x`, { recursive: true })
    mkdirSync(`${folder}/kept`)
    writeFileSync(`${folder}/kept/x`, '')
    symlinkSync('kept', `${folder}/link`)
    linkSync(`${folder}/kept/x`, `${folder}/hard`)
    for (const name of [`-rf ${hostile}`, 'link', 'hard']) await thrice({ path: `${folder}/${name}`, state: 'absent' })
    expect(existsSync(`${folder}/kept/x`)).toBe(true)
    expect((await attempt(file, { path: '/', state: 'absent' }, { shell, check: true })).outcome).toBe('failed')
  })

  test('set-id bits of a tree come with a new owner, and folders keep their other bits', async () => {
    const path = tmp()
    mkdirSync(`${path}/sub`, { mode: 0o755 })
    writeFileSync(`${path}/sub/run`, '', { mode: 0o755 })
    writeFileSync(`${path}/sub/plain`, '', { mode: 0o600 })
    await thrice({ path, state: 'directory', recurse: true, mode: 'u+s', owner: '1', group: '1' })
    writeFileSync(`${path}/sub/late`, '', { mode: 0o600 })
    await thrice({ path, state: 'directory', recurse: true, mode: 'u+s', owner: '1', group: '1' })
    const modes = ['sub', 'sub/run', 'sub/plain', 'sub/late'].map(name => modeOf(`${path}/${name}`))
    expect(modes).toEqual(['4755', '4755', '4600', '4600'])
    expect(statSync(`${path}/sub/plain`).uid).toBe(1)
  })

  test('what is made anew has the times that were asked for', async () => {
    const times = { modification_time: '202001020304.05', access_time: '202001020304.05' }
    for (const state of ['touch', 'directory']) {
      const path = `${tmp()}/new`
      await thrice({ path, state, ...times })
      expect(statSync(path).mtimeMs).toBe(statSync(path).atimeMs)
      await thrice({ path, state: 'absent', ...times })
    }
  })

  test('times of a link are those of what it leads to', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/old`, '')
    writeFileSync(`${folder}/real`, '')
    symlinkSync('old', `${folder}/link`)
    const link = { path: `${folder}/link`, state: 'link', src: 'real' }
    await thrice({ ...link, modification_time: '202001020304.05' })
    expect(lstatSync(`${folder}/link`).mtimeMs).not.toBe(statSync(`${folder}/real`).mtimeMs)
    utimesSync(`${folder}/old`, 1_000_000, 1_000_000)
    utimesSync(`${folder}/real`, 1_000_000, 1_000_000)
    expect(await step(file, { ...link, src: 'old', modification_time: 'now' }, { shell })).toBe('changed')
    expect(statSync(`${folder}/old`).mtimeMs).not.toBe(1_000_000_000)
    const nowhere = { ...link, src: 'nowhere', force: true, access_time: '202001020304.05' }
    expect(await step(file, nowhere, { shell })).toBe('changed')
    expect(await step(file, nowhere, { shell })).toBe('ok')
  })

  test('a link into a folder that is missing is looked through', async () => {
    const folder = tmp()
    symlinkSync('no/way', `${folder}/link`)
    const path = `${folder}/link`
    const failed = async (state: string) => (await attempt(file, { path, state }, { shell })).result.msg
    expect(await failed('file')).toBe(`file (${folder}/no/way) is absent, cannot continue`)
    expect(await failed('touch')).toMatch(/^touch: .*no\/way.*No such file or directory$/)
    await thrice({ path, state: 'directory' })
    expect(statSync(`${folder}/no/way`).isDirectory()).toBe(true)
    symlinkSync('loop', `${folder}/loop`)
    const own = async (path: string, args: Record<string, unknown>) =>
      (await attempt(file, { path, ...args }, { shell })).result.msg
    expect(await own(path, { state: 'file', follow: false })).toBe(`file (${path}) is link, cannot continue`)
    expect(await own(`${folder}/loop`, { state: 'touch' })).toBe(
      `${folder}/loop cannot be touched: the link leads nowhere`,
    )
    expect((await attempt(file, { path: `${folder}/loop`, state: 'directory' }, { shell })).result.msg).toBe(
      `${folder}/loop already exists as a link`,
    )
  })

  test('a second name of a file is put into a folder, and takes the place of a link', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/real`, '')
    mkdirSync(`${folder}/in`)
    await thrice({ path: `${folder}/in`, src: `${folder}/real`, state: 'hard' })
    symlinkSync('real', `${folder}/link`)
    await thrice({ path: `${folder}/link`, src: `${folder}/real`, state: 'hard' })
    const inodes = ['real', 'in/real', 'link'].map(name => lstatSync(`${folder}/${name}`).ino)
    expect(new Set(inodes).size).toBe(1)
  })

  test('touching makes a file, then gives it a new time', async () => {
    const path = `${tmp()}/${hostile}`
    expect(await step(file, { path, state: 'touch', mode: '0600' }, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    expect(await step(file, { path, state: 'touch', mode: '0600' }, { shell })).toBe('changed')
    expect(modeOf(path)).toBe('600')
    utimesSync(path, 1000, 1000)
    expect(await step(file, { path, state: 'touch' }, { shell })).toBe('changed')
    expect(statSync(path).mtimeMs).toBeGreaterThan(1_000_000)
    const kept = { path, state: 'touch', modification_time: 'preserve', access_time: 'preserve' }
    expect(await step(file, kept, { shell })).toBe('ok')
    await thrice({ path, modification_time: '200001020304.05' })
    expect(statSync(path).mtime.getFullYear()).toBe(2000)
  })

  test('a link is looked through for a file or folder', async () => {
    const folder = tmp()
    mkdirSync(`${folder}/real`)
    chmodSync(`${folder}/real`, 0o755)
    symlinkSync('real', `${folder}/link`)
    await thrice({ path: `${folder}/link`, state: 'directory', mode: '0700' })
    expect(modeOf(`${folder}/real`)).toBe('700')
  })
})

test('the diff shows what differs', async () => {
  const path = `${tmp()}/x`
  const { result } = await attempt(file, { path, state: 'directory', mode: '0700' }, { check: true, diff: true })
  expect(result.diff).toEqual({
    before: { kind: 'absent', mode: null },
    after: { kind: 'directory', mode: '0700' },
  })
})
