import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { expectModule } from './expect.ts'
import { awkRegex } from './parts/awk-regex.ts'
import { attempt, tmp } from './step.ts'

// BusyBox of Debian has no `script`: the one of util-linux answers for both shells
describe.each(['dash', 'busybox'] as const)('with %s', shell => {
  function program(body: string): string {
    const file = `${tmp()}/ask "me"`
    writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    return file
  }

  test('questions are answered in their turn, with hostile answers, and the output comes back', async () => {
    const asks = program(`
[ -t 0 ] || exit 9
printf 'Name? '; read -r name
printf 'Pass\\nword: '; stty -echo; read -r word; echo
printf 'Name? '; read -r second
printf '<%s> <%s> <%s> <%s>\\n' "$name" "$word" "$second" "$1"
exit 3`)
    const word = 'it\'s "x" $HOME \\n $(id) *'
    const { outcome, result } = await attempt(
      expectModule,
      {
        command: `'${asks}' "two words"`,
        responses: { '(?i)name\\?\\s': ['one', 'two\n'], 'Pass.+word: ': word },
      },
      { shell },
    )
    expect([outcome, result.rc, result.msg]).toEqual(['failed', 3, 'non-zero return code'])
    expect(result['stdout_lines']).toEqual(['Name? Pass', 'word: ', `Name? <one> <${word}> <two> <two words>`])
  })

  test('an answer is shown with echo, creates and removes decide, and check mode runs nothing', async () => {
    const folder = tmp()
    const args = {
      command: `sh -c 'printf "go? "; read -r x; echo "$x" >>made'`,
      responses: { 'go\\?': 'yes' },
      chdir: folder,
      creates: `${folder}/made`,
      echo: true,
    }
    expect((await attempt(expectModule, args, { shell, check: true })).outcome).toBe('changed')
    expect(existsSync(`${folder}/made`)).toBe(false)
    const { outcome, result } = await attempt(expectModule, args, { shell })
    expect([outcome, result['stdout']]).toEqual(['changed', 'go? yes'])
    expect(readFileSync(`${folder}/made`, 'utf8')).toBe('yes\n')
    expect((await attempt(expectModule, args, { shell })).outcome).toBe('ok')
  })

  test('a list of answers that ends, a text that never comes, and a program that is not there are failures', async () => {
    const responses = { more: ['once'] }
    const greedy = {
      command: program('while :; do echo more; read -r x || exit; done').replaceAll(/[" ]/g, '\\$&'),
      responses,
    }
    expect((await attempt(expectModule, greedy, { shell })).result.msg).toMatch(
      /^No remaining responses for 'more', output was 'more/,
    )
    const late = await attempt(expectModule, { command: 'sleep 60', responses, timeout: 1 }, { shell })
    expect(late.result.msg).toBe('command exceeded timeout')
    const missing = await attempt(expectModule, { command: 'mlops-none', responses }, { shell })
    expect(missing.result.msg).toBe('The command was not found or was not executable: mlops-none.')
  })
})

test('a host that cannot make a terminal is told so', async () => {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  const environment = { PATH: `${folder}/bin` }
  const { result } = await attempt(expectModule, { command: 'true', responses: { x: 'y' } }, { environment })
  expect(result.msg).toContain('no terminal can be made on this host')
})

test.each([
  ['(?i)password:', 'password:', true],
  ['a\\s+\\d\\W', 'a[ \\t\\r\\n\\f\\v]+[0-9][^A-Za-z0-9_]', false],
  ['\\[y/N\\] (?:one|two)+?$', '[[]y/N[]] (one|two)+$', false],
  ['[\\d\\]x]{', '[0-9\\]x][{]', false],
])('the expression %s is %s for awk', (source, pattern, ignoreCase) => {
  expect(awkRegex(source)).toEqual({ pattern, ignoreCase })
})

test('expressions that awk cannot do are told before anything runs', () => {
  for (const source of ['a(?=b)', '(a)\\1', 'a{2,3}', '\\bx', '[a']) {
    expect([source, expectModule.check?.({ command: 'x', responses: { [source]: 'y' } })]).toEqual([
      source,
      [expect.stringContaining('is not supported')],
    ])
  }
})
