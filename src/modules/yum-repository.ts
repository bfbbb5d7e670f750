import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { type Script, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { attributeArgs } from './parts/attributes.ts'
import { changeEdited, diffEdited, type Edit, openText, wantEdited } from './parts/edited-file.ts'
import { absentFile, type FileState, lookAtFile, readFile } from './parts/file-look.ts'

/** Options of a repository that are written as they are given, beside `name` and `baseurl`. */
const options = {
  async: { type: 'bool', doc: 'Fetches in parallel.' },
  bandwidth: { type: 'str', doc: 'The most bytes a second.' },
  cost: { type: 'str', doc: 'The weight beside other repositories.' },
  countme: { type: 'bool', doc: 'Takes part in counting.' },
  deltarpm_metadata_percentage: { type: 'str', doc: 'When differences of package lists are fetched.' },
  deltarpm_percentage: { type: 'str', doc: 'When differences are fetched in place of packages.' },
  enabled: { type: 'bool', doc: 'Whether it is used.' },
  enablegroups: { type: 'bool', doc: 'Whether its groups are used.' },
  exclude: { type: 'list', elements: 'str', aliases: ['excludepkgs'], doc: 'Packages that are not taken from it.' },
  failovermethod: { type: 'str', choices: ['roundrobin', 'priority'], doc: 'Which address is tried next.' },
  gpgcakey: { type: 'str', doc: 'Address of the key that signs keys.' },
  gpgcheck: { type: 'bool', doc: 'Whether packages must be signed.' },
  gpgkey: { type: 'list', elements: 'str', doc: 'Addresses of the keys.' },
  http_caching: { type: 'str', choices: ['all', 'packages', 'none'], doc: 'What caches may keep.' },
  include: { type: 'str', doc: 'A further configuration file.' },
  includepkgs: { type: 'list', elements: 'str', doc: 'Packages that alone are taken from it.' },
  ip_resolve: { type: 'str', choices: ['4', '6', 'IPv4', 'IPv6', 'whatever'], doc: 'Which protocol is used.' },
  keepalive: { type: 'bool', doc: 'Keeps connections open.' },
  keepcache: { type: 'str', choices: ['0', '1'], doc: 'Keeps packages.' },
  metadata_expire: { type: 'str', doc: 'Seconds until the lists are old.' },
  metadata_expire_filter: { type: 'str', doc: 'Commands for which lists may be old.' },
  metalink: { type: 'str', doc: 'Address of a metalink.' },
  mirrorlist: { type: 'str', doc: 'Address of a list of mirrors.' },
  mirrorlist_expire: { type: 'str', doc: 'Seconds until that list is old.' },
  module_hotfixes: { type: 'bool', doc: 'Its packages come before those of modules.' },
  password: { type: 'str', secret: true, doc: 'The password for basic authentication.' },
  priority: { type: 'str', doc: 'Lower comes first.' },
  protect: { type: 'bool', doc: 'Protects its packages from others.' },
  proxy: { type: 'str', doc: 'Address of a proxy.' },
  proxy_password: { type: 'str', secret: true, doc: 'The password for it.' },
  proxy_username: { type: 'str', doc: 'The user for it.' },
  repo_gpgcheck: { type: 'bool', doc: 'Whether the lists must be signed.' },
  retries: { type: 'str', doc: 'How often is tried.' },
  s3_enabled: { type: 'bool', doc: 'Speaks to S3.' },
  skip_if_unavailable: { type: 'bool', doc: 'Goes on when it cannot be reached.' },
  ssl_check_cert_permissions: { type: 'bool', doc: 'Checks the modes of certificates.' },
  sslcacert: { type: 'str', aliases: ['ca_cert'], doc: 'Authorities of certificates.' },
  sslclientcert: { type: 'str', aliases: ['client_cert'], doc: 'Own certificate.' },
  sslclientkey: { type: 'str', aliases: ['client_key'], doc: 'Key of it.' },
  sslverify: { type: 'bool', aliases: ['validate_certs'], doc: 'Whether certificates must be valid.' },
  throttle: { type: 'str', doc: 'The most bytes a second.' },
  timeout: { type: 'str', doc: 'Seconds to wait.' },
  ui_repoid_vars: { type: 'str', doc: 'Variables that stand in the shown name.' },
  username: { type: 'str', doc: 'The user for basic authentication.' },
} as const satisfies ArgTable

const table = {
  name: { type: 'str', required: true, doc: 'The identifier of the repository.' },
  description: { type: 'str', doc: 'Its name for people.' },
  baseurl: { type: 'list', elements: 'str', doc: 'Its addresses.' },
  file: { type: 'str', doc: 'The file without `.repo`; the identifier by default.' },
  reposdir: { type: 'path', default: '/etc/yum.repos.d', doc: 'The folder of the file.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether it is there.' },
  ...options,
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const yumRepository = defineState({
  summary: 'Names a repository of packages for dnf and yum.',
  args: table,
  check: ({ state, description, baseurl, metalink, mirrorlist, name }) => [
    ...(state === 'present' && description === undefined ? ["Parameter 'description' is required."] : []),
    ...(state === 'present' && baseurl === undefined && metalink === undefined && mirrorlist === undefined
      ? ["Parameter 'baseurl', 'metalink' or 'mirrorlist' is required."]
      : []),
    ...(name !== undefined && /[\]\n/]/.test(name) ? ['`name` holds no `]`, no `/` and no line break'] : []),
  ],
  examples: `
- yum_repository:
    name: docker-ce
    description: Docker CE
    baseurl: https://download.docker.com/linux/centos/$releasever/$basearch/stable
    gpgcheck: yes
    gpgkey: https://download.docker.com/linux/centos/gpg
- yum_repository: { name: old, state: absent }
`,
  returnDocs: { repo: 'The identifier.', state: 'Whether it is there.' },
  look: args => lookAtFile(pathOf(args), { follow: true, content: true }),
  read: output => readFile(output, { follow: true, content: true }),
  want(args, state): Partial<FileState> {
    const done = edit(args, state)
    if (done.text === '') return { kind: 'absent' }
    return wantEdited(filed(args), state ?? absentFile, done)
  },
  change(args, { from = absentFile, to = {} }) {
    if (to.kind === 'absent') return { script: removal(from.path) }
    return changeEdited(filed(args), from, to, edit(args, from))
  },
  diff: (args, { from, to }) => diffEdited(from ?? absentFile, to ?? {}, edit(args, from)),
  returns: ({ name, state }, { changed }) => ({ changed, repo: name, state }),
})

function removal(path: string): Script {
  return sh`rm -f -- ${path}`
}

function pathOf({ reposdir, file, name }: Args): string {
  return `${reposdir}/${file ?? name}.repo`
}

function filed(args: Args) {
  const { mode, owner, group } = args
  return { path: pathOf(args), mode, owner, group, backup: false, unsafe_writes: args.unsafe_writes }
}

/** The file with the repository's section as it shall be, options sorted by name as Ansible writes them. */
function edit(args: Args, from: FileState = absentFile): Edit {
  const { text = '', own } = openText(from)
  const parts = text === '' ? [] : text.split(/(?=^\[)/m)
  const is = (part: string) => part.startsWith(`[${args.name}]`)
  const section = args.state === 'present' ? own(sectionText(args)) : ''
  const there = parts.find(is)
  if (there !== undefined && same(there, section)) return { text, msg: '' }
  const kept =
    there === undefined ? [...parts, section] : parts.flatMap(part => (is(part) ? (section ? [section] : []) : [part]))
  const left = kept.map(part => part.trim()).filter(Boolean)
  return { text: left.length === 0 ? '' : `${left.join('\n\n')}\n\n`, msg: '' }
}

function same(a: string, b: string): boolean {
  const plain = (text: string) =>
    text
      .split('\n')
      .map(line => line.trim().replace(/\s*=\s*/, ' = '))
      .filter(line => line !== '')
      .sort()
      .join('\n')
  return plain(a) === plain(b)
}

function sectionText(args: Args): string {
  const values: Record<string, string> = { name: args.description ?? '' }
  for (const key of ['baseurl', ...Object.keys(options)]) {
    const value: unknown = Reflect.get(args, key)
    if (value === undefined) continue
    if (Array.isArray(value)) values[key] = value.join(key.endsWith('pkgs') || key === 'exclude' ? ' ' : '\n  ')
    else values[key] = typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
  }
  const rows = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
  return `[${args.name}]\n${rows.map(([key, value]) => `${key} = ${value}\n`).join('')}`
}
