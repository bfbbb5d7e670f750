import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sh } from '../shell/sh.ts'
import { short6 } from './addresses.ts'
import { facts, gatherScript, readFacts, selectFacts } from './all.ts'
import { distribution } from './distribution.ts'
import type { Fact } from './fact.ts'

/** Facts that do not move between two looks. */
const steady = [
  'system',
  'kernel',
  'hostname',
  'machine',
  'architecture',
  'distribution',
  'distribution_version',
  'os_family',
  'pkg_mgr',
  'user_id',
  'user_dir',
  'memtotal_mb',
  'processor_vcpus',
  'default_ipv4',
  'default_ipv6',
  'virtualization_type',
]

function gather(shell: readonly string[] = ['sh'], env: NodeJS.ProcessEnv = process.env) {
  const [command = 'sh', ...args] = shell
  const { status, stdout, stderr } = spawnSync(command, [...args, '-c', gatherScript(facts).text], {
    encoding: 'utf8',
    env,
  })
  return readFacts({ status: status ?? 255, stdout, stderr }, facts)
}

test('the facts agree with what this machine says by other means', () => {
  const found = gather()
  expect(found['system']).toBe('Linux')
  expect(found['hostname']).toBe(hostname().split('.')[0])
  expect(found['user_uid']).toBe(process.getuid?.())
  expect(found['memtotal_mb']).toBe(
    Math.floor(Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 1024),
  )
  expect(found['interfaces']).toContain('lo')
  expect(found['lo']).toMatchObject({ device: 'lo', type: 'loopback', ipv4: { address: '127.0.0.1', prefix: '8' } })
  expect(found['env']).toMatchObject({ PATH: process.env['PATH'] })
  expect(found['date_time']).toMatchObject({ iso8601: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) })
})

test('the Python of a host is told, and where there is none, the version that would come', () => {
  const found = gather()['python'] as { executable: string; version: { major: number } }
  expect(found.version.major).toBe(3)
  expect(found.executable).toBe(spawnSync('sh', ['-c', 'command -v python3'], { encoding: 'utf8' }).stdout.trim())
  const none = gather(['/bin/busybox', 'sh'], { PATH: busyboxPath() })
  expect(none).toMatchObject({ python_version: '3.11.0', python: { executable: '', version: { major: 3, minor: 11 } } })
})

/** A machine with nothing but BusyBox: its applets stand in for every tool. */
function busyboxPath(without: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-applets-'))
  for (const name of spawnSync('busybox', ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n')) {
    if (!without.includes(name)) symlinkSync('/bin/busybox', join(folder, name))
  }
  return folder
}

test('BusyBox tells the same as the tools of a distribution', () => {
  const full = gather()
  const small = gather(['/bin/busybox', 'sh'], { PATH: busyboxPath() })
  for (const name of steady) expect([name, small[name]]).toEqual([name, full[name]])
})

test('without ip, addresses and the default route come from the tables of the kernel', () => {
  const full = gather()
  const small = gather(['/bin/busybox', 'sh'], { PATH: busyboxPath(['ip', 'ifconfig', 'route']) })
  expect(small['all_ipv4_addresses']).toEqual(
    expect.arrayContaining(full['default_ipv4'] ? [Reflect.get(Object(full['default_ipv4']), 'address')] : []),
  )
  expect(small['default_ipv4']).toMatchObject({ ...Object(full['default_ipv4']) })
})

test('a fact is selected by its subset, by a topic, and left out by either with a mark', () => {
  const names = (subsets: readonly string[]) => selectFacts(facts, subsets).map(f => f.subset)
  expect(new Set(names(['all']))).toEqual(new Set(['min', 'hardware', 'network', 'virtual']))
  expect(new Set(names(['!all']))).toEqual(new Set(['min']))
  expect(new Set(names(['network']))).toEqual(new Set(['min', 'network']))
  expect(new Set(names(['!hardware']))).toEqual(new Set(['min', 'network', 'virtual']))
  expect(names(['!all', '!min', 'network'])).toEqual(['min', 'min', 'network'])
  expect(selectFacts(facts, ['!all', '!min', 'date_time'])).toHaveLength(1)
})

test('a fact that cannot be read leaves the others whole', () => {
  const broken: Fact = { subset: 'min', look: sh`exit 3`, read: ({ stdout }) => ({ broken: stdout }) }
  const all = [broken, ...facts]
  const { stdout } = spawnSync('sh', ['-c', gatherScript(all).text], { encoding: 'utf8' })
  expect(readFacts({ status: 0, stdout, stderr: '' }, all)).toMatchObject({ broken: '', system: 'Linux' })
})

test('Debian and Ubuntu are named as Ansible names them', () => {
  const read = (files: Record<string, string>) =>
    distribution.read({
      status: 0,
      stderr: '',
      stdout: Object.entries(files)
        .flatMap(([path, text]) => text.split('\n').map(line => `${path}:${line}\n`))
        .join(''),
    })
  expect(
    read({
      '/etc/os-release':
        'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian',
      '/etc/debian_version': '13.1',
    }),
  ).toMatchObject({
    distribution: 'Debian',
    distribution_version: '13.1',
    distribution_major_version: '13',
    distribution_release: 'trixie',
    os_family: 'Debian',
  })
  expect(
    read({
      '/etc/os-release': 'NAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=jammy',
      '/etc/debian_version': 'bookworm/sid',
    }),
  ).toMatchObject({
    distribution: 'Ubuntu',
    distribution_version: '22.04',
    distribution_major_version: '22',
    distribution_release: 'jammy',
    os_family: 'Debian',
  })
})

test('an IPv6 address is shortened at its longest row of zeros', () => {
  expect(short6('fe8000000000000000fc00fffe000001')).toBe('fe80::fc:ff:fe00:1')
  expect(short6('00000000000000000000000000000001')).toBe('::1')
  expect(short6('20010db8000000000001000000000001')).toBe('2001:db8::1:0:0:1')
})
