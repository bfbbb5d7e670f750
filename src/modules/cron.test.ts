import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cron } from './cron.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

/** A host whose `crontab` keeps its text in a file, in the words of Debian's. */
function host(): { file: string; environment: Record<string, string> } {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  const body = `#!/bin/sh
f=${folder}/root
[ "$1" != -u ] || { f=${folder}/$2; shift 2; }
case $1 in -l) [ -e "$f" ] || { echo 'no crontab for root' >&2; exit 1; }; cat "$f" ;; -) cat >"$f" ;; esac
`
  writeFileSync(`${folder}/bin/crontab`, body)
  chmodSync(`${folder}/bin/crontab`, 0o755)
  return { file: `${folder}/root`, environment: { PATH: `${folder}/bin:${process.env['PATH']}` } }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a job is checked, kept, changed and taken away', async () => {
    const { file, environment } = host()
    const options = { shell, environment }
    const args = { name: `it's "$x" *`, minute: '*/5', job: `echo "$HOME" 100\\% \`id\` 'a'` }
    expect(await step(cron, args, { ...options, check: true })).toBe('changed')
    expect(existsSync(file)).toBe(false)
    const { outcome, result } = await attempt(cron, args, options)
    expect([outcome, result['jobs'], result['envs']]).toEqual(['changed', [`it's "$x" *`], []])
    expect(readFileSync(file, 'utf8')).toBe(`#Ansible: it's "$x" *\n*/5 * * * * echo "$HOME" 100\\% \`id\` 'a'\n`)
    expect(await step(cron, args, options)).toBe('ok')
    expect(await step(cron, { name: 'other', special_time: 'daily', job: 'true', disabled: true }, options)).toBe(
      'changed',
    )
    expect(await step(cron, { ...args, minute: '0' }, options)).toBe('changed')
    expect(readFileSync(file, 'utf8')).toBe(
      `#Ansible: it's "$x" *\n0 * * * * echo "$HOME" 100\\% \`id\` 'a'\n#Ansible: other\n#@daily true\n`,
    )
    expect(await step(cron, { name: args.name, state: 'absent' }, options)).toBe('changed')
    expect(readFileSync(file, 'utf8')).toBe('#Ansible: other\n#@daily true\n')
    expect(await step(cron, { name: args.name, state: 'absent' }, options)).toBe('ok')
  })

  test('variables stand at the top, or beside others', async () => {
    const { file, environment } = host()
    const options = { shell, environment }
    writeFileSync(file, '# by hand\nMAILTO="root"\n@daily true\n')
    expect(await step(cron, { name: 'PATH', env: true, job: '/bin' }, options)).toBe('changed')
    expect(await step(cron, { name: 'A', env: true, job: '1', insertafter: 'MAILTO' }, options)).toBe('changed')
    expect(readFileSync(file, 'utf8')).toBe('PATH="/bin"\n# by hand\nMAILTO="root"\nA="1"\n@daily true\n')
    expect(await step(cron, { name: 'PATH', env: true, job: '/bin' }, options)).toBe('ok')
    expect(await step(cron, { name: 'MAILTO', env: true, state: 'absent' }, options)).toBe('changed')
    const none = await attempt(cron, { name: 'B', env: true, job: '1', insertbefore: 'C' }, options)
    expect(none.result.msg).toBe("Variable named 'C' not found.")
  })

  test('a file of its own is written, and removed with its last job', async () => {
    const path = `${tmp()}/it's "$x"`
    const args = { name: 'one', job: 'true', user: 'nobody', cron_file: path, backup: true }
    expect(await step(cron, args, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    expect(await step(cron, args, { shell })).toBe('changed')
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
      '#Ansible: one\n* * * * * nobody true\n',
      0o644,
    ])
    expect(await step(cron, args, { shell })).toBe('ok')
    const { result } = await attempt(cron, { ...args, state: 'absent' }, { shell })
    expect(readFileSync(String(result['backup_file']), 'utf8')).toBe('#Ansible: one\n* * * * * nobody true\n')
    rmSync(String(result['backup_file']))
    expect(existsSync(path)).toBe(false)
    expect(await step(cron, { ...args, state: 'absent' }, { shell })).toBe('ok')
  })
})
