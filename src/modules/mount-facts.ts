import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineAction, type Result } from './module.ts'
import { globPattern } from './parts/glob-pattern.ts'

export const mountFacts = defineAction({
  summary: 'Reads what is mounted on the host, and how full it is.',
  args: {
    devices: { type: 'list', elements: 'str', doc: 'Patterns of devices; all by default.' },
    fstypes: { type: 'list', elements: 'str', doc: 'Patterns of kinds of file systems; all by default.' },
    sources: {
      type: 'list',
      elements: 'str',
      doc: 'Where to read: `all`, `dynamic`, or `/proc/mounts`.',
      ignored: '/proc/mounts is read always',
    },
    mount_binary: { type: 'raw', doc: 'The program mount.', ignored: 'it is not needed' },
    timeout: { type: 'float', doc: 'Longest wait for one file system.', ignored: 'all are asked at once' },
    on_timeout: {
      type: 'str',
      choices: ['error', 'warn', 'ignore'],
      default: 'error',
      doc: 'What then.',
      ignored: 'as `timeout`',
    },
    include_aggregate_mounts: { type: 'bool', doc: 'Lists each mount, also those that are covered by others.' },
  },
  examples: `
- mount_facts: { fstypes: [ext4, xfs, btrfs] }
- debug: msg="{{ ansible_facts.mount_points['/'].size_available | default(0) }}"
`,
  returnDocs: {
    ansible_facts: '`mount_points`: folder → `device`, `fstype`, `options`, sizes; `aggregate_mounts`: a list.',
  },
  readOnly: true,
  act: () => ({
    script: lines(
      section('mounts'),
      sh`cat /proc/mounts`,
      section('sizes'),
      // A line that breaks in two is one of an old df: -P keeps it whole
      sh`LC_ALL=C df -P -k 2>/dev/null`,
      section('inodes'),
      sh`LC_ALL=C df -P -i 2>/dev/null
:`,
    ),
  }),
  read({ stdout }, { devices, fstypes, include_aggregate_mounts }): Result {
    const parts = sections(stdout)
    const sizes = table(parts.get('sizes'))
    const inodes = table(parts.get('inodes'))
    const fits = (patterns: readonly string[] | undefined, name: string) =>
      patterns === undefined || patterns.some(pattern => globPattern(pattern).test(name))
    const all: Record<string, unknown>[] = []
    for (const line of (parts.get('mounts') ?? '').split('\n').filter(Boolean)) {
      const [device = '', mount = '', fstype = '', options = '', dump = '0', passno = '0'] = line.split(' ').map(opened)
      if (!fits(devices, device) || !fits(fstypes, fstype)) continue
      const [total, used, free] = sizes.get(mount) ?? []
      const [inodeTotal, inodeUsed, inodeFree] = inodes.get(mount) ?? []
      all.push({
        device,
        mount,
        fstype,
        options,
        dump: Number(dump),
        passno: Number(passno),
        ...(total === undefined || free === undefined
          ? {}
          : { size_total: total * 1024, size_used: (used ?? 0) * 1024, size_available: free * 1024 }),
        ...(inodeTotal === undefined
          ? {}
          : { inode_total: inodeTotal, inode_used: inodeUsed, inode_available: inodeFree }),
      })
    }
    return {
      changed: false,
      ansible_facts: {
        mount_points: Object.fromEntries(all.map(one => [String(one['mount']), one])),
        aggregate_mounts: include_aggregate_mounts ? all : [],
      },
    }
  },
})

/** Numbers of `df` by folder, which is the last column. */
function table(text: string | undefined): ReadonlyMap<string, readonly number[]> {
  const rows = new Map<string, readonly number[]>()
  for (const line of (text ?? '').split('\n').slice(1)) {
    const found = /\s(\d+)\s+(\d+)\s+(\d+)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line)
    if (found) rows.set(found[4] ?? '', found.slice(1, 4).map(Number))
  }
  return rows
}

/** A field of /proc/mounts, in which blanks are octal numbers. */
function opened(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
