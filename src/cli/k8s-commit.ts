import { MlopsError } from '../errors.ts'
import { findImage } from '../images/registry.ts'
import { type PublishSettings, repositoryFrom } from '../project/kubernetes.ts'
import type { Project } from '../project/project.ts'
import { appendJournal } from '../project/state.ts'
import { type Edit, type Outcome, publish } from '../publish/publish.ts'
import { wantsColor } from '../report/paint.ts'
import { clean } from '../report/text.ts'
import { interruptSignal } from './interrupt.ts'

/** Flags of commands that commit to the repository of the manifests. */
export interface CommitFlags {
  readonly project?: string
  readonly repo?: string
  readonly branch?: string
  readonly path?: string
  readonly message?: string
  readonly push?: boolean
  readonly check?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Where the manifests of a project are committed to. Throws `publish.nowhere`. */
export function publishSettings({ kubernetes, file }: Project, flags: CommitFlags): PublishSettings {
  const { publish } = kubernetes
  const repository = flags.repo === undefined ? publish?.repository : repositoryFrom(flags.repo, process.cwd())
  if (repository === undefined) {
    throw new MlopsError('publish.nowhere', `${file} does not say which repository gets the manifests`, {
      hint: 'kubernetes: { publish: { repository: git@git.example.org:team/specs.git } }, or --repo',
    })
  }
  const path = flags.path?.replace(/^\.\//, '').replace(/\/+$/, '') || publish?.path || '.'
  if (path.startsWith('/') || path.split('/').some(part => part === '..' || part === '.git')) {
    throw new MlopsError('publish.path', `--path ${path} is no folder of a repository`, { hint: 'such as deploy' })
  }
  return { repository, branch: flags.branch ?? publish?.branch, path, format: publish?.format ?? 'manifests' }
}

/** The digest of an image, which has to be there before pods are told to run it; undefined: nobody was asked. Throws `publish.image`. */
export async function requireImage(image: string, { check, json }: CommitFlags): Promise<string | undefined> {
  if (check === false) return undefined
  const found = await findImage(image)
  if (found === undefined) {
    throw new MlopsError('publish.image', `there is no image ${image}: nothing was committed`, {
      hint: 'mlops image build --push makes it; --no-check where the registry cannot be asked from here',
    })
  }
  if (!json) process.stderr.write(`${image} is there: ${found.digest}\n`)
  return found.digest
}

/** Commits an edit, shows what became of it, and writes it into the journal; gives the exit status. `more` are further keys of the JSON. */
export async function commit(
  project: Project,
  { repository, branch, path }: PublishSettings,
  edit: Edit,
  flags: CommitFlags & {
    readonly command: string
    readonly history?: boolean
    readonly more?: Readonly<Record<string, unknown>>
    /** Whoever calls shows what became of it. */
    readonly quiet?: boolean
  },
): Promise<0 | 99> {
  const start = Date.now()
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: git is ended\n'))
  const until = flags.dryRun ? 'diff' : flags.push === false ? 'commit' : 'push'
  try {
    const outcome = await publish({ repository, branch }, edit, {
      path,
      home: project.directory,
      until,
      history: flags.history === true,
      color: wantsColor(process.env, process.stdout.isTTY === true) && !flags.json,
      signal: interrupt.signal,
      onMoved: () => process.stderr.write('somebody else pushed meanwhile: again, on top of it\n'),
    })
    if (!flags.quiet) show(outcome, path, until, flags)
    if (outcome.pushed) {
      const { commit, repository } = outcome
      const ms = Date.now() - start
      appendJournal(project, {
        at: start,
        command: flags.command,
        ms,
        exitStatus: 0,
        repository,
        commit,
        ...flags.more,
      })
    }
    return 0
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    process.stderr.write('interrupted: nothing was committed\n')
    return 99
  } finally {
    interrupt.done()
  }
}

function show(
  outcome: Outcome,
  path: string,
  until: 'push' | 'commit' | 'diff',
  { json, more = {} }: CommitFlags & { readonly more?: Readonly<Record<string, unknown>> },
): void {
  const { repository, branch, commit, changes, pushed, text } = outcome
  if (json) {
    const id = until === 'diff' && changes.length > 0 ? undefined : commit
    process.stdout.write(
      `${JSON.stringify({ repository, branch, path, ...more, commit: id, changes, pushed, ...(text === '' ? {} : { text }) }, null, 2)}\n`,
    )
    return
  }
  if (changes.length === 0) {
    process.stdout.write(`Nothing to do: ${branch} of ${repository} has it already${at(commit)}\n`)
    return
  }
  if (until === 'push') {
    for (const { what, file } of changes) process.stdout.write(`${clean(file)} ${what}\n`)
    process.stdout.write(`${commit} is on ${branch} of ${repository}\n`)
    return
  }
  // a patch is for another program; a diff for people
  process.stdout.write(text)
  process.stderr.write(
    until === 'commit'
      ? `Nothing was pushed: git am takes the patch\n`
      : `Nothing was committed: this would go to ${branch} of ${repository}\n`,
  )
}

function at(commit: string | undefined): string {
  return commit === undefined ? '' : ` (${commit.slice(0, 12)})`
}
