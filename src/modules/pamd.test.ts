import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pamd } from './pamd.ts'
import { attempt, step, tmp } from './step.ts'

const before = `# a comment
auth	[success=1 default=ignore]	pam_unix.so nullok
auth  requisite pam_deny.so

-session optional pam_x.so a=1 b [c d]
@include common-account
session required pam_limits.so`

const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
  [
    'another control',
    { type: 'auth', control: 'requisite', module_path: 'pam_deny.so', new_control: 'required' },
    /^auth\trequired\tpam_deny.so$/m,
  ],
  [
    'a bracketed control',
    {
      type: 'auth',
      control: '[success=1 default=ignore]',
      module_path: 'pam_unix.so',
      state: 'args_absent',
      module_arguments: ['nullok'],
    },
    /^auth\t\[success=1 default=ignore\]\tpam_unix.so$/m,
  ],
  [
    'further arguments',
    {
      type: '-session',
      control: 'optional',
      module_path: 'pam_x.so',
      state: 'args_present',
      module_arguments: 'a=2 "it\'s"',
    },
    /^-session\toptional\tpam_x.so a=2 b \[c d\] "it's"$/m,
  ],
  ['no rule', { type: 'auth', control: 'requisite', module_path: 'pam_deny.so', state: 'absent' }, /^(?!.*pam_deny)/s],
  [
    'a rule before',
    {
      type: 'auth',
      control: 'requisite',
      module_path: 'pam_deny.so',
      state: 'before',
      new_type: 'auth',
      new_control: 'sufficient',
      new_module_path: 'pam_new.so',
    },
    /nullok\nauth\tsufficient\tpam_new.so\nauth {2}requisite/,
  ],
  [
    'a rule at the end',
    {
      type: 'session',
      control: 'required',
      module_path: 'pam_limits.so',
      state: 'after',
      new_type: 'session',
      new_control: 'optional',
      new_module_path: 'pam_new.so',
      module_arguments: ['x', 'y=1'],
    },
    /pam_limits.so\nsession\toptional\tpam_new.so x y=1\n$/,
  ],
]

test.each(cases)('%s is checked, made and left alone', async (_, args, wanted) => {
  const path = tmp()
  const file = `${path}/it's $x`
  writeFileSync(file, before)
  const all = { ...args, path, name: "it's $x" }
  expect(await step(pamd, all, { check: true })).toBe('changed')
  expect(readFileSync(file, 'utf8')).toBe(before)
  const { outcome, result } = await attempt(pamd, { ...all, backup: true }, { shell: 'busybox' })
  expect([outcome, result['change_count']]).toEqual(['changed', 1])
  expect(readFileSync(file, 'utf8')).toMatch(wanted)
  expect(readFileSync(String(result['backupdest']), 'utf8')).toBe(before)
  expect(await step(pamd, { ...all, ...(args['state'] === undefined ? { control: args['new_control'] } : {}) })).toBe(
    'ok',
  )
})

test('a rule that is not there changes nothing, and a service that is not there is a failure', async () => {
  const path = tmp()
  writeFileSync(`${path}/su`, before)
  const args = { path, name: 'su', type: 'auth', control: 'required', module_path: 'pam_none.so', new_control: 'x' }
  expect((await attempt(pamd, args)).result).toMatchObject({ changed: false, change_count: 0 })
  expect((await attempt(pamd, { ...args, name: 'none' })).result.msg).toContain('Unable to open/read PAM module file')
})
