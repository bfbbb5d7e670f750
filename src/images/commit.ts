import { MlopsError } from '../errors.ts'
import { git } from '../publish/git.ts'

/** What the repository of a project says of what is in its folder. */
export interface Commit {
  readonly id: string
  /** Seven digits, or as many as name one commit alone. */
  readonly shortId: string
  /** ISO 8601. */
  readonly date: string
  /** Whether something in the folder is not in the commit. */
  readonly dirty: boolean
  /** Where the repository comes from, without any login; undefined: from nowhere. */
  readonly source: string | undefined
  /** The folder of the whole repository. */
  readonly top: string
}

/** The commit that a folder is at; undefined: it is in no Git repository. Throws `image.commit`. */
export async function commitOf(folder: string): Promise<Commit | undefined> {
  const ask = async (...args: string[]) => {
    const { status, stdout, stderr } = await git(args, { folder })
    return status === 0 ? stdout.trim() : { complaint: stderr.trim().split('\n').at(-1) ?? '' }
  }
  const top = await ask('rev-parse', '--show-toplevel')
  if (typeof top !== 'string') {
    if (top.complaint.includes('not a git repository')) return undefined
    throw new MlopsError('image.commit', `git does not read the repository of ${folder}: ${top.complaint}`)
  }
  const head = await ask('log', '-1', '--abbrev=7', '--format=%H %h %cI')
  if (typeof head !== 'string') {
    throw new MlopsError('image.commit', `the repository of ${folder} has no commit yet`, {
      hint: 'commit first: the tag of an image is the commit that it is made of; or give one: --tag TAG',
    })
  }
  const [id = '', shortId = '', date = ''] = head.split(' ')
  const changes = await ask('status', '--porcelain', '--', '.', ':(exclude).mlops')
  const origin = await ask('config', '--get', 'remote.origin.url')
  return {
    ...{ id, shortId, date, dirty: changes !== '' },
    source: typeof origin === 'string' ? withoutLogin(origin) : undefined,
    top,
  }
}

/** An address without the name and the password that it may hold: labels of images are read by everybody. */
function withoutLogin(address: string): string {
  return address.replace(/^(\w[\w+.-]*:\/\/)[^/@]*@/, '$1')
}
