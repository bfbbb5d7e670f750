import { setTimeout as sleep } from 'node:timers/promises'
import { MlopsError } from '../errors.ts'
import { authorIn } from './author.ts'
import { commitFolder, type Files, readFolder } from './folder.ts'
import { type GitOptions, gitText } from './git.ts'
import { type Destination, type Remote, withRemote } from './remote.ts'

/** What is in force, and what was before. */
export interface Published {
  /** The tip of the branch; undefined: the repository is empty. */
  readonly commit: string | undefined
  /** Our files in it. */
  readonly files: Files
  /** The same of earlier commits that changed the folder, the newest first. */
  earlier(): AsyncGenerator<{ readonly commit: string; readonly files: Files }>
}

/** What shall be in force, made from what is. */
export type Edit = (now: Published) => Promise<{ readonly files: Files; readonly message: string }>

export interface PublishOptions {
  /** A folder of the repository; `.` is its top. */
  readonly path: string
  /** Where the user works: the settings of git there say who commits. */
  readonly home: string
  /** `commit` leaves the commit out of the repository and gives it as a patch, `diff` makes none that stays. */
  readonly until: 'push' | 'commit' | 'diff'
  /** Whether the edit reads what was before. */
  readonly history?: boolean
  readonly color?: boolean
  readonly signal?: AbortSignal
  /** Called before each further attempt. */
  readonly onMoved?: () => void
}

/** What became of it. */
export interface Outcome {
  readonly repository: string
  readonly branch: string
  /** The new commit, or the tip when nothing differs. */
  readonly commit: string | undefined
  /** Paths in the repository; empty: nothing differs. */
  readonly changes: readonly { readonly what: 'added' | 'changed' | 'removed'; readonly file: string }[]
  readonly pushed: boolean
  /** What differs, as a unified diff, or as a patch that `git am` takes. */
  readonly text: string
}

/** How often somebody else may be faster. */
const attempts = 10

/** Commits an edit of a folder to a branch, on top of whatever is there at that moment. Throws `publish.*`. */
export async function publish(destination: Destination, edit: Edit, options: PublishOptions): Promise<Outcome> {
  const { until, home, signal } = options
  const author = until === 'diff' ? anybody : await authorIn(home)
  return await withRemote(destination, signal, async remote => {
    for (let attempt = 1; ; attempt++) {
      const made = await make(remote, edit, { folder: remote.folder, env: author, signal }, options)
      if (made.changes.length === 0 || until !== 'push') return made
      if ((await push(remote, made.commit ?? '', signal)) === 'pushed') return { ...made, pushed: true }
      if (attempt === attempts) {
        throw new MlopsError(
          'publish.moved',
          `${remote.branch} of ${remote.repository} moved ${attempts} times meanwhile`,
          {
            hint: 'somebody else pushes without pause: try again later',
          },
        )
      }
      options.onMoved?.()
      await sleep(Math.random() * 200 * attempt, undefined, { signal })
    }
  })
}

/** For a commit that nobody will see. */
const anybody = {
  GIT_AUTHOR_NAME: 'nobody',
  GIT_AUTHOR_EMAIL: 'nobody',
  GIT_COMMITTER_NAME: 'nobody',
  GIT_COMMITTER_EMAIL: 'nobody',
}

async function make(
  remote: Remote,
  edit: Edit,
  git: GitOptions,
  { path, until, history = false, color = false }: PublishOptions,
): Promise<Outcome> {
  const { repository, branch } = remote
  const tip = await remote.fetch({ history })
  const before = await readFolder(tip, path, git)
  const earlier = () => earlierOf(tip, path, git)
  const { files, message } = await edit({ commit: tip, files: before.ours, earlier })
  const commit = await commitFolder(tip, path, { before, files, message }, git)
  if (commit === undefined) return { repository, branch, commit: tip, changes: [], pushed: false, text: '' }
  const changes = await changesOf(tip, commit, git)
  const text = await textOf(tip, commit, { until, color }, git)
  return { repository, branch, commit, changes, pushed: false, text }
}

/** An interrupted push may have arrived. */
async function push(remote: Remote, commit: string, signal: AbortSignal | undefined): Promise<'pushed' | 'moved'> {
  try {
    return await remote.push(commit)
  } catch (error) {
    if (signal?.aborted && (await remote.has(commit).catch(() => false))) return 'pushed'
    throw error
  }
}

async function* earlierOf(tip: string | undefined, path: string, git: GitOptions) {
  if (tip === undefined) return
  const commits = await gitText(['log', '--first-parent', '--format=%H', tip, '--', path], git)
  for (const commit of commits.split('\n').filter(Boolean))
    yield { commit, files: (await readFolder(commit, path, git)).ours }
}

const words = { A: 'added', M: 'changed', D: 'removed' } as const

async function changesOf(tip: string | undefined, commit: string, git: GitOptions): Promise<Outcome['changes']> {
  const against = tip === undefined ? ['--root', commit] : [tip, commit]
  const listed = await gitText(
    ['diff-tree', '-r', '-z', '--no-renames', '--no-commit-id', '--name-status', ...against],
    git,
  )
  return [...listed.matchAll(/([AMD])\0([^\0]+)\0/g)].map(([, letter, file = '']) => ({
    what: words[letter === 'A' || letter === 'D' ? letter : 'M'],
    file,
  }))
}

async function textOf(
  tip: string | undefined,
  commit: string,
  { until, color }: { until: PublishOptions['until']; color: boolean },
  git: GitOptions,
): Promise<string> {
  if (until === 'push') return ''
  if (until === 'commit')
    return await gitText(['format-patch', '--stdout', '--root', '--no-signature', '-1', commit], git)
  const paint = color ? '--color=always' : '--color=never'
  const against = tip === undefined ? ['--root', commit] : [tip, commit]
  return await gitText(['diff-tree', '-p', '-r', '--no-renames', '--no-commit-id', paint, ...against], git)
}
