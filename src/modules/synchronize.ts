import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, quote, type Script, script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, type Inputs, type Line, ModuleFailure, type Result } from './module.ts'

const ofArchive = 'As `archive`, when not given.'

const table = {
  src: { type: 'str', required: true, doc: 'What is copied; with a `/` at its end, what is in the folder.' },
  dest: { type: 'str', required: true, doc: 'Where to.' },
  mode: {
    type: 'str',
    choices: ['push', 'pull'],
    default: 'push',
    doc: 'To the host, or from the host.',
  },
  dest_port: { type: 'int', doc: 'Port of sshd on the host; that of the connection when not given.' },
  archive: { type: 'bool', default: true, doc: 'Copies folders whole, with links, modes, times and owners.' },
  checksum: { type: 'bool', default: false, doc: 'Compares content, not size and time.' },
  compress: { type: 'bool', default: true, doc: 'Packs what is sent.' },
  existing_only: { type: 'bool', default: false, doc: 'Makes no new files.' },
  delete: { type: 'bool', default: false, doc: 'Removes in `dest` what is not in `src`.' },
  dirs: { type: 'bool', default: false, doc: 'Copies folders without what is in them.' },
  recursive: { type: 'bool', doc: `Goes into folders. ${ofArchive}` },
  links: { type: 'bool', doc: `Copies links as links. ${ofArchive}` },
  copy_links: { type: 'bool', default: false, doc: 'Copies what links point to.' },
  perms: { type: 'bool', doc: `Keeps modes. ${ofArchive}` },
  times: { type: 'bool', doc: `Keeps times. ${ofArchive}` },
  owner: { type: 'bool', doc: `Keeps owners. ${ofArchive}` },
  group: { type: 'bool', doc: `Keeps groups. ${ofArchive}` },
  rsync_path: { type: 'str', doc: 'The rsync of the other side; with `become`, through sudo or doas.' },
  rsync_timeout: { type: 'int', default: 0, doc: 'Seconds without data after which it ends; 0 for none.' },
  set_remote_user: { type: 'bool', default: true, doc: 'Logs in as the user of the connection.' },
  use_ssh_args: {
    type: 'bool',
    default: false,
    doc: 'Takes the connection’s ssh arguments.',
    ignored: 'they always count',
  },
  ssh_connection_multiplexing: {
    type: 'bool',
    default: false,
    doc: 'Lets ssh share a connection of its own.',
  },
  rsync_opts: { type: 'list', elements: 'str', default: [], doc: 'Further options of rsync, one an item.' },
  partial: { type: 'bool', default: false, doc: 'Keeps what was sent in part.' },
  verify_host: {
    type: 'bool',
    default: false,
    doc: 'Checks the host’s key also where the connection does not: where it does, it is checked here, too.',
  },
  private_key: { type: 'path', doc: 'The key to log in with; that of the connection when not given.' },
  link_dest: { type: 'list', elements: 'str', doc: 'Folders at the destination whose equal files become hard links.' },
  delay_updates: { type: 'bool', default: true, doc: 'Puts changed files in place at the end, all at once.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const synchronize = defineAction({
  summary: 'Copies trees of files with rsync, from the controller or from another host.',
  details:
    'rsync runs on the controller, or on the host that the task is delegated to, and logs in to the task’s host with the key, port, user and known hosts of the connection, or goes through `docker exec`. Both sides need `rsync`. `become` counts on the task’s host.',
  args: table,
  check: ({ src, dest }) =>
    src?.startsWith('rsync://') && dest?.startsWith('rsync://') ? ['either src or dest must be a localhost'] : [],
  examples: `
- name: Bring the site to the host
  ansible.posix.synchronize:
    src: site/
    dest: /srv/site
    delete: true
    rsync_opts: ["--exclude=.git", "--chmod=F644"]
- synchronize: { mode: pull, src: /var/log/app/, dest: /srv/logs, recursive: true }
- name: From one host to another
  synchronize:
    src: /srv/data/
    dest: /srv/data
  delegate_to: files.example.org
`,
  returnDocs: {
    cmd: 'What was run.',
    rc: 'Its exit status.',
    msg: 'What rsync says of each file that changed.',
    stdout_lines: 'The same as a list of lines.',
  },
  between: true,
  runsInCheckMode: true,
  act(args, inputs) {
    const words = commandWords(args, inputs)
    return {
      script: lines(
        sh`command -v rsync >/dev/null 2>&1 || { echo ${`rsync is not on ${where(inputs)}`} >&2; exit 127; }`,
        remoteShell(args, lineOf(inputs)),
        section('out'),
        sh`rsync ${words}`,
      ),
    }
  },
  read({ status, stdout, stderr }, args, inputs): Result {
    const cmd = ['rsync', ...commandWords(args, inputs)]
      .map(word => (typeof word === 'string' ? quote(word) : word.text))
      .join(' ')
    if (status !== 0) {
      const missing = /rsync: (command )?not found|rsync: No such file|executable file not found/.test(stderr)
      const msg = missing ? `rsync is not on ${inputs.host.name}: ${stderr.trim()}` : stderr.trim()
      return { failed: true, changed: false, rc: status, cmd, msg: msg || `rsync ended with ${status}` }
    }
    const out = sections(stdout).get('out') ?? ''
    const changed = args.link_dest ? out.includes(MARK) && !out.includes(`${MARK}.`) : out.includes(MARK)
    const msg = out.replaceAll(MARK, '')
    return {
      changed,
      rc: 0,
      cmd,
      msg,
      stdout_lines: msg.split('\n').filter(line => line !== ''),
      ...(inputs.diffMode && changed ? { diff: { before: '', after: msg } } : {}),
    }
  },
})

/** Stands before each line of rsync's that tells of a change. */
const MARK = '<<CHANGED>>'

function lineOf({ line, host }: Inputs): Line {
  if (line) return line
  // without an engine both sides are this host
  return {
    ...host,
    type: 'same',
    fromController: false,
    knownHostsFiles: [],
    sshArgs: [],
    hostKeyChecking: true,
    local: path => path,
  }
}

function where(inputs: Inputs): string {
  return lineOf(inputs).fromController ? 'the controller' : inputs.host.name
}

function commandWords(args: Args, inputs: Inputs): (string | Script)[] {
  const line = lineOf(inputs)
  const options = [
    ...(args.delay_updates ? ['--delay-updates', '-F'] : []),
    ...(args.compress ? ['--compress'] : []),
    ...(args.rsync_timeout > 0 ? [`--timeout=${args.rsync_timeout}`] : []),
    ...(inputs.checkMode ? ['--dry-run'] : []),
    ...(args.delete ? ['--delete-after'] : []),
    ...(args.existing_only ? ['--existing'] : []),
    ...(args.checksum ? ['--checksum'] : []),
    ...(args.copy_links ? ['--copy-links'] : []),
    ...(args.archive ? ['--archive'] : []),
    ...parts.flatMap(part =>
      args[part] === undefined || args[part] === args.archive ? [] : [`--${args[part] ? '' : 'no-'}${part}`],
    ),
    ...(args.dirs ? ['--dirs'] : []),
    // no shell takes away there what rsync quotes
    ...(line.type === 'docker' ? ['--blocking-io', '--secluded-args'] : []),
  ]
  const far = line.type !== 'same' && !args.rsync_opts.some(option => option.includes('--rsh'))
  const rsyncPath = args.rsync_path ?? becoming(line)
  return [
    ...options,
    ...(far ? [sh`--rsh="$d/rsh"`] : []),
    ...(rsyncPath === undefined ? [] : [`--rsync-path=${rsyncPath}`]),
    ...args.rsync_opts,
    ...(args.partial ? ['--partial'] : []),
    ...(args.link_dest ? ['-H', '-vv', ...args.link_dest.map(each => `--link-dest=${each}`)] : []),
    `--out-format=${MARK}%i %n%L`,
    '--',
    ...(args.mode === 'pull'
      ? [remotePath(args, line, args.src), localWord(line, args.dest)]
      : [localWord(line, args.src), remotePath(args, line, args.dest)]),
  ]
}

const parts = ['recursive', 'links', 'perms', 'times', 'owner', 'group'] as const

function localWord(line: Line, path: string): string | Script {
  const found = line.local(path)
  return found.startsWith('~') ? pathWord(found) : found
}

function remotePath({ set_remote_user }: Args, line: Line, path: string): string | Script {
  if (line.type === 'same') return localWord(line, path)
  if (path.startsWith('rsync://')) return path
  const user = set_remote_user && line.type === 'ssh' && line.user !== undefined ? `${line.user}@` : ''
  return line.address.includes(':') ? `[${user}${line.address}]:${path}` : `${user}${line.address}:${path}`
}

/** In a container, docker itself becomes the user. */
function becoming({ type, become }: Line): string | undefined {
  if (become === undefined || type !== 'ssh') return undefined
  if (become.method === 'su')
    throw new ModuleFailure('synchronize cannot use su: give `rsync_path`, or use sudo or doas')
  return `${become.method} -u ${quote(become.user)} rsync`
}

/** Defines `$d/rsh`, which rsync reaches the other side with: rsync splits the text of `--rsh` by rules of its own, a file's path it takes as it is. */
function remoteShell(args: Args, line: Line): Script | undefined {
  if (line.type === 'same') return undefined
  const program = line.type === 'docker' ? dockerWords(line) : sshWords(args, line)
  return lines(
    sh`d=$(mktemp -d) || exit
trap 'rm -rf -- "$d"' EXIT
printf '#!/bin/sh\nexec %s "$@"\n' ${script(quote(program.map(quote).join(' ')))} >"$d/rsh" && chmod 700 "$d/rsh" || exit`,
    // ssh asks a program for the password, which stands in the environment, not on a command line
    line.password !== undefined &&
      line.type === 'ssh' &&
      sh`printf '%s\n' '#!/bin/sh' 'printf "%s\n" "$MLOPS_PASSWORD"' >"$d/ask" && chmod 700 "$d/ask" || exit
export MLOPS_PASSWORD=${line.password} SSH_ASKPASS="$d/ask" SSH_ASKPASS_REQUIRE=force DISPLAY=:0`,
  )
}

function dockerWords({ become, user }: Line): string[] {
  const as = become?.user ?? user
  return ['docker', 'exec', '-i', ...(as === undefined ? [] : ['-u', as])]
}

function sshWords(args: Args, line: Line): string[] {
  const key = args.private_key ?? (line.fromController ? line.privateKeyFile : undefined)
  const port = args.dest_port ?? line.port
  const checks = args.verify_host || (line.fromController && line.hostKeyChecking)
  const pinned = line.fromController ? line.knownHostsFiles.map(file => `"${file}"`).join(' ') : ''
  return [
    'ssh',
    ...(args.ssh_connection_multiplexing ? [] : ['-S', 'none']),
    ...(key === undefined ? [] : ['-i', key]),
    ...(port === undefined ? [] : ['-o', `Port=${port}`]),
    // ssh reads these beside the user's own, which may be named by the arguments that follow
    ...(pinned === '' || !checks ? [] : ['-o', `GlobalKnownHostsFile=${pinned}`]),
    ...(checks
      ? ['-o', 'StrictHostKeyChecking=yes']
      : ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']),
    ...(line.fromController ? line.sshArgs : []),
    ...(line.password === undefined ? ['-o', 'BatchMode=yes'] : []),
  ]
}
