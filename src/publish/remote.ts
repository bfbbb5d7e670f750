import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GitOptions, git, gitText } from './git.ts'
import { noBranch, refused, unreadable, withoutPassword, withPassword } from './trouble.ts'

/** Where to commit. */
export interface Destination {
  /** A URL as git takes it, or an absolute path. */
  readonly repository: string
  /** Undefined: the one that the repository's HEAD names. */
  readonly branch: string | undefined
}

/** A repository of our own for a moment, without a checkout, that speaks with the one to commit to. */
export interface Remote {
  readonly folder: string
  /** For people: without a password. */
  readonly repository: string
  readonly branch: string
  /** Brings the branch here, with its history or only its tip; undefined: the repository is empty. */
  fetch(options: { readonly history: boolean }): Promise<string | undefined>
  /** `moved`: somebody else was faster. Throws `publish.refused`. */
  push(commit: string): Promise<'pushed' | 'moved'>
  /** Whether the commit is the tip there. */
  has(commit: string): Promise<boolean>
}

/** Works with such a repository, which is gone afterwards. Throws `publish.repository`, `publish.branch`. */
export async function withRemote<T>(
  destination: Destination,
  signal: AbortSignal | undefined,
  work: (remote: Remote) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-publish-'))
  try {
    return await work(await open(destination, folder, signal))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function open(
  { repository, branch: wanted }: Destination,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Remote> {
  const options: GitOptions = { folder, signal }
  await gitText(['init', '--quiet', '--bare', '.'], options)
  await settle(repository, options)
  const listed = await git(['ls-remote', '--symref', 'origin', 'HEAD', 'refs/heads/*'], options)
  if (listed.status !== 0) throw unreadable(repository, listed.stderr)
  const branches = [...listed.stdout.matchAll(/^[0-9a-f]+\trefs\/heads\/(.+)$/gm)].map(([, name = '']) => name)
  const head = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(listed.stdout)?.[1]
  const branch = wanted ?? head ?? (branches.length === 0 ? await initialBranch(repository, options) : undefined)
  if (branch === undefined || (branches.length > 0 && !branches.includes(branch)))
    throw noBranch(repository, branch, branches)
  const ref = `refs/heads/${branch}`
  return {
    folder,
    repository: withoutPassword(repository),
    branch,
    async fetch({ history }) {
      if (branches.length === 0) return undefined
      const depth = history ? [] : ['--depth=1']
      const { status, stderr } = await git(
        ['fetch', '--quiet', '--no-tags', ...depth, 'origin', `+${ref}:refs/tip`],
        options,
      )
      if (status !== 0) throw unreadable(repository, stderr)
      return (await gitText(['rev-parse', 'refs/tip'], options)).trim()
    },
    async push(commit) {
      const { status, stdout, stderr } = await git(['push', '--porcelain', 'origin', `${commit}:${ref}`], options)
      if (status === 0) return 'pushed'
      if (/\[rejected\]|cannot lock ref|failed to update ref|incorrect old value/.test(stdout)) {
        if (branches.length === 0) branches.push(branch)
        return 'moved'
      }
      throw refused(repository, { stdout, stderr })
    },
    async has(commit) {
      const { stdout } = await git(['ls-remote', 'origin', ref], { folder })
      return stdout.startsWith(`${commit}\t`)
    },
  }
}

/** A password of the URL is put where git looks for passwords: never on a command line. */
async function settle(repository: string, options: GitOptions): Promise<void> {
  await gitText(['remote', 'add', '--', 'origin', withoutPassword(repository)], options)
  const account = withPassword.exec(repository)
  if (account === null) return
  const file = join(options.folder, 'account')
  const [host = ''] = repository.slice(account[0].length).split('/')
  writeFileSync(file, `${account[0]}${host}\n`, { mode: 0o600 })
  await gitText(['config', 'credential.helper', `store --file='${file}'`], options)
}

/** What HEAD of an empty repository names: only a clone is told. */
async function initialBranch(repository: string, options: GitOptions): Promise<string> {
  const helper = (await git(['config', '--local', 'credential.helper'], options)).stdout.trim()
  const settings = helper === '' ? [] : ['-c', `credential.helper=${helper}`]
  await gitText([...settings, 'clone', '--quiet', '--bare', '--', withoutPassword(repository), 'empty'], options)
  const head = await gitText(['symbolic-ref', '--short', 'HEAD'], { ...options, folder: join(options.folder, 'empty') })
  return head.trim()
}
