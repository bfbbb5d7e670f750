import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { printFiles, readFiles, section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { aptEnvironment, updateLists, waitForPackages } from './parts/apt-wait.ts'
import { octal, permissions } from './parts/mode.ts'

const table = {
  repo: { type: 'str', required: true, doc: 'The line of a sources file (`deb [options] URL suite components`).' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the line is there.' },
  filename: {
    type: 'str',
    doc: 'Name of the file in `/etc/apt/sources.list.d`, without `.list`; made from the URL when not given.',
  },
  mode: { type: 'raw', doc: 'Permission bits of that file; `0644` when not given.' },
  update_cache: {
    type: 'bool',
    default: true,
    aliases: ['update-cache'],
    doc: 'Fetches the package lists after a change.',
  },
  update_cache_retries: { type: 'int', default: 5, doc: 'How often fetching the lists is tried.' },
  update_cache_retry_max_delay: { type: 'int', default: 12, doc: 'Longest pause between two tries, in seconds.' },
  codename: { type: 'str', doc: 'The release for a `ppa:`.' },
  validate_certs: {
    type: 'bool',
    default: true,
    doc: 'Checks certificates.',
    ignored: 'apt checks them by its own settings',
  },
  install_python_apt: { type: 'bool', default: true, doc: 'Installs python-apt.', ignored: 'no Python is needed' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const aptRepository = defineState({
  summary: 'Adds a source of packages for apt, or removes it.',
  args: table,
  examples: `
- name: Take Docker from its makers
  become: true
  apt_repository:
    repo: deb [arch=amd64] https://download.docker.com/linux/debian bookworm stable
    filename: docker
`,
  returnDocs: {
    repo: 'The line.',
    state: 'As asked for.',
    sources_added: 'Files that were made.',
    sources_removed: 'Files that were removed.',
  },
  check: ({ repo }) =>
    repo === undefined || repo.startsWith('ppa:') || /^deb(-src)?\s+(\[[^\]]*\]\s+)?\S+\s+\S+/.test(repo.trim())
      ? []
      : [
          `\`${repo}\` is no line of a sources file: it begins with \`deb\` or \`deb-src\`, then comes a URL, a suite and components`,
        ],
  look: () => lines(section('files'), printFiles('/etc/apt/sources.list', '/etc/apt/sources.list.d/*.list')),
  read({ stdout }, { repo }) {
    const files: Record<string, string> = {}
    for (const [path, text] of readFiles(sections(stdout).get('files') ?? '')) {
      if (text.split('\n').some(line => normal(line) === normal(repo))) files[path] = text
    }
    return Object.keys(files).length === 0 ? undefined : { files }
  },
  want({ repo, state }) {
    if (repo.startsWith('ppa:')) {
      throw new ModuleFailure(
        'a `ppa:` needs the key server of Launchpad, which is not asked yet; write its `deb` line and use apt_key',
      )
    }
    return state === 'absent' ? undefined : {}
  },
  change(args, { from, to }) {
    const { update_cache_retries: retries, update_cache_retry_max_delay: maxDelay } = args
    return {
      script: lines(
        sh`command -v apt-get >/dev/null || { echo 'this host has no apt-get: sources of apt work on Debian and its kin only' >&2; exit 127; }`,
        to === undefined ? remove(args.repo, from?.files ?? {}) : add(args),
        args.update_cache &&
          lines(
            aptEnvironment,
            waitForPackages(300),
            // A source that cannot be read would break every later step with apt.
            to !== undefined && sh`trap '[ $? -eq 0 ] || undo; rm -f -- "$old"' EXIT`,
            updateLists({ retries, maxDelay, lockTimeout: 300 }),
          ),
      ),
    }
  },
  returns: ({ repo, state, ...args }, { from, to, changed }) => ({
    repo,
    state,
    sources_added: changed && from === undefined ? [pathOf({ ...args, repo, state })] : [],
    sources_removed: changed && to === undefined ? Object.keys(from?.files ?? {}) : [],
  }),
})

/** A line with single blanks; comments are no sources. */
function normal(line: string): string {
  return line
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\s*#.*$/, '')
}

/** The file's name as Ansible makes it: the URL with everything but letters and digits as `_`. */
function pathOf({ repo, filename }: Pick<Args, 'repo' | 'filename' | 'state'>): string {
  const [address = ''] = repo
    .replace(/\[[^\]]+\]/, '')
    .replace(/\w+:\/\//, '')
    .split(/\s+/)
    .filter(word => word !== '' && word !== 'deb' && word !== 'deb-src')
  const bare = address.includes('@') ? address.slice(address.indexOf('@') + 1) : address
  const name =
    filename ??
    bare
      .split(/[^A-Za-z0-9]+/)
      .filter(part => part !== '')
      .join('_')
  if (name.startsWith('/')) return name
  return `/etc/apt/sources.list.d/${name.replace(/\.list$/, '')}.list`
}

function add(args: Args): Script {
  const path = pathOf(args)
  const base = { mode: 0o644, isDirectory: false, umask: 0o022 }
  const mode = args.mode === undefined ? '0644' : octal(permissions(args.mode, base))
  return sh`
folder=$(dirname -- ${path})
mkdir -p -- "$folder" || exit
old=$folder/.mlops-old new=$folder/.mlops-new
undo() { if [ -e "$old" ]; then mv -f -- "$old" ${path}; else rm -f -- ${path}; fi; }
rm -f -- "$old" "$new"
if [ -e ${path} ]; then cp -p -- ${path} "$old" && cat -- ${path} >"$new" || exit; fi
printf '%s\n' ${args.repo.trim()} >>"$new" && chmod ${mode} -- "$new" && mv -f -- "$new" ${path} || exit
trap 'rm -f -- "$old"' EXIT`
}

/** Takes the line out; a file of sources.list.d with nothing left goes too. */
function remove(repo: string, files: Readonly<Record<string, string>>): Script {
  return lines(
    ...Object.entries(files).map(([path, text]) => {
      const left = text.split('\n').filter(line => normal(line) !== normal(repo))
      if (path !== '/etc/apt/sources.list' && left.every(line => line.trim() === ''))
        return sh`rm -f -- ${path} || exit`
      return sh`printf '%s\n' ${left} >${`${path}.mlops`} && chmod 644 -- ${`${path}.mlops`} && mv -f -- ${`${path}.mlops`} ${path} || exit`
    }),
  )
}
