import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { find } from './find.ts'
import { attempt, type Shell, tmp } from './step.ts'

function tree(): string {
  const folder = `${tmp()}/it's "$x" * \n|ü`
  mkdirSync(`${folder}/sub/deep`, { recursive: true })
  writeFileSync(`${folder}/a.log`, 'first\nneedle here\n')
  writeFileSync(`${folder}/b.txt`, 'x'.repeat(5000))
  writeFileSync(`${folder}/.hidden.log`, '')
  writeFileSync(`${folder}/-n\nb.log`, 'a needle\n')
  writeFileSync(`${folder}/sub/c.log`, '')
  writeFileSync(`${folder}/sub/deep/d.log`, '')
  symlinkSync('a.log', `${folder}/link.log`)
  symlinkSync('sub', `${folder}/there`)
  utimesSync(`${folder}/b.txt`, 1_000_000, 1_000_000)
  return folder
}

type Case = [why: string, args: Record<string, unknown>, found: string[]]

const cases: Case[] = [
  ['files of one folder by default', {}, ['-n\nb.log', 'a.log', 'b.txt']],
  ['names by pattern', { patterns: '*.log,*.gz' }, ['-n\nb.log', 'a.log']],
  ['names by expression', { patterns: '^[ab]\\.(log|txt)$', use_regex: true }, ['a.log', 'b.txt']],
  ['names in any case', { patterns: '(?i)A\\.LOG', use_regex: true }, ['a.log']],
  ['names left out', { patterns: '*.log', excludes: 'a*' }, ['-n\nb.log']],
  ['names left out of all', { excludes: '*.log' }, ['b.txt']],
  ['hidden names', { patterns: '*.log', hidden: true }, ['-n\nb.log', '.hidden.log', 'a.log']],
  ['deeper', { patterns: '?.log', recurse: true }, ['a.log', 'sub/c.log', 'sub/deep/d.log']],
  ['deeper to a level', { patterns: '?.log', recurse: true, depth: 2 }, ['a.log', 'sub/c.log']],
  ['folders', { file_type: 'directory', recurse: true }, ['sub', 'sub/deep']],
  ['links', { file_type: 'link' }, ['link.log', 'there']],
  ['behind links', { patterns: 'c.log', recurse: true, follow: true }, ['sub/c.log', 'there/c.log']],
  ['anything', { file_type: 'any', patterns: '[as]*' }, ['a.log', 'sub']],
  ['old ones', { age: '1w' }, ['b.txt']],
  ['new ones', { age: '-1w', patterns: '*.log' }, ['-n\nb.log', 'a.log']],
  ['large ones', { size: '1k' }, ['b.txt']],
  ['small ones', { size: '-1k' }, ['-n\nb.log', 'a.log']],
  ['lines that begin so', { contains: 'need' }, ['a.log']],
  ['text anywhere', { contains: 'need', read_whole_file: true }, ['-n\nb.log', 'a.log']],
]

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(cases)('finds %s', async (_, args, found) => {
    const folder = tree()
    const { outcome, result } = await attempt(find, { paths: [folder], ...args }, { shell, check: true })
    expect([outcome, result.msg]).toEqual(['ok', 'All paths examined'])
    const files = result['files'] as { path: string }[] // the module's own list
    expect(files.map(file => file.path.slice(folder.length + 1)).sort()).toEqual(found)
    expect(result['matched']).toBe(found.length)
  })

  test('tells what stat tells', async () => {
    const folder = tree()
    const { result } = await attempt(find, { paths: folder, patterns: 'b.txt', get_checksum: true }, { shell })
    expect(result['files']).toEqual([
      expect.objectContaining({
        path: `${folder}/b.txt`,
        isreg: true,
        isdir: false,
        size: 5000,
        mtime: 1_000_000,
        mode: '0644',
        pw_name: 'root',
        rusr: true,
        checksum: expect.stringMatching(/^[0-9a-f]{40}$/),
      }),
    ])
    expect(result['examined']).toBe(7)
  })

  test('looks into a folder that a link leads to', async () => {
    const path = `${tree()}/there`
    const { result } = await attempt(find, { paths: path, recurse: true }, { shell })
    expect(result).toMatchObject({ matched: 2, files: [{ path: `${path}/c.log` }, { path: `${path}/deep/d.log` }] })
  })

  test('names folders that are not there', async () => {
    const folder = `${tmp()}/none`
    const { outcome, result } = await attempt(find, { paths: folder }, { shell })
    expect([outcome, result['skipped_paths']]).toEqual(['ok', { [folder]: `'${folder}' is not a directory` }])
  })
})
