import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mount } from './mount.ts'
import { mountFacts } from './mount-facts.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

function isMounted(path: string): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(` ${path.replaceAll(' ', '\\040')} `)
}

function mayMount(): boolean {
  const folder = tmp()
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a line of fstab is written, changed and taken away', async () => {
    const folder = tmp()
    const fstab = `${folder}/fstab`
    writeFileSync(fstab, '# kept\nUUID=1 / ext4 defaults 0 1\nLABEL=old /srv/a\\040b xfs defaults 0 0')
    const args = { path: '/srv/a b/', src: `LABEL=it's "$x"`, fstype: 'ext4', opts: 'noatime', fstab, state: 'present' }
    const before = readFileSync(fstab, 'utf8')
    expect(await step(mount, args, { shell, check: true })).toBe('changed')
    expect(readFileSync(fstab, 'utf8')).toBe(before)
    expect(await step(mount, args, { shell })).toBe('changed')
    const line = `LABEL=it's\\040"$x" /srv/a\\040b ext4 noatime 0 0\n`
    expect(readFileSync(fstab, 'utf8')).toBe(`# kept\nUUID=1 / ext4 defaults 0 1\n${line}`)
    expect(await step(mount, args, { shell })).toBe('ok')
    expect(await step(mount, { ...args, boot: false }, { shell })).toBe('changed')
    expect(readFileSync(fstab, 'utf8')).toContain(' noatime,noauto 0 0\n')
    const gone = { path: '/srv/a b', fstab, state: 'absent_from_fstab' }
    expect(await step(mount, gone, { shell })).toBe('changed')
    expect(readFileSync(fstab, 'utf8')).toBe('# kept\nUUID=1 / ext4 defaults 0 1\n')
    expect(await step(mount, gone, { shell })).toBe('ok')
  })

  test('a file system is mounted and unmounted, where this machine may', async () => {
    const folder = tmp()
    const path = `${folder}/a b`
    const fstab = `${folder}/fstab`
    const args = { path, src: 'tmpfs', fstype: 'tmpfs', opts: 'size=64k', fstab, state: 'mounted' }
    onTestFinished(() => {
      if (isMounted(path)) execFileSync('umount', [path])
    })
    expect(await step(mount, args, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    const { outcome, result } = await attempt(mount, args, { shell })
    if (!mayMount()) {
      expect([outcome, result.failed]).toEqual(['failed', true])
      return
    }
    expect([outcome, result.msg, isMounted(path)]).toEqual(['changed', undefined, true])
    expect(await step(mount, args, { shell })).toBe('ok')
    expect(await step(mount, { path, fstab, state: 'unmounted' }, { shell })).toBe('changed')
    expect([isMounted(path), readFileSync(fstab, 'utf8')]).toEqual([
      false,
      `tmpfs ${path.replace(' ', '\\040')} tmpfs size=64k 0 0\n`,
    ])
    expect(await step(mount, { ...args, state: 'ephemeral' }, { shell })).toBe('changed')
    expect(await step(mount, { path, fstab, state: 'absent' }, { shell })).toBe('changed')
    expect([isMounted(path), existsSync(path), readFileSync(fstab, 'utf8')]).toEqual([false, false, ''])
    expect(await step(mount, { path, fstab, state: 'absent' }, { shell })).toBe('ok')
  })

  test('what is mounted is told with its size', async () => {
    const { result } = await attempt(
      mountFacts,
      { fstypes: ['proc', 'tmpfs', 'overlay', 'ext*'] },
      { shell, check: true },
    )
    const facts = result['ansible_facts'] as { mount_points: Record<string, unknown> } // the module's own answer
    expect(facts.mount_points['/proc']).toMatchObject({ mount: '/proc', fstype: 'proc' })
  })
})

test('a folder that is not mounted cannot be mounted anew', async () => {
  const path = `${tmp()}/x`
  mkdirSync(path)
  expect((await attempt(mount, { path, state: 'remounted' })).result.msg).toBe(`${path} is not mounted`)
})
