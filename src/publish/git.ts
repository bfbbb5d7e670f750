import { spawn } from 'node:child_process'
import { MlopsError } from '../errors.ts'

/** What git said. */
export interface GitResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface GitOptions {
  /** Where it runs. */
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly signal?: AbortSignal | undefined
}

/** Runs the user's git, with the user's settings and credentials. Throws `git.missing`, and the signal's reason. */
export async function git(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const { folder, env = {}, input = '', signal } = options
  signal?.throwIfAborted()
  const child = spawn('git', args, { cwd: folder, env: { ...environment(), ...env }, stdio: 'pipe', signal })
  // git may end before it has read all: what it says tells why
  child.stdin.on('error', () => {}).end(input)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', chunk => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', chunk => {
    stderr += chunk
  })
  return await new Promise((done, fail) => {
    child.on('error', cause => {
      if (signal?.aborted) fail(signal.reason)
      else
        fail(new MlopsError('git.missing', `git cannot be started: ${cause.message}`, { cause, hint: 'install git' }))
    })
    child.on('close', status => {
      if (signal?.aborted) fail(signal.reason)
      else done({ status: status ?? 128, stdout, stderr })
    })
  })
}

/** What git prints. Throws `git.failed` with what it complains of. */
export async function gitText(args: readonly string[], options: GitOptions): Promise<string> {
  const { status, stdout, stderr } = await git(args, options)
  if (status === 0) return stdout
  throw new MlopsError('git.failed', `git ${args[0]} failed: ${complaint(stderr)}`)
}

/** What git complains of, in one line. */
export function complaint(stderr: string): string {
  const said = stderr
    .split('\n')
    .map(line => line.replace(/^(fatal|error|remote|warning|hint): ?/, '').trim())
    .filter(
      line => line !== '' && !/^Please make sure you have the correct access|^and the repository exists/.test(line),
    )
  return [...new Set(said)].join('; ') || 'it does not say why'
}

/** What a hook's git would lead ours astray with: `git rev-parse --local-env-vars`. */
const ofARepository = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
]

function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' }
  for (const name of ofARepository) delete env[name]
  // nobody is there to be asked
  if (!process.stdin.isTTY) env['GIT_TERMINAL_PROMPT'] ??= '0'
  return env
}
