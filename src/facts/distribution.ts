import { printFiles, readFiles } from '../shell/sections.ts'
import type { Fact } from './fact.ts'

/** Ansible's names of distributions and their families, by the `ID` of os-release. */
const known: Readonly<Record<string, readonly [name: string, family: string]>> = {
  debian: ['Debian', 'Debian'],
  ubuntu: ['Ubuntu', 'Debian'],
  raspbian: ['Debian', 'Debian'],
  linuxmint: ['Linux Mint', 'Debian'],
  kali: ['Kali', 'Debian'],
  devuan: ['Devuan', 'Debian'],
  alpine: ['Alpine', 'Alpine'],
  fedora: ['Fedora', 'RedHat'],
  centos: ['CentOS', 'RedHat'],
  rhel: ['RedHat', 'RedHat'],
  rocky: ['Rocky', 'RedHat'],
  almalinux: ['AlmaLinux', 'RedHat'],
  ol: ['OracleLinux', 'RedHat'],
  amzn: ['Amazon', 'RedHat'],
  'opensuse-leap': ['openSUSE Leap', 'Suse'],
  'opensuse-tumbleweed': ['openSUSE Tumbleweed', 'Suse'],
  sles: ['SLES', 'Suse'],
  arch: ['Archlinux', 'Archlinux'],
  gentoo: ['Gentoo', 'Gentoo'],
}

/** Distribution, its version and family, and what `lsb_release` would say. */
export const distribution: Fact = {
  subset: 'min',
  topics: ['distribution', 'distribution_version', 'os_family', 'lsb'],
  look: printFiles('/etc/os-release', '/usr/lib/os-release', '/etc/debian_version', '/etc/alpine-release'),
  read({ stdout }) {
    const files = readFiles(stdout)
    const path = files.has('/etc/os-release') ? '/etc/os-release' : '/usr/lib/os-release'
    const release = assignments(files.get(path) ?? '')
    const id = release.get('ID') ?? ''
    const [name, family] = known[id] ?? byKind(release) ?? [release.get('NAME') ?? 'NA', release.get('NAME') ?? 'NA']
    const version = exactVersion(id, release, files)
    const [major = 'NA', minor] = version.split('.')
    const codename = release.get('VERSION_CODENAME') || fromVersion(release.get('VERSION')) || 'NA'
    return {
      distribution: name,
      distribution_version: version,
      distribution_major_version: major,
      ...(minor === undefined ? {} : { distribution_minor_version: minor }),
      distribution_release: codename,
      distribution_file_path: path,
      distribution_file_variety: family,
      distribution_file_parsed: files.has(path),
      os_family: family,
      lsb:
        files.size === 0
          ? {}
          : {
              id: name,
              codename,
              description: release.get('PRETTY_NAME') ?? name,
              release: release.get('VERSION_ID') ?? version,
              major_release: (release.get('VERSION_ID') ?? version).split('.')[0] ?? '',
            },
    }
  },
}

/** os-release alone says `12` on Debian; the point release stands in a file of its own. */
function exactVersion(id: string, release: Map<string, string>, files: ReadonlyMap<string, string>): string {
  const debian = files.get('/etc/debian_version')
  if (id === 'debian' && debian !== undefined && /^\d/.test(debian)) return debian
  return (id === 'alpine' ? files.get('/etc/alpine-release') : undefined) ?? release.get('VERSION_ID') ?? 'NA'
}

function byKind(release: Map<string, string>): readonly [string, string] | undefined {
  for (const like of (release.get('ID_LIKE') ?? '').split(' ')) {
    const parent = known[like]
    if (parent) return [release.get('NAME') ?? parent[0], parent[1]]
  }
  return undefined
}

function fromVersion(version: string | undefined): string | undefined {
  return version === undefined ? undefined : /\(([^)]+)\)/.exec(version)?.[1]
}

function assignments(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line)
    if (match?.[1]) found.set(match[1], (match[2] ?? match[3] ?? match[4] ?? '').replace(/\\(.)/g, '$1'))
  }
  return found
}
