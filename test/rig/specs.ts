import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { folder, mlops, type Ran, type RunOptions } from './mlops.ts'

/** A bare repository that manifests are published to, and a project that does so. */
export interface Specs {
  /** The folder of the project. */
  readonly cwd: string
  /** The repository. */
  readonly repository: string
  readonly env: Readonly<Record<string, string>>
  /** Runs the program in the project. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Runs git in the repository. */
  git(...args: string[]): string
  /** The files of the tip, or below a folder of it. */
  files(path?: string): readonly string[]
  text(file: string): string
  /** Commits files as somebody else, from a checkout of their own. */
  commit(files: Readonly<Record<string, string>>): void
  /** Puts a script in as a hook of the repository. */
  hook(name: string, script: string): void
}

/** `mlops.yml` of the tweet API that publishes to `specs.git` beside it; `more` are further keys of `kubernetes.publish`. */
export function publishing(image: string, more = ''): string {
  return `name: tweets
target: kubernetes
kubernetes:
  image: ${image}
  models: { american: { folder: model } }
  publish: { repository: ../specs.git${more} }
vars: { served_models: [american] }
`
}

const someone = '[user]\n\tname = A Student\n\temail = student@example.org\n'

/** Makes both. `gitconfig` is the user's own. */
export function specs(projectFile: string, { gitconfig = someone }: { readonly gitconfig?: string } = {}): Specs {
  const top = folder({
    'project/mlops.yml': projectFile,
    'project/model/model.json': '{}',
    'project/model/training-rows.txt': 'rows',
    gitconfig,
    nobody: someone.replace('A Student', 'Somebody Else'),
  })
  const cwd = join(top, 'project')
  const repository = join(top, 'specs.git')
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository])
  const env = { GIT_CONFIG_GLOBAL: join(top, 'gitconfig'), GIT_CONFIG_NOSYSTEM: '1', TMPDIR: join(top, 'tmp') }
  mkdirSync(env.TMPDIR)
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    cwd,
    repository,
    env,
    run: (args, options) => mlops(args, { cwd, ...options, env: { ...env, ...options?.env } }),
    git,
    files: path =>
      git('ls-tree', '-r', '--name-only', 'main', ...(path === undefined ? [] : ['--', path]))
        .split('\n')
        .slice(0, -1),
    text: file => git('show', `main:${file}`),
    commit(files) {
      const checkout = folder({})
      const own = { ...process.env, GIT_CONFIG_GLOBAL: join(top, 'nobody') }
      const at = (...args: string[]) => execFileSync('git', ['-C', checkout, ...args], { env: own, stdio: 'pipe' })
      at('clone', '--quiet', repository, '.')
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(checkout, name)), { recursive: true })
        writeFileSync(join(checkout, name), text)
      }
      at('add', '--all')
      at('commit', '--quiet', '--message', 'by somebody else')
      at('push', '--quiet', 'origin', 'HEAD')
    },
    hook(name, script) {
      const file = join(repository, 'hooks', name)
      writeFileSync(file, `#!/bin/sh\n${script}\n`)
      chmodSync(file, 0o755)
    },
  }
}
