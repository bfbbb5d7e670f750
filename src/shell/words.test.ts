import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Script, sh } from './sh.ts'
import { globWord, pathWord, splitWords } from './words.ts'

const folder = mkdtempSync(join(tmpdir(), 'mlops-words-'))
afterAll(() => rmSync(folder, { recursive: true }))

const split: [string, string[]][] = [
  ['ls -l  /tmp', ['ls', '-l', '/tmp']],
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`it\\'s "say \\"hi\\"" 'a\\b'`, ["it's", 'say "hi"', 'a\\b']],
  [`--x="1 2"'3 4'`, ['--x=1 23 4']],
  [`'' ""`, ['', '']],
  ['a\\ b\nc\td', ['a b', 'c', 'd']],
  ['"a\\nb" # no comment', ['a\\nb', '#', 'no', 'comment']],
  ['', []],
]

test.each(split)('%j is split into words', (text, words) => {
  expect(splitWords(text)).toEqual(words)
})

test.each([`it's`, '"open', 'end\\'])('%j is refused', text => {
  expect(() => splitWords(text)).toThrow(expect.objectContaining({ code: 'shell.words' }))
})

const shells = [['dash'], ['busybox', 'sh']] as const

/** The words that a shell makes of a script, one for each argument. */
function wordsOf(shell: readonly string[], word: Script): string[] {
  const [command = 'sh', ...args] = shell
  const text = sh`own=1; printf '%s\0' ${word}`.text
  const env = { HOME: '/home/it me', SET: 'a  "b" $c', PATH: process.env.PATH }
  return execFileSync(command, [...args, '-c', text], { env, cwd: folder, encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
}

const paths: [string, string][] = [
  ['~/a b', '/home/it me/a b'],
  ['~', '/home/it me'],
  ['~/', '/home/it me/'],
  ['~root/$x', '/root/$x'],
  ['/a/~/b', '/a/~/b'],
  [`/it's "$HOME" \`id\` *`, `/it's "/home/it me" \`id\` *`],
  ['$own and $SET', '$own and a  "b" $c'],
  ['x$SET', 'xa  "b" $c'],
  [`\${SET}y`, 'a  "b" $cy'],
  ['$NOT_SET', '$NOT_SET'],
  [`it's\${NOT_SET}"`, `it's\${NOT_SET}"`],
  ['~/$SET', '/home/it me/a  "b" $c'],
  ['$(id) `id` * $1', '$(id) `id` * $1'],
  ['', ''],
]

for (const shell of shells) {
  test.each(paths)(`${shell[0]} takes %j as one path`, (path, wanted) => {
    expect(wordsOf(shell, pathWord(path))).toEqual([wanted])
  })

  test(`${shell[0]} matches file names`, () => {
    for (const name of ['a 1', 'a 2', 'b$x', "it's"]) writeFileSync(join(folder, name), '')
    expect(wordsOf(shell, globWord('a *'))).toEqual(['a 1', 'a 2'])
    expect(wordsOf(shell, globWord('[ab]?[!1]*'))).toEqual(['a 2', 'b$x'])
    expect(wordsOf(shell, globWord('a [0-1]'))).toEqual(['a 1'])
    expect(wordsOf(shell, globWord('b$x'))).toEqual(['b$x'])
    expect(wordsOf(shell, globWord('$HOME/$x*'))).toEqual(['/home/it me/$x*'])
    expect(wordsOf(shell, globWord("it's*"))).toEqual(["it's"])
    expect(wordsOf(shell, globWord('none*'))).toEqual(['none*'])
  })
}
