import { expect, test } from 'vitest'
import { parseDefaultRoute, parseReadOnlyControlGroup, parseResolvers } from './machine.ts'

test('resolvers on loopback are no use to other hosts', () => {
  const text = '# nameserver 1.1.1.1\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nnameserver ::1\nnameserver fd00::53\n'
  expect(parseResolvers(text)).toEqual(['10.0.0.2', 'fd00::53'])
})

test('the default route is the one to 0.0.0.0', () => {
  const text = 'Iface\tDestination\tGateway\neth1\t0000000A\t00000000\neth0\t00000000\t010200C0\n'
  expect(parseDefaultRoute(text)).toBe('eth0')
  expect(parseDefaultRoute('Iface\tDestination\n')).toBeUndefined()
})

test('a read-only control group is found among the mounts', () => {
  const mounts = 'tmpfs /tmp tmpfs ro 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n'
  expect(parseReadOnlyControlGroup(mounts)).toBeUndefined()
  expect(parseReadOnlyControlGroup(`${mounts}cgroup /sys/fs/cgroup/cpu cgroup ro,nosuid,cpu 0 0\n`)).toBe(
    '/sys/fs/cgroup/cpu',
  )
})
