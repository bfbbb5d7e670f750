import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { complaint } from './git.ts'

/** A repository's address without its password. */
export function withoutPassword(repository: string): string {
  return repository.replace(withPassword, '$1')
}

/** Scheme, and name with password, of a URL that has them. */
export const withPassword = /^(https?:\/\/)([^/@]*:[^/@]*)@/i

/** Why a repository was not read (`publish.repository`, or a `ConnectionError`). */
export function unreadable(repository: string, stderr: string): MlopsError | ConnectionError {
  const shown = withoutPassword(repository)
  const said = hidden(complaint(stderr), repository)
  if (
    /Could not resolve|Connection (refused|timed out|reset|closed)|No route to host|Failed to connect|unreachable/.test(
      stderr,
    )
  )
    return new ConnectionError('unreachable', `${shown} cannot be reached: ${said}`)
  return new MlopsError('publish.repository', `${shown} cannot be read: ${said}`, { hint: hintOf(stderr) })
}

/** Why a repository did not take a commit (`publish.refused`): `stdout` is what `git push --porcelain` says. */
export function refused(repository: string, { stdout, stderr }: { stdout: string; stderr: string }): MlopsError {
  const reason = /^!\t.*\[remote rejected\] \((.*)\)$/m.exec(stdout)?.[1]
  const said = hidden(complaint(stderr.replace(/^(To .*|error: failed to push some refs to .*)$/gm, '')), repository)
  const hint = reason?.includes('checked out')
    ? 'that is a checkout: name the repository that it was cloned from'
    : hintOf(stderr)
  const why = reason === undefined ? said : reason.includes('checked out') ? reason : `${reason}; ${said}`
  return new MlopsError('publish.refused', `${withoutPassword(repository)} did not take the commit: ${why}`, { hint })
}

/** That a branch is not there, or that nobody says which one is meant (`publish.branch`). */
export function noBranch(repository: string, branch: string | undefined, branches: readonly string[]): MlopsError {
  const shown = withoutPassword(repository)
  const known = `its branches are ${branches.slice(0, 10).join(', ')}${branches.length > 10 ? ', …' : ''}`
  if (branch === undefined) {
    const hint = `--branch, or kubernetes: { publish: { branch: NAME } }; ${known}`
    return new MlopsError('publish.branch', `${shown} does not say which branch is meant`, { hint })
  }
  const hint = didYouMean(branch, branches) ?? known
  return new MlopsError('publish.branch', `${shown} has no branch ${branch}`, { hint })
}

function hidden(text: string, repository: string): string {
  const account = withPassword.exec(repository)?.[2]
  return account === undefined ? text : text.replaceAll(`${account}@`, '').replaceAll(account, '(hidden)')
}

/** What people can do about what git complains of. */
function hintOf(stderr: string): string | undefined {
  if (/Host key verification failed/.test(stderr))
    return 'log in once with ssh, and compare the fingerprint that it shows'
  if (/Permission denied \(/.test(stderr)) return 'it does not know your ssh key: ssh-add -l shows those of the agent'
  if (/could not read (Username|Password)|Authentication failed|terminal prompts disabled/.test(stderr))
    return 'git has no password for it: git ls-remote asks for one, and a credential helper keeps it'
  if (/does not appear to be a git repository|[Rr]epository.*not found|does not exist/.test(stderr))
    return 'check the address; git init --bare makes a repository'
  if (/dubious ownership/.test(stderr)) return 'it belongs to somebody else: git config --global --add safe.directory'
  return undefined
}
