import { section, sections } from '../../shell/sections.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'

/** A package as asked for: `nginx`, `nginx=1.18*`, `python3-*`, `libc6:i386`. */
export interface Asked {
  readonly spec: string
  readonly name: string
  readonly version?: string
  readonly glob: boolean
}

/** What dpkg and apt know, as `lookPackages` asked them. */
export interface Seen {
  /** Installed (or only configured) packages by `name` and `name:arch`. */
  readonly installed: ReadonlyMap<string, { readonly version: string; readonly status: 'installed' | 'config' }>
  /** Installed version and candidate by name; undefined when nothing was asked. */
  readonly policy: ReadonlyMap<string, string | undefined>
  /** Names that installed packages stand in for. */
  readonly provided: ReadonlySet<string>
  /** Lines of the simulated run that would install or remove something. */
  readonly pending: readonly string[]
  readonly simulationError: string | undefined
  /** `Package`, `Version`, `Architecture` of a .deb file. */
  readonly deb: ReadonlyMap<string, string>
  /** Whether there is something to clean away. */
  readonly cached: boolean
  /** Seconds since 1970. */
  readonly listsTime: number
  readonly now: number
}

export function asked(spec: string): Asked {
  const at = spec.indexOf('=')
  const name = (at < 0 ? spec : spec.slice(0, at)).trim()
  const glob = /[*?[]/.test(name)
  return at < 0 ? { spec, name, glob } : { spec, name, version: spec.slice(at + 1).trim(), glob }
}

/** A script that asks dpkg, and apt only where dpkg does not know the answer. */
export function lookPackages(look: {
  readonly packages: readonly Asked[]
  readonly candidates: boolean
  readonly release: string | undefined
  readonly simulate: Script | undefined
  readonly deb: string | undefined
  readonly cache: 'clean' | 'autoclean' | undefined
}): Script {
  const names = look.packages.map(p => p.name)
  const release = look.release === undefined ? [] : ['-t', look.release]
  return lines(
    sh`export LC_ALL=C
command -v dpkg-query >/dev/null || { echo 'this host has no dpkg: apt works on Debian and its kin only' >&2; exit 127; }`,
    section('time'),
    sh`date +%s
# the folder of a new image may be young and empty: without a list in it nothing was ever fetched
set -- /var/lib/apt/lists/*_*; [ ! -e "$1" ] || stat -c %Y /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists 2>/dev/null
query() { dpkg-query -W -f '\${Package}\t\${Architecture}\t\${Version}\t\${db:Status-Abbrev}\n' -- "$@" 2>/dev/null; }`,
    names.length > 0 &&
      lines(
        section('installed'),
        sh`query ${names}; found=$?`,
        sh`if ${look.candidates ? sh`true` : sh`[ "$found" -ne 0 ] || query ${names} | grep -q -v '	[ih]i *$'`}; then`,
        section('policy'),
        sh`apt-cache ${release} policy -- ${names.filter((_, i) => look.packages[i]?.glob !== true)}`,
        section('provided'),
        sh`dpkg-query -W -f '\${db:Status-Abbrev}\t\${Provides}\n' | grep '^.i.	.'`,
        sh`fi`,
      ),
    look.deb !== undefined &&
      lines(
        section('deb'),
        sh`fields=$(dpkg-deb -f ${look.deb} Package Version Architecture) && echo "$fields"`,
        section('installed'),
        sh`query "$(printf '%s\n' "$fields" | sed -n 's/^Package: //p')"`,
      ),
    look.cache && lines(section('cached'), look.cache === 'clean' ? cached : sh`apt-get -s autoclean | grep '^Del '`),
    look.simulate && lines(section('simulated'), sh`${look.simulate} 2>&1; echo "status $?"`),
    sh`:`,
  )
}

const cached = sh`for file in /var/cache/apt/archives/*.deb; do [ ! -e "$file" ] || { echo "$file"; break; }; done`

export function readPackages(stdout: string): Seen {
  const parts = sections(stdout)
  const [now = 0, ...times] = (parts.get('time') ?? '').trim().split('\n').map(Number)
  const simulated = (parts.get('simulated') ?? '').split('\n')
  const failed = simulated.some(line => /^status [1-9]/.test(line))
  return {
    installed: readInstalled(parts.get('installed') ?? ''),
    policy: readPolicy(parts.get('policy') ?? ''),
    provided: new Set(
      (parts.get('provided') ?? '')
        .split('\n')
        .flatMap(line => (line.split('\t')[1] ?? '').split(',').map(name => name.trim().replace(/[ (:].*$/, ''))),
    ),
    pending: simulated.filter(line => /^(Inst|Remv|Purg) /.test(line)),
    simulationError: failed ? (simulated.find(line => line.startsWith('E: ')) ?? simulated.join('\n')) : undefined,
    deb: new Map(
      (parts.get('deb') ?? '')
        .split('\n')
        .map(line => [line.split(':')[0] ?? '', line.split(': ').slice(1).join(': ')]),
    ),
    cached: (parts.get('cached') ?? '') !== '',
    listsTime: Math.max(0, ...times.filter(t => t > 0)),
    now,
  }
}

function readInstalled(text: string): Seen['installed'] {
  const found = new Map<string, { version: string; status: 'installed' | 'config' }>()
  for (const line of text.split('\n')) {
    const [name, arch, version = '', abbrev = ''] = line.split('\t')
    const status = /^.i/.test(abbrev) ? 'installed' : /^.c/.test(abbrev) ? 'config' : undefined
    if (!name || status === undefined) continue
    found.set(`${name}:${arch}`, { version, status })
    // A package that is installed for any architecture counts, whatever another one's leftovers say.
    if (found.get(name)?.status !== 'installed') found.set(name, { version, status })
  }
  return found
}

function readPolicy(text: string): Seen['policy'] {
  const found = new Map<string, string | undefined>()
  let name: string | undefined
  for (const line of text.split('\n')) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name
    const candidate = /^ {2}Candidate: (.*)$/.exec(line)?.[1]
    if (name !== undefined && candidate !== undefined) found.set(name, candidate === '(none)' ? undefined : candidate)
  }
  return found
}
