import { printFiles, readFiles, section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** What the firmware's product or vendor says, as Ansible calls it. */
const products: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/OpenStack/, 'openstack'],
  [/^KVM|QEMU|Google Compute Engine|Firecracker|Standard PC/, 'kvm'],
  [/VMware/, 'VMware'],
  [/VirtualBox|innotek/, 'virtualbox'],
  [/HVM domU|Xen/, 'xen'],
  [/RHEV|oVirt/, 'RHEV'],
  [/Virtual Machine|Microsoft/, 'VirtualPC'],
  [/Parallels/, 'parallels'],
  [/Bochs/, 'bochs'],
]

/** Whether the host is a container, a virtual machine, or a home of such. */
export const virtualization: Fact = {
  subset: 'virtual',
  topics: ['virtualization_type', 'virtualization_role'],
  look: lines(
    section('files'),
    printFiles(
      '/run/systemd/container',
      '/sys/class/dmi/id/product_name',
      '/sys/class/dmi/id/sys_vendor',
      '/proc/1/cgroup',
    ),
    section('tests'),
    sh`
[ -e /.dockerenv ] || [ -e /.dockerinit ] && echo docker
[ -e /run/.containerenv ] && echo podman
[ -d /proc/vz ] && ! [ -d /proc/lve ] && echo openvz
[ -d /proc/xen ] && echo xen
[ -e /dev/kvm ] || [ -d /sys/module/kvm ] && echo kvm-host
[ -d /sys/module/vboxdrv ] && echo virtualbox-host
while read -r word rest; do
  case $word in flags|Features) case " $rest " in *' hypervisor '*) echo hypervisor ;; esac; break ;; esac
done </proc/cpuinfo
command -v systemd-detect-virt >/dev/null && { printf 'detected='; systemd-detect-virt; }`,
  ),
  read({ stdout }) {
    const parts = sections(stdout)
    const files = readFiles(parts.get('files') ?? '')
    const tests = (parts.get('tests') ?? '').split('\n').map(line => line.trim())
    const guest = guests(files, tests)
    const host = tests.filter(t => t.endsWith('-host')).map(t => t.slice(0, -'-host'.length))
    return {
      virtualization_type: guest[0] ?? host[0] ?? 'NA',
      virtualization_role: guest.length > 0 ? 'guest' : host.length > 0 ? 'host' : 'NA',
      virtualization_tech_guest: guest,
      virtualization_tech_host: host,
    }
  },
}

function guests(files: ReadonlyMap<string, string>, tests: readonly string[]): string[] {
  const found = new Set<string>()
  const container = files.get('/run/systemd/container')?.trim()
  if (tests.includes('docker') || /\/docker(\/|-[0-9a-f]+\.scope)/.test(files.get('/proc/1/cgroup') ?? '')) {
    found.add('docker')
  }
  if (container) found.add(container)
  for (const type of ['podman', 'openvz', 'xen']) if (tests.includes(type)) found.add(type)
  if (found.size > 0) found.add('container')
  for (const file of ['product_name', 'sys_vendor']) {
    const text = files.get(`/sys/class/dmi/id/${file}`) ?? ''
    const type = products.find(([pattern]) => pattern.test(text))?.[1]
    if (type !== undefined) found.add(type)
  }
  const detected = tests.find(t => t.startsWith('detected='))?.slice('detected='.length)
  if (found.size === 0 && detected && detected !== 'none') found.add(detected === 'qemu' ? 'kvm' : detected)
  if (found.size === 0 && tests.includes('hypervisor')) found.add('kvm')
  return [...found]
}
