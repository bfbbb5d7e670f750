import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseOne } from '../source/parse.ts'
import { commandsOf } from './commands.ts'
import { failingCommands, lastBoot, lastWords } from './failing-commands.ts'

function commands(list: string) {
  const { root } = parseOne(`#cloud-config\nruncmd:\n${list}`, 'a.yml')
  return commandsOf(root.kind === 'map' ? root.get('runcmd') : undefined)
}

const LIST = `  - echo one
  - nosuchprogram --x
  - [printf, '%s|', it's, 5, true, 'a  b']
  -
  - |
    echo block
    cat /nope
`

test('the script runs each text as a line of shell and each list as the words of one', () => {
  const { script } = commands(`  - echo one; x=2\n  - echo $x\n${LIST.split('\n')[2]}\n`)
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe("one\n2\nit's|5|True|a  b|")
})

test('the script is byte for byte what cloud-init writes of the same list', () => {
  // from a server with cloud-init 25.1.4
  const script = `#!/bin/sh\necho one\nnosuchprogram --x\n'printf' '%s|' 'it'\\''s' '5' 'True' 'a  b'\necho block\ncat /nope\n\n`
  expect(commands(LIST).script).toBe(script)
})

test('a command that the shell cannot run is named with its line in the file, and the last one by the status', () => {
  const log = `one
/var/lib/cloud/instance/scripts/runcmd: 3: nosuchprogram: not found
block
cat: /nope: No such file or directory
`
  const failing = failingCommands(commands(LIST), log, true)
  expect(failing.map(({ command, said }) => [command.text, command.at.line, command.at.column, said])).toEqual([
    ['nosuchprogram --x', 4, 5, 'nosuchprogram: not found'],
    ['cat /nope', 9, 5, undefined],
  ])
  expect(failingCommands(commands(LIST), log, false).map(({ command }) => command.text)).toEqual(['nosuchprogram --x'])
})

test('nothing is guessed of a script that may end before its last command', () => {
  expect(failingCommands(commands('  - set -e\n  - git clone x\n  - echo y\n'), '', true)).toEqual([])
})

test('the last words are those of programs, before cloud-init tells of the failure', () => {
  const log = `Cloud-init v. 25.1.4 running 'modules:final' at Sat, 21 Nov 2026 17:34:08 +0000. Up 23926.86 seconds.
ci-info: |   lo   | True |  127.0.0.1  |
(Reading ... 5%\r(Reading ... 100%\rdone\r
one
2026-11-21 17:34:05,745 - schema.py[WARNING]: cloud-config failed schema validation!
cat: /nope: No such file or directory
2026-11-21 17:34:12,477 - cc_scripts_user.py[WARNING]: Failed to run module scripts-user (scripts in /x)
<14>Nov 21 17:34:12 cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----
later
`
  expect(lastWords(log, 5)).toEqual(['done', 'one', 'cat: /nope: No such file or directory'])
})

test('of a log over several boots, the last one counts', () => {
  const first = "Cloud-init v. 25.1.4 running 'init-local' at a\nold\n"
  const second = "Cloud-init v. 25.1.4 running 'init-local' at b\nnew\n"
  expect(lastBoot(first + second)).toBe(second)
  expect(lastBoot(first)).toBe(first)
  expect(lastBoot('cut off\nnew\n')).toBe('cut off\nnew\n')
})
