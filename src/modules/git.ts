import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure } from './module.ts'
import { type GitArgs, gitArgs, type WorkingCopy } from './parts/git-args.ts'
import { address, checkout, cloneScript, fetchScript, gitDir, prelude, umask } from './parts/git-commands.ts'

export const git = defineState({
  summary: 'Clones a repository, or brings a working copy to a version.',
  args: gitArgs,
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
    const remote = resolve(args, parts.get('remote') ?? '')
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

/** What `version` means in the answer of `git ls-remote --symref`. */
function resolve({ version, remote }: GitArgs, text: string): { remoteCommit?: string; branch?: string } {
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
  const remoteBranch = version.startsWith(`${remote}/`)
    ? refs.get(`refs/heads/${version.slice(remote.length + 1)}`)
    : undefined
  const tag = version.replace(/^refs\/tags\//, '')
  const commit = refs.get(`refs/tags/${tag}^{}`) ?? refs.get(`refs/tags/${tag}`) ?? refs.get(version) ?? remoteBranch
  if (commit !== undefined) return { remoteCommit: commit }
  return /^[0-9a-f]{7,40}$/.test(version) ? { remoteCommit: version } : {}
}
