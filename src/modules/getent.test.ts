import { describe, expect, test } from 'vitest'
import { getent } from './getent.ts'
import { attempt, type Shell } from './step.ts'

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('one entry, or all, become facts', async () => {
    expect((await attempt(getent, { database: 'passwd', key: 'daemon' }, { shell })).result).toEqual({
      changed: false,
      ansible_facts: { getent_passwd: { daemon: ['x', '1', '1', 'daemon', '/usr/sbin', '/usr/sbin/nologin'] } },
    })
    expect((await attempt(getent, { database: 'group' }, { shell })).result.ansible_facts).toHaveProperty(
      'getent_group.daemon',
      ['x', '1', ''],
    )
  })

  test('without the tool, the files are read', async () => {
    const environment = { PATH: '/no/tools' }
    const one = await attempt(getent, { database: 'passwd', key: 'daemon' }, { shell, environment })
    expect(one.result.ansible_facts).toHaveProperty('getent_passwd.daemon.1', '1')
    const all = await attempt(getent, { database: 'group' }, { shell, environment })
    expect(all.result.ansible_facts).toHaveProperty('getent_group.daemon.1', '1')
    expect((await attempt(getent, { database: 'group', key: 'no-such' }, { shell, environment })).outcome).toBe(
      'failed',
    )
  })

  test('an entry that is not there fails, unless it may be missing', async () => {
    const args = { database: 'passwd', key: `no $(such) 'one'` }
    expect((await attempt(getent, args, { shell })).result.msg).toMatch(/could not be found/)
    expect((await attempt(getent, { ...args, fail_key: false }, { shell })).result.ansible_facts).toEqual({
      getent_passwd: { [args.key]: null },
    })
  })
})
