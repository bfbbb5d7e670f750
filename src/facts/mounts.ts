import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** File systems that stand on a device or come over the network. Sizes of network ones are not asked for: a dead server would hang us. */
export const mounts: Fact = {
  subset: 'hardware',
  topics: ['mounts'],
  look: lines(
    section('mounts'),
    sh`
set --
while read -r device mount type options rest; do
  printf '%s\t%s\t%s\t%s\n' "$device" "$mount" "$type" "$options"
  case $device in /*) case $mount in *\\*) ;; *) set -- "$@" "$mount" ;; esac ;; esac
done </proc/mounts`,
    section('sizes'),
    sh`[ $# -eq 0 ] || stat -f -c '%n|%S|%b|%a|%c|%d' -- "$@"`,
  ),
  read({ stdout }) {
    const parts = sections(stdout)
    const sizes = new Map<string, readonly number[]>()
    for (const line of (parts.get('sizes') ?? '').split('\n')) {
      const fields = line.split('|')
      if (fields.length >= 6) sizes.set(fields.slice(0, -5).join('|'), fields.slice(-5).map(Number))
    }
    const found = []
    for (const line of (parts.get('mounts') ?? '').split('\n')) {
      const [device = '', mount = '', fstype = '', options = ''] = line.split('\t')
      if (!/^[/\\]/.test(device) && !device.includes(':/')) continue
      found.push({
        device: unescaped(device),
        mount: unescaped(mount),
        fstype,
        options,
        ...size(sizes.get(mount)),
        uuid: 'N/A',
      })
    }
    return { mounts: found }
  },
}

function size(numbers: readonly number[] | undefined): Record<string, number> {
  if (numbers === undefined) return {}
  const [block = 0, blocks = 0, available = 0, inodes = 0, inodesFree = 0] = numbers
  return {
    size_total: block * blocks,
    size_available: block * available,
    block_size: block,
    block_total: blocks,
    block_available: available,
    block_used: blocks - available,
    inode_total: inodes,
    inode_available: inodesFree,
    inode_used: inodes - inodesFree,
  }
}

/** /proc/mounts writes blanks and the like as octal escapes. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
