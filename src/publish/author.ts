import { MlopsError } from '../errors.ts'
import { complaint, git } from './git.ts'

/** Who commits, as variables of git's environment: what the user's git says in that folder. Throws `publish.author`. */
export async function authorIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const who of ['AUTHOR', 'COMMITTER']) {
    // never a guess from the names of user and machine
    const { status, stdout, stderr } = await git(['-c', 'user.useConfigOnly=true', 'var', `GIT_${who}_IDENT`], {
      folder,
    })
    const [, name, email] = /^(.+) <(.*)> \d+ [+-]\d+$/.exec(stdout.trim()) ?? []
    if (status !== 0 || name === undefined || email === undefined) {
      const why = /useConfigOnly|tell me who you are|no email was given|no name was given/i.test(stderr)
      throw new MlopsError('publish.author', `git does not know who commits${why ? '' : `: ${complaint(stderr)}`}`, {
        hint: 'git config --global user.name "Your Name", and user.email you@example.org',
      })
    }
    found[`GIT_${who}_NAME`] = name
    found[`GIT_${who}_EMAIL`] = email
  }
  return found
}
