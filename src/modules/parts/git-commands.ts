import { lines, type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'
import type { GitArgs, WorkingCopy } from './git-args.ts'

/** A path is written as Ansible writes it, so that both tools agree on a working copy; git takes `depth` of such an address only. */
export function address({ repo }: GitArgs): string {
  return repo.startsWith('/') ? `file://${repo}` : repo
}

/** Nothing is asked on a terminal; ssh gets its options by the environment. */
export function prelude(args: GitArgs): Script {
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

export function umask({ umask: mask }: GitArgs): Script | undefined {
  if (mask === undefined || mask === null) return undefined
  return sh`umask ${typeof mask === 'number' ? `0${mask.toString(8)}` : String(mask)}`
}

/** What is there only when the working copy is. */
export function gitDir({ dest, bare }: GitArgs): string {
  return bare ? `${dest}/HEAD` : `${dest}/.git`
}

/** Clones it, without files in it yet. */
export function cloneScript(args: GitArgs, branch: string | undefined): Script {
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

/** Brings the history of a working copy up to date. */
export function fetchScript(args: GitArgs, from: WorkingCopy | undefined): Script {
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

/** Brings the files to the commit that `version` means. */
export function checkout(args: GitArgs, from: WorkingCopy | undefined): Script | undefined {
  const { remoteCommit: commit = 'HEAD', branch } = from ?? {}
  if (args.bare) return undefined
  const depth = args.depth === undefined ? [] : ['--depth', String(args.depth)]
  return lines(
    sh`cd -- ${pathWord(args.dest)} || exit`,
    // A shallow clone, or a commit that no branch holds.
    sh`git cat-file -e ${`${commit}^{commit}`} 2>/dev/null || git fetch -q ${depth} ${args.remote} ${commit} || exit`,
    // A branch that is new here takes the place of no file that git does not know.
    branch === undefined
      ? sh`git checkout -q --force --detach ${commit} -- || exit`
      : sh`
force=--force
${from?.clean === undefined || args.force ? sh`:` : sh`git show-ref --verify -q ${`refs/heads/${branch}`} || force=`}
git checkout -q $force -B ${branch} ${commit} -- || exit
git config ${`branch.${branch}.remote`} ${args.remote} && git config ${`branch.${branch}.merge`} ${`refs/heads/${branch}`}
git reset -q --hard ${commit} -- || exit`,
    args.recursive &&
      sh`[ ! -e .gitmodules ] || { git submodule -q sync --recursive && git submodule -q update --init --recursive --force; } || exit`,
  )
}

function moreRefs({ dest, remote, refspec }: GitArgs): Script {
  return refspec === undefined ? sh`:` : sh`git -C ${pathWord(dest)} fetch -q --force ${remote} ${refspec} || exit`
}
