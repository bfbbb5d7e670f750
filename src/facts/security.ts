import { printFiles, readFiles, section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** Host keys, SELinux, AppArmor, kernel command line, chroot. */
export const security: Fact = {
  subset: 'min',
  topics: ['ssh_pub_keys', 'selinux', 'apparmor', 'cmdline', 'fips', 'is_chroot', 'chroot'],
  look: lines(
    section('files'),
    printFiles(
      '/etc/ssh/ssh_host_*_key.pub',
      '/proc/cmdline',
      '/proc/sys/crypto/fips_enabled',
      '/sys/fs/selinux/enforce',
      '/etc/selinux/config',
    ),
    section('tests'),
    sh`[ -d /sys/kernel/security/apparmor ] && echo apparmor`,
    sh`[ -r /proc/1/root/. ] && ! [ /proc/1/root/. -ef / ] && echo chroot`,
  ),
  read({ stdout }) {
    const parts = sections(stdout)
    const files = readFiles(parts.get('files') ?? '')
    const tests = (parts.get('tests') ?? '').split('\n')
    const cmdline = words(files.get('/proc/cmdline') ?? '')
    return {
      ...hostKeys(files),
      selinux: selinux(files),
      selinux_python_present: false,
      apparmor: { status: tests.includes('apparmor') ? 'enabled' : 'disabled' },
      fips: files.get('/proc/sys/crypto/fips_enabled') === '1',
      is_chroot: tests.includes('chroot'),
      cmdline,
      proc_cmdline: cmdline,
    }
  },
}

function hostKeys(files: ReadonlyMap<string, string>): Record<string, string> {
  const keys: Record<string, string> = {}
  for (const [path, text] of files) {
    const kind = /ssh_host_(\w+)_key\.pub$/.exec(path)?.[1]
    const [type, key] = text.split(' ')
    if (kind === undefined || type === undefined || key === undefined) continue
    keys[`ssh_host_key_${kind}_public`] = key
    keys[`ssh_host_key_${kind}_public_keytype`] = type
  }
  return keys
}

function selinux(files: ReadonlyMap<string, string>): Record<string, string> {
  const enforce = files.get('/sys/fs/selinux/enforce')
  if (enforce === undefined) return { status: 'disabled' }
  const config = files.get('/etc/selinux/config') ?? ''
  return {
    status: 'enabled',
    mode: enforce === '1' ? 'enforcing' : 'permissive',
    config_mode: /^SELINUX=(\w+)/m.exec(config)?.[1] ?? 'unknown',
    type: /^SELINUXTYPE=(\w+)/m.exec(config)?.[1] ?? 'unknown',
  }
}

function words(text: string): Record<string, string | true> {
  const found: Record<string, string | true> = {}
  for (const word of text.trim().split(/\s+/)) {
    const at = word.indexOf('=')
    if (word !== '') found[at < 0 ? word : word.slice(0, at)] = at < 0 ? true : word.slice(at + 1)
  }
  return found
}
