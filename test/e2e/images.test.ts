import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { findImage } from '../../src/images/registry.ts'
import { folder, mlops, root } from '../rig/mlops.ts'
import { HTPASSWD, PASSWORD, type Registry, startRegistry, USER } from '../rig/registry.ts'

let registry: Registry

beforeAll(async () => {
  registry = await startRegistry()
})

afterAll(async () => {
  await registry?.stop()
})

interface Repository {
  readonly directory: string
  /** Without tag. */
  readonly name: string
  run(...args: string[]): ReturnType<typeof mlops>
  /** Commits everything; gives the short id. */
  commit(): string
}

/** A project in a Git repository, whose image is one file and needs no base. */
function repository({
  host = registry.host,
  env = {},
}: {
  host?: string
  env?: Record<string, string>
} = {}): Repository {
  const name = `${host}/test/p${randomBytes(4).toString('hex')}`
  const directory = folder({
    'mlops.yml': `name: tweets\ntarget: kubernetes\nkubernetes:\n  image: ${name}\n  models: { american: { folder: model } }\nvars: { served_models: [american] }\n`,
    'model/model.json': readFileSync(join(root, 'app/models/american/model.json'), 'utf8'),
    'app/Dockerfile': 'FROM scratch\nARG WHO=nobody\nLABEL who=$WHO\nCOPY file /\n',
    'app/file': 'one',
    '.gitignore': '.mlops/\n',
  })
  onTestFinished(() => {
    const images = execFileSync('docker', ['image', 'ls', '--quiet', name], { encoding: 'utf8' }).split('\n')
    spawnSync('docker', ['image', 'rm', '--force', ...new Set(images.filter(id => id !== ''))])
  })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org', ...args], {
      cwd: directory,
      encoding: 'utf8',
    }).trim()
  git('init', '-q')
  const commit = () => {
    git('add', '.')
    git('commit', '-qm', 'a commit')
    return git('rev-parse', '--short=7', 'HEAD')
  }
  return { directory, name, commit, run: (...args) => mlops(['image', ...args], { cwd: directory, env }) }
}

test('what was built of a commit is what pods run, by its digest', async () => {
  const { directory, name, run, commit } = repository()
  const tag = commit()
  const built = await run('build', '--push', '--build-arg', "WHO=it's me", '--label', 'team=blue')
  expect(built).toMatchObject({ status: 0, stdout: expect.stringContaining(`pushed ${name}:${tag}\n`) })
  const digest = (await findImage(`${name}:${tag}`))?.digest
  expect(built.stdout).toContain(`digest ${digest}\n`)
  const rendered = await mlops(['k8s', 'render'], { cwd: directory })
  expect(rendered.stdout).toContain(`image: ${name}:${tag}@${digest}\n`)
  const shown = JSON.parse((await run('inspect', '--json')).stdout)
  expect(shown.variants[0].labels).toMatchObject({
    ...{ who: "it's me", team: 'blue', 'org.opencontainers.image.version': tag },
    'org.opencontainers.image.revision': expect.stringMatching(new RegExp(`^${tag}[0-9a-f]{33}$`)),
  })
  expect((await run('list')).stdout).toBe(`${name}:${tag}  (built here last)\n`)
})

test('what the registry has is neither built nor pushed again', async () => {
  const { name, run, commit } = repository()
  const tag = commit()
  await run('build', '--push')
  const again = await run('build', '--push', '--json')
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'unchanged', reference: `${name}:${tag}` })
  const pushed = await run('push')
  expect(pushed.stdout).toContain(`${name}:${tag} is in the registry already, the same image\n`)
})

test('a tag that names another image is moved only when asked to', async () => {
  const { directory, name, run, commit } = repository()
  commit()
  await run('build', '--push', '--tag', '0.1')
  const first = await findImage(`${name}:0.1`)
  writeFileSync(join(directory, 'app/file'), 'two')
  commit()
  const refused = await run('build', '--push', '--tag', '0.1')
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain(`error: ${name}:0.1 is another image in the registry: ${first?.digest}`)
  expect(await findImage(`${name}:0.1`)).toEqual(first)
  const forced = await run('push', '--tag', '0.1', '--force')
  expect(forced).toMatchObject({ status: 0, stdout: expect.stringContaining(`pushed ${name}:0.1\n`) })
  expect(await findImage(`${name}:0.1`)).not.toEqual(first)
})

test('what is in no commit is built with a tag that says so', async () => {
  const { directory, name, run, commit } = repository()
  const tag = commit()
  writeFileSync(join(directory, 'app/file'), 'changed')
  const built = await run('build')
  expect(built.stdout).toContain(`built ${name}:${tag}-dirty (`)
  expect(built.stderr).toContain('[WARNING]: what is in this image is in no commit')
  const rendered = await mlops(['k8s', 'render'], { cwd: directory })
  expect(rendered.stderr).toContain(`${name}:${tag}-dirty was built, but nobody can pull it`)
})

test('a registry with a login is pushed to with the one of docker login, and never without', async () => {
  const closed = await startRegistry({ htpasswd: HTPASSWD, tls: true })
  onTestFinished(() => closed.stop())
  const config = folder({
    'config.json': JSON.stringify({
      auths: { [closed.host]: { auth: Buffer.from(`${USER}:${PASSWORD}`).toString('base64') } },
    }),
  })
  const strange = repository({ host: closed.host, env: { DOCKER_CONFIG: folder({}), HOME: folder({}) } })
  strange.commit()
  const refused = await strange.run('build', '--push')
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain(`hint: docker login ${closed.host}`)
  const known = repository({ host: closed.host, env: { DOCKER_CONFIG: config } })
  known.commit()
  const pushed = await known.run('build', '--push')
  expect(pushed).toMatchObject({ status: 0, stdout: expect.stringContaining(`pushed ${known.name}:`) })
  expect(pushed.stdout + pushed.stderr).not.toContain(PASSWORD)
})

test('a push that is interrupted leaves no tag behind, and is taken up again', async () => {
  const { directory, name, run, commit } = repository()
  writeFileSync(join(directory, 'app/file'), randomBytes(60_000_000))
  const tag = commit()
  await run('build')
  const interrupted = await mlops(['image', 'push'], {
    cwd: directory,
    onStart: child => {
      child.stderr?.on('data', text => {
        if (/Preparing/.test(text)) child.kill('SIGINT')
      })
    },
  })
  expect(interrupted.status).toBe(99)
  expect(await findImage(`${name}:${tag}`)).toBeUndefined()
  expect(await run('push')).toMatchObject({ status: 0, stdout: expect.stringContaining(`pushed ${name}:${tag}\n`) })
  expect(await findImage(`${name}:${tag}`)).toBeDefined()
})

test('without docker, without its engine, and with a Dockerfile that fails, it says what is missing', async () => {
  const { directory, name, run, commit } = repository({ env: { DOCKER_CONFIG: folder({}) } })
  commit()
  const programs = folder({})
  symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), join(programs, 'git'))
  const without = await mlops(['image', 'build'], { cwd: directory, env: { PATH: programs } })
  expect(without).toMatchObject({ status: 1, stderr: expect.stringContaining('error: docker is not installed\n') })
  const nobody = { DOCKER_HOST: `unix://${programs}/nobody.sock` }
  const silent = await mlops(['image', 'build'], { cwd: directory, env: nobody })
  expect(silent).toMatchObject({ status: 1, stderr: expect.stringContaining('the Docker Engine does not answer') })
  writeFileSync(join(directory, 'app/Dockerfile'), 'FROM scratch\nCOPY nothing /\n')
  const failed = await run('build')
  expect(failed).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/error: \S+ could not be built: .*nothing/s),
  })
  expect(failed.stderr).toContain(name)
})

test('the image of the application is small, needs no root, and answers', async () => {
  const directory = folder({ 'mlops.yml': `name: tweets\ntarget: kubernetes\nvars: { app_source: ${root}/app }\n` })
  const name = `mlops-test-${randomBytes(4).toString('hex')}`
  onTestFinished(() => {
    spawnSync('docker', ['rm', '--force', name])
    spawnSync('docker', ['image', 'rm', '--force', `${name}:1`])
  })
  const built = await mlops(['image', 'build', '--image', name, '--tag', '1', '--json'], { cwd: directory })
  expect(built, built.stderr).toMatchObject({ status: 0 })
  expect(JSON.parse(built.stdout).sizeBytes).toBeLessThan(200_000_000)
  const locked = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
  const models = ['--volume', `${root}/app/models:/models:ro`]
  execFileSync('docker', ['run', '--detach', '--name', name, ...locked, ...models, `${name}:1`])
  const health = () =>
    execFileSync('docker', ['inspect', '--format', '{{.State.Health.Status}}', name], { encoding: 'utf8' }).trim()
  await expect.poll(health, { timeout: 120_000, interval: 500 }).toBe('healthy')
  const user = execFileSync('docker', ['exec', name, 'id', '-un'], { encoding: 'utf8' })
  expect(user.trim()).toBe('node')
})
