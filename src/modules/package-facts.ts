import { section, sections } from '../shell/sections.ts'
import { lines, script, sh } from '../shell/sh.ts'
import { defineAction, type Result } from './module.ts'

type Package = { readonly name: string; readonly version: string; readonly [key: string]: unknown }

const names = ['apt', 'rpm', 'apk', 'pacman'] as const
type Manager = (typeof names)[number]

const commands: Readonly<Record<Manager, string>> = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: fields of dpkg-query
  apt: "dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${Section}\n'",
  rpm: String.raw`rpm -qa --qf '%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n'`,
  apk: 'apk info -v 2>/dev/null',
  pacman: 'pacman -Q',
}
const tools: Readonly<Record<Manager, string>> = { apt: 'dpkg-query', rpm: 'rpm', apk: 'apk', pacman: 'pacman' }
const otherNames: Readonly<Record<string, Manager>> = {
  dnf: 'rpm',
  yum: 'rpm',
  dnf5: 'rpm',
  zypper: 'rpm',
  dpkg: 'apt',
}

export const packageFacts = defineAction({
  summary: 'Reads which packages the host has, and their versions.',
  args: {
    manager: {
      type: 'list',
      elements: 'str',
      default: ['auto'],
      doc: 'Whom to ask: `auto`, `apt`, `rpm`, `apk`, `pacman`, in this order.',
    },
    strategy: {
      type: 'str',
      default: 'first',
      choices: ['first', 'all'],
      doc: 'Whether the first that the host has answers, or all.',
    },
  },
  check: ({ manager = [] }) => {
    const unknown = manager.filter(name => name !== 'auto' && managerOf(name) === undefined)
    return unknown.length > 0 ? [`Unsupported package managers requested: ${unknown.join(', ')}`] : []
  },
  examples: `
- package_facts: manager=auto
- debug: msg="{{ ansible_facts.packages['openssh-server'][0].version }}"
  when: "'openssh-server' in ansible_facts.packages"
`,
  returnDocs: { ansible_facts: '`packages`: name → a list of `name`, `version`, `arch`, `source` …' },
  readOnly: true,
  act: ({ manager, strategy }) => ({
    script: lines(
      sh`LC_ALL=C; export LC_ALL; done=`,
      ...asked(manager).map(name =>
        lines(
          sh`if [ -z "$done" ] && command -v ${tools[name]} >/dev/null 2>&1; then`,
          section(name),
          script(commands[name]),
          strategy === 'first' && sh`done=yes`,
          sh`fi`,
        ),
      ),
      sh`:`,
    ),
  }),
  read({ stdout }, { manager }): Result {
    const parts = sections(stdout)
    const packages: Record<string, Package[]> = {}
    for (const name of asked(manager)) {
      const found: Record<string, Package[]> = {}
      for (const line of (parts.get(name) ?? '').split('\n').filter(Boolean)) {
        const one = readers[name](line)
        if (one === undefined) continue
        const all = found[one.name] ?? []
        found[one.name] = all
        all.push({ ...one, source: name })
      }
      Object.assign(packages, found)
    }
    if (Object.keys(packages).length === 0) {
      const msg = `Could not detect a supported package manager from the following list: ${asked(manager).join(', ')}`
      return { failed: true, msg }
    }
    return { changed: false, ansible_facts: { packages } }
  },
})

const readers: Readonly<Record<Manager, (line: string) => Package | undefined>> = {
  apt(line) {
    const [status = '', name = '', version = '', arch, category] = line.split('\t')
    return /^.i/.test(status) ? { name, version, arch, category } : undefined
  },
  rpm(line) {
    const [name = '', version = '', release, epoch, arch] = line.split('\t')
    return { name, version, release, epoch: epoch === '(none)' ? null : Number(epoch), arch }
  },
  apk(line) {
    const [, name, version = '', release = ''] = /^(.+)-([^-]+)-([^-]+)$/.exec(line) ?? []
    return name === undefined ? undefined : { name, version, release }
  },
  pacman(line) {
    const [name = '', version = ''] = line.split(' ')
    return { name, version }
  },
}

function managerOf(name: string): Manager | undefined {
  return names.find(known => known === name.toLowerCase()) ?? otherNames[name.toLowerCase()]
}

function asked(manager: readonly string[]): readonly Manager[] {
  const wanted = manager.flatMap(name => (name.toLowerCase() === 'auto' ? [...names] : (managerOf(name) ?? [])))
  return [...new Set(wanted)]
}
