import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'

/** Arguments of the module `git`. */
export const gitArgs = {
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

export type GitArgs = ArgsOf<typeof gitArgs>

/** A working copy, and what `version` means at the remote. */
export type WorkingCopy = {
  readonly commit?: string | undefined
  readonly url?: string | undefined
  readonly clean?: boolean
  /** The commit that `version` means at the remote, and the branch, if it is one. */
  readonly remoteCommit?: string | undefined
  readonly branch?: string | undefined
}
