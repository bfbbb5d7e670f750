import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  repo: {
    type: 'str',
    required: true,
    aliases: ['name'],
    doc: 'The address of the repository, or its path on the host.',
  },
  dest: { type: 'path', required: true, doc: 'The folder of the working copy.' },
  version: { type: 'str', default: 'HEAD', doc: 'A branch, a tag, or a commit; `HEAD` is the default branch.' },
  remote: { type: 'str', default: 'origin', doc: 'The name of the remote.' },
  clone: { type: 'bool', default: true, doc: 'Whether it is cloned when it is not there.' },
  update: { type: 'bool', default: true, doc: 'Whether a working copy that is there is brought to `version`.' },
  force: { type: 'bool', default: false, doc: 'Throws local modifications away; without it they are a failure.' },
  depth: { type: 'int', doc: 'How many commits of history come along.' },
  bare: { type: 'bool', default: false, doc: 'A repository without a working copy.' },
  single_branch: { type: 'bool', default: false, doc: 'Only the branch of `version` is cloned.' },
  recursive: { type: 'bool', default: true, doc: 'Submodules too.' },
  refspec: { type: 'str', doc: 'A further refspec to fetch.' },
  reference: { type: 'path', doc: 'A repository on the host to borrow objects from.' },
  key_file: { type: 'path', doc: 'A private key on the host for SSH.' },
  ssh_opts: { type: 'str', doc: 'Options for ssh.' },
  accept_hostkey: { type: 'bool', default: false, doc: 'Trusts the key of a server that is not known yet.' },
  accept_newhostkey: { type: 'bool', default: false, doc: 'The same.' },
  executable: { type: 'path', doc: 'The path of git.' },
  umask: { type: 'raw', doc: 'The umask while files are made, in octal.' },
  track_submodules: {
    type: 'bool',
    default: false,
    doc: 'Submodules at the tip of their branch.',
    unsupported: 'submodules stay at the commit that the repository names',
  },
  separate_git_dir: {
    type: 'path',
    doc: 'Folder for `.git`.',
    unsupported: 'the repository stays in its working copy',
  },
  archive: { type: 'path', doc: 'Makes an archive.', unsupported: 'use `command: git archive`' },
  archive_prefix: { type: 'str', doc: 'Prefix of an archive.', unsupported: 'use `command: git archive`' },
  verify_commit: {
    type: 'bool',
    default: false,
    doc: 'Checks signatures.',
    unsupported: 'signatures are not checked yet',
  },
  gpg_whitelist: {
    type: 'list',
    elements: 'str',
    aliases: ['gpg_allowlist'],
    doc: 'Keys that may sign.',
    unsupported: 'signatures are not checked yet',
  },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type WorkingCopy = {
  readonly commit?: string | undefined
  readonly url?: string | undefined
  readonly clean?: boolean
  /** The commit that `version` means at the remote, and the branch, if it is one. */
  readonly remoteCommit?: string | undefined
  readonly branch?: string | undefined
}

export const git = defineState({
  summary: 'Clones a repository, or brings a working copy to a version.',
  args: table,
  examples: `
- name: Fetch the code
  ansible.builtin.git:
    repo: https://github.com/example/model_serving.git
    dest: /srv/model_serving
    version: main
`,
  returnDocs: {
    before: 'The commit before.',
    after: 'The commit now.',
    remote_url_changed: 'Whether the address of the remote was changed.',
  },
  check: ({ version, depth, remote }) => [
    ...(version?.startsWith('-') || remote?.startsWith('-')
      ? ['names of versions and remotes do not begin with a hyphen']
      : []),
    ...(depth !== undefined && depth < 1 ? ['`depth` is 1 or more'] : []),
  ],
  look: args =>
    lines(
      prelude(args),
      section('copy'),
      sh`
if [ -e ${pathWord(args.dest)} ] && ! [ -d ${pathWord(args.dest)} ]; then echo ${args.dest}' is in the way: it is no folder' >&2; exit 1; fi
if [ -e ${pathWord(gitDir(args))} ]; then
  echo found
  git -C ${pathWord(args.dest)} rev-parse --verify -q HEAD || echo
  git -C ${pathWord(args.dest)} config --get ${`remote.${args.remote}.url`} || echo`,
      section('changes'),
      args.bare ? undefined : sh`git -C ${pathWord(args.dest)} status --porcelain --untracked-files=no || exit`,
      sh`fi`,
      section('remote'),
      sh`
if ! [ -e ${pathWord(gitDir(args))} ] || ${args.update ? sh`true` : sh`false`}; then
  git ls-remote --symref -- ${address(args)} || exit
fi`,
    ),
  read({ status, stdout, stderr }, args): WorkingCopy | undefined {
    if (status !== 0) {
      throw new ModuleFailure(stderr.trim() || `${args.repo} cannot be read`, { rc: status, stderr })
    }
    const parts = sections(stdout)
    const [found, commit, url] = (parts.get('copy') ?? '').split('\n')
    const remote = resolve(args.version, parts.get('remote') ?? '')
    if (found !== 'found') return { ...remote, commit: undefined }
    return {
      commit: commit || undefined,
      url: url || undefined,
      clean: (parts.get('changes') ?? '').trim() === '',
      ...remote,
    }
  },
  want(args, state): Partial<WorkingCopy> | undefined {
    const absent = state?.url === undefined && state?.commit === undefined && state?.clean === undefined
    if (absent ? !args.clone : !args.update) return {}
    if (!absent && state?.clean === false && !args.force) {
      throw new ModuleFailure(`Local modifications exist in the destination: ${args.dest} (force=no).`, {
        before: state.commit,
      })
    }
    if (state?.remoteCommit === undefined) {
      throw new ModuleFailure(`Could not find the branch, tag or commit ${args.version} in ${args.repo}`)
    }
    return { commit: state.remoteCommit, url: address(args), clean: true }
  },
  same: {
    // A commit may be written short.
    commit: (is, want) => is !== undefined && want !== undefined && is.startsWith(want),
  },
  change(args, { from }) {
    const absent = from?.clean === undefined
    return {
      script: lines(
        prelude(args),
        umask(args),
        absent ? cloneScript(args, from?.branch) : fetchScript(args, from),
        checkout(args, from),
      ),
    }
  },
  diff: (_args, { from, to }) => ({ before: `${from?.commit ?? 'absent'}\n`, after: `${to?.commit ?? 'absent'}\n` }),
  returns: (_args, { from, to }) => ({
    before: from?.commit ?? null,
    after: to?.commit ?? from?.remoteCommit ?? null,
    remote_url_changed: from?.url !== undefined && to?.url !== undefined && from.url !== to.url,
  }),
})

/** A path is written as Ansible writes it, so that both tools agree on a working copy; git takes `depth` of such an address only. */
function address({ repo }: Args): string {
  return repo.startsWith('/') ? `file://${repo}` : repo
}

/** What `version` means in the answer of `git ls-remote --symref`. */
function resolve(version: string, text: string): { remoteCommit?: string; branch?: string } {
  const refs = new Map<string, string>()
  let head: string | undefined
  for (const line of text.split('\n')) {
    const [commit = '', name] = line.split('\t')
    const symref = /^ref: refs\/heads\/(.*)$/.exec(commit)?.[1]
    if (name === 'HEAD' && symref !== undefined) head = symref
    else if (name !== undefined) refs.set(name, commit)
  }
  const branch = version === 'HEAD' ? head : version.replace(/^refs\/heads\//, '')
  const tip = branch === undefined ? undefined : refs.get(`refs/heads/${branch}`)
  if (tip !== undefined && branch !== undefined) return { remoteCommit: tip, branch }
  const tag = version.replace(/^refs\/tags\//, '')
  const commit = refs.get(`refs/tags/${tag}^{}`) ?? refs.get(`refs/tags/${tag}`) ?? refs.get(version)
  if (commit !== undefined) return { remoteCommit: commit }
  return /^[0-9a-f]{7,40}$/.test(version) ? { remoteCommit: version } : {}
}

/** Nothing is asked on a terminal; ssh gets its options by the environment. */
function prelude(args: Args): Script {
  const options = [
    'ssh',
    '-o',
    'BatchMode=yes',
    ...(args.accept_hostkey || args.accept_newhostkey ? ['-o', 'StrictHostKeyChecking=accept-new'] : []),
    ...(args.key_file === undefined ? [] : ['-o', 'IdentitiesOnly=yes', '-i', args.key_file]),
  ]
  return lines(
    sh`export GIT_TERMINAL_PROMPT=0 LC_ALL=C`,
    // git hands the text to a shell, so its words are quoted twice.
    sh`export GIT_SSH_COMMAND=${`${sh`${options}`.text} ${args.ssh_opts ?? ''}`}`,
    args.executable === undefined
      ? sh`command -v git >/dev/null || { echo 'git is not on this host' >&2; exit 127; }`
      : sh`git() { ${args.executable} "$@"; }`,
  )
}

function umask({ umask: mask }: Args): Script | undefined {
  if (mask === undefined || mask === null) return undefined
  return sh`umask ${typeof mask === 'number' ? `0${mask.toString(8)}` : String(mask)}`
}

function gitDir({ dest, bare }: Args): string {
  return bare ? `${dest}/HEAD` : `${dest}/.git`
}

function cloneScript(args: Args, branch: string | undefined): Script {
  const options = [
    '--origin',
    args.remote,
    ...(args.bare ? ['--bare'] : ['--no-checkout']),
    ...(args.depth === undefined ? [] : ['--depth', String(args.depth)]),
    ...(args.single_branch ? ['--single-branch'] : []),
    ...(args.reference === undefined ? [] : ['--reference', args.reference]),
    ...(branch === undefined ? [] : ['--branch', branch]),
  ]
  return sh`
mkdir -p -- "$(dirname -- ${pathWord(args.dest)})" || exit
git clone -q ${options} -- ${address(args)} ${pathWord(args.dest)} || exit
${args.bare ? sh`git -C ${pathWord(args.dest)} remote add ${args.remote} ${address(args)} 2>/dev/null || git -C ${pathWord(args.dest)} config ${`remote.${args.remote}.url`} ${address(args)} || exit` : sh`:`}
${moreRefs(args)}`
}

function fetchScript(args: Args, from: WorkingCopy | undefined): Script {
  const depth = args.depth === undefined ? [] : ['--depth', String(args.depth)]
  const spec = args.bare
    ? '+refs/heads/*:refs/heads/*'
    : args.single_branch && from?.branch !== undefined
      ? `+refs/heads/${from.branch}:refs/remotes/${args.remote}/${from.branch}`
      : `+refs/heads/*:refs/remotes/${args.remote}/*`
  return sh`
cd -- ${pathWord(args.dest)} || exit
git remote set-url ${args.remote} ${address(args)} 2>/dev/null || git remote add ${args.remote} ${address(args)} || exit
git fetch -q --tags --force ${depth} ${args.remote} ${spec} || exit
${moreRefs(args)}`
}

function moreRefs({ dest, remote, refspec }: Args): Script {
  return refspec === undefined ? sh`:` : sh`git -C ${pathWord(dest)} fetch -q --force ${remote} ${refspec} || exit`
}

function checkout(args: Args, from: WorkingCopy | undefined): Script | undefined {
  const { remoteCommit: commit = 'HEAD', branch } = from ?? {}
  if (args.bare) return undefined
  const depth = args.depth === undefined ? [] : ['--depth', String(args.depth)]
  return lines(
    sh`cd -- ${pathWord(args.dest)} || exit`,
    // A shallow clone, or a commit that no branch holds.
    sh`git cat-file -e ${`${commit}^{commit}`} 2>/dev/null || git fetch -q ${depth} ${args.remote} ${commit} || exit`,
    branch === undefined
      ? sh`git checkout -q --force --detach ${commit} -- || exit`
      : sh`
git checkout -q --force -B ${branch} ${commit} -- || exit
git config ${`branch.${branch}.remote`} ${args.remote} && git config ${`branch.${branch}.merge`} ${`refs/heads/${branch}`}
git reset -q --hard ${commit} -- || exit`,
    args.recursive &&
      sh`[ ! -e .gitmodules ] || { git submodule -q sync --recursive && git submodule -q update --init --recursive --force; } || exit`,
  )
}
