import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { download } from './parts/download.ts'
import { octal, permissions } from './parts/mode.ts'

/** Fields that are written as they are given. */
const fields = {
  allow_downgrade_to_insecure: { type: 'bool', doc: 'Goes on when a signed repository is signed no more.' },
  allow_insecure: { type: 'bool', doc: 'Takes a repository without signature.' },
  allow_weak: { type: 'bool', doc: 'Takes weak signatures.' },
  architectures: { type: 'list', elements: 'str', doc: 'Architectures.' },
  by_hash: { type: 'bool', doc: 'Fetches lists by their digest.' },
  check_date: { type: 'bool', doc: 'Whether the date of lists must be in order.' },
  check_valid_until: { type: 'bool', doc: 'Whether old lists are refused.' },
  components: { type: 'list', elements: 'str', doc: 'Components, such as `main`.' },
  date_max_future: { type: 'int', doc: 'Seconds that lists may come from the future.' },
  enabled: { type: 'bool', doc: 'Whether it is used.' },
  inrelease_path: { type: 'str', doc: 'Another path of the signed list.' },
  languages: { type: 'list', elements: 'str', doc: 'Languages of descriptions.' },
  pdiffs: { type: 'bool', doc: 'Fetches differences of lists.' },
  suites: { type: 'list', elements: 'str', doc: 'Suites, such as `bookworm`, or a path with a slash at its end.' },
  targets: { type: 'list', elements: 'str', doc: 'Which lists are fetched.' },
  trusted: { type: 'bool', doc: 'Whether it is trusted without a signature.' },
  types: {
    type: 'list',
    elements: 'str',
    choices: ['deb', 'deb-src'],
    default: ['deb'],
    doc: 'Packages, sources, or both.',
  },
  uris: { type: 'list', elements: 'str', doc: 'Its addresses.' },
} as const satisfies ArgTable

const table = {
  name: { type: 'str', required: true, doc: 'The name, of which the file’s name is made.' },
  signed_by: {
    type: 'str',
    doc: 'The key: an address, which is fetched once into `/etc/apt/keyrings`; a path or a fingerprint; or the key itself.',
  },
  mode: { type: 'raw', default: '0644', doc: 'Permission bits of the file.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether it is there.' },
  ...fields,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Source = { readonly text?: string; readonly mode?: string; readonly key?: string }

const keyrings = '/etc/apt/keyrings'

export const deb822Repository = defineState({
  summary: 'Names a repository of Debian packages, in a file of its own with its key.',
  args: table,
  check: ({ name }) => (name !== undefined && slug(name) === '' ? ['`name` holds letters or digits'] : []),
  examples: `
- deb822_repository:
    name: docker
    types: deb
    uris: https://download.docker.com/linux/debian
    suites: "{{ ansible_distribution_release }}"
    components: stable
    architectures: amd64
    signed_by: https://download.docker.com/linux/debian/gpg
- deb822_repository: { name: old, state: absent }
`,
  returnDocs: {
    repo: 'The text of the file.',
    dest: 'The file.',
    key_filename: 'The file of the key, when it was fetched.',
  },
  look: ({ name }) =>
    lines(
      sh`f=${fileOf(name)}`,
      section('mode'),
      sh`[ ! -e "$f" ] || stat -L -c %a -- "$f" || exit`,
      section('text'),
      sh`[ ! -e "$f" ] || cat -- "$f" || exit`,
      section('key'),
      sh`for k in ${`${keyrings}/${slug(name)}.asc`} ${`${keyrings}/${slug(name)}.gpg`}; do [ ! -s "$k" ] || { printf %s "$k"; break; }; done`,
    ),
  read({ status, stdout, stderr }): Source | undefined {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `exit status ${status}`)
    const parts = sections(stdout)
    const mode = (parts.get('mode') ?? '').trim()
    const key = parts.get('key') ?? ''
    if (mode === '' && key === '') return undefined
    return { ...(mode === '' ? {} : { mode: mode.padStart(4, '0'), text: parts.get('text') ?? '' }), key }
  },
  want(args, from): Source | undefined {
    if (args.state === 'absent') return undefined
    const base = { mode: 0o644, isDirectory: false, umask: 0o022 }
    return {
      text: textOf(args, from?.key),
      mode: octal(permissions(args.mode, base)),
      ...(isAddress(args.signed_by) ? { key: from?.key || `${keyrings}/${slug(args.name)}` } : {}),
    }
  },
  same: {
    // Of which kind a key is shows when it has come
    key: (is, want) => is === want || is === `${want}.asc` || is === `${want}.gpg`,
    text: (is, want) => is === want || is?.replace(/^(Signed-By: .*)\.(asc|gpg)$/m, '$1') === want,
  },
  change(args, { from, to }) {
    const file = fileOf(args.name)
    if (to === undefined) {
      return {
        script: sh`rm -f -- ${file} ${[`${keyrings}/${slug(args.name)}.asc`, `${keyrings}/${slug(args.name)}.gpg`]}`,
      }
    }
    const fetches = isAddress(args.signed_by) && !from?.key
    const text = to.text ?? ''
    const bare = `${keyrings}/${slug(args.name)}`
    const [before = '', after = ''] = fetches ? text.split(/(?<=^Signed-By: .*)$/m) : [text]
    return {
      script: lines(
        sh`umask 022; k=; t=${`/etc/apt/sources.list.d/.${slug(args.name)}.mlops`}; trap 'rm -f -- "$t" "$k"' EXIT`,
        fetches && sh`mkdir -p -- ${keyrings} || exit; k=${`${keyrings}/.${slug(args.name)}.mlops`}`,
        fetches && download({ url: args.signed_by ?? '', timeout: 30, validateCerts: true }, sh`"$k"`),
        fetches &&
          sh`
if grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' "$k"; then ext=asc; else ext=gpg; fi
chmod 644 "$k" && mv -f -- "$k" ${bare}.$ext || exit`,
        sh`mkdir -p /etc/apt/sources.list.d && printf '%s%s%s' ${before} ${fetches ? sh`".$ext"` : ''} ${after} >"$t" && chmod ${to.mode ?? '0644'} -- "$t" && mv -f -- "$t" ${file}`,
      ),
    }
  },
  diff: (args, { from, to }) => ({
    before_header: fileOf(args.name),
    after_header: fileOf(args.name),
    before: from?.text ?? '',
    after: to?.text ?? '',
  }),
  returns: (args, { to, changed }) => ({
    changed,
    repo: to?.text ?? '',
    dest: fileOf(args.name),
    key_filename: isAddress(args.signed_by) ? (to?.key ?? null) : null,
  }),
})

/** As Ansible makes names of files. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_\s]+/g, '-')
    .replace(/[^a-z0-9-]+/g, '')
}

function fileOf(name: string): string {
  return `/etc/apt/sources.list.d/${slug(name)}.sources`
}

function isAddress(signedBy: string | undefined): boolean {
  return signedBy !== undefined && /^[a-z]+:\/\//.test(signedBy)
}

/** The stanza, its fields sorted by their arguments' names. `key`: the file that a fetched key is in. */
function textOf(args: Args, key: string | undefined): string {
  const rows: [string, string][] = [['name', `X-Repolib-Name: ${oneLine(args.name)}`]]
  for (const name of Object.keys(fields)) {
    const value: unknown = Reflect.get(args, name)
    if (value === undefined) continue
    const text = Array.isArray(value)
      ? value.join(' ')
      : typeof value === 'boolean'
        ? value
          ? 'yes'
          : 'no'
        : String(value)
    rows.push([name, `${fieldName(name)}: ${oneLine(text)}`])
  }
  if (args.signed_by !== undefined) {
    const signedBy = isAddress(args.signed_by) ? key || `${keyrings}/${slug(args.name)}` : manyLines(args.signed_by)
    rows.push(['signed_by', `Signed-By: ${signedBy}`])
  }
  return `${rows
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row)
    .join('\n')}\n`
}

function fieldName(name: string): string {
  if (name === 'uris') return 'URIs'
  return name
    .split('_')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-')
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}

/** A key in the file itself: each line indented, empty ones as dots. */
function manyLines(text: string): string {
  if (!text.includes('\n')) return text
  return `\n${text
    .trim()
    .split('\n')
    .map(line => (line.trim() === '' ? ' .' : ` ${line.trim()}`))
    .join('\n')}`
}
